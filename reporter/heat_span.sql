-- From the first send to the last receive of all messages with a known transit.
SELECT min(first_ns), max(last_ns) FROM edges WHERE transit_sum_ns IS NOT NULL;
