-- The public views of a bench file, see docs/bench-file.md.
--
-- Each measure of a case is the median over its rounds, with the smallest and the largest beside
-- it. What lies outside of another's smallest to largest is `clear`; what does not may be noise.
-- With a single round nobody knows: then `clear` is NULL.

CREATE VIEW rounds AS
SELECT c.case_id, m.name AS mechanism, c.pattern, c.wait, c.cpus, r.size, r.traced, r.round,
	r.started_ns, r.messages, r.bytes, r.elapsed_ns,
	r.rtt_p50_ns, r.rtt_p90_ns, r.rtt_p99_ns, r.rtt_max_ns,
	r.one_way_p50_ns, r.one_way_p90_ns, r.one_way_p99_ns, r.one_way_max_ns,
	1e9 * r.messages / nullif(r.elapsed_ns, 0) AS messages_per_s,
	1e9 * nullif(r.bytes, 0) / nullif(r.elapsed_ns, 0) AS bytes_per_s,
	r.rtt_hist, r.one_way_hist
FROM run r
	JOIN bench_case c ON c.case_id = r.case_id
	JOIN mechanism m ON m.mechanism_id = c.mechanism_id;

-- The measures of each round below each other, so that one query makes medians of all.
CREATE VIEW measures AS
SELECT case_id, traced, 'rtt_p50_ns' AS measure, rtt_p50_ns AS value FROM rounds
UNION ALL SELECT case_id, traced, 'rtt_p90_ns', rtt_p90_ns FROM rounds
UNION ALL SELECT case_id, traced, 'rtt_p99_ns', rtt_p99_ns FROM rounds
UNION ALL SELECT case_id, traced, 'one_way_p50_ns', one_way_p50_ns FROM rounds
UNION ALL SELECT case_id, traced, 'one_way_p99_ns', one_way_p99_ns FROM rounds
UNION ALL SELECT case_id, traced, 'messages_per_s', messages_per_s FROM rounds
UNION ALL SELECT case_id, traced, 'bytes_per_s', bytes_per_s FROM rounds;

-- Of an even number the median is the mean of the two in the middle.
CREATE VIEW medians AS
SELECT case_id, traced, measure, count(*) AS rounds, min(value) AS least, max(value) AS most,
	avg(CASE WHEN place IN ((of + 1) / 2, (of + 2) / 2) THEN value END) AS median
FROM (
	SELECT case_id, traced, measure, value,
		row_number() OVER (PARTITION BY case_id, traced, measure ORDER BY value) AS place,
		count(*) OVER (PARTITION BY case_id, traced, measure) AS of
	FROM measures
	WHERE value IS NOT NULL
)
GROUP BY case_id, traced, measure;

CREATE VIEW results AS
SELECT c.case_id, m.name AS mechanism, c.pattern, c.wait, c.cpus, d.traced,
	(SELECT max(r.size) FROM run r WHERE r.case_id = c.case_id) AS size,
	c.messages, max(d.rounds) AS rounds,
	max(CASE d.measure WHEN 'rtt_p50_ns' THEN d.median END) AS rtt_p50_ns,
	max(CASE d.measure WHEN 'rtt_p50_ns' THEN d.least END) AS rtt_p50_min_ns,
	max(CASE d.measure WHEN 'rtt_p50_ns' THEN d.most END) AS rtt_p50_max_ns,
	max(CASE d.measure WHEN 'rtt_p90_ns' THEN d.median END) AS rtt_p90_ns,
	max(CASE d.measure WHEN 'rtt_p99_ns' THEN d.median END) AS rtt_p99_ns,
	max(CASE d.measure WHEN 'rtt_p99_ns' THEN d.least END) AS rtt_p99_min_ns,
	max(CASE d.measure WHEN 'rtt_p99_ns' THEN d.most END) AS rtt_p99_max_ns,
	max(CASE d.measure WHEN 'one_way_p50_ns' THEN d.median END) AS one_way_p50_ns,
	max(CASE d.measure WHEN 'one_way_p50_ns' THEN d.least END) AS one_way_p50_min_ns,
	max(CASE d.measure WHEN 'one_way_p50_ns' THEN d.most END) AS one_way_p50_max_ns,
	max(CASE d.measure WHEN 'one_way_p99_ns' THEN d.median END) AS one_way_p99_ns,
	max(CASE d.measure WHEN 'messages_per_s' THEN d.median END) AS messages_per_s,
	max(CASE d.measure WHEN 'messages_per_s' THEN d.least END) AS messages_per_s_min,
	max(CASE d.measure WHEN 'messages_per_s' THEN d.most END) AS messages_per_s_max,
	max(CASE d.measure WHEN 'bytes_per_s' THEN d.median END) AS bytes_per_s,
	max(CASE d.measure WHEN 'bytes_per_s' THEN d.least END) AS bytes_per_s_min,
	max(CASE d.measure WHEN 'bytes_per_s' THEN d.most END) AS bytes_per_s_max
FROM bench_case c
	JOIN mechanism m ON m.mechanism_id = c.mechanism_id
	JOIN medians d ON d.case_id = c.case_id
GROUP BY c.case_id, d.traced;

-- What a case is judged by, untraced: round trips where peers take turns (less is better), else
-- messages (more is better). `cost` is less for the better one in both.
CREATE VIEW scores AS
SELECT case_id, mechanism, pattern, wait, cpus, size,
	CASE WHEN rtt_p50_ns IS NULL THEN 'messages_per_s' ELSE 'rtt_p50_ns' END AS measure,
	coalesce(rtt_p50_ns, messages_per_s) AS value,
	coalesce(rtt_p50_min_ns, messages_per_s_min) AS least,
	coalesce(rtt_p50_max_ns, messages_per_s_max) AS most,
	coalesce(rtt_p50_ns, 1e9 / messages_per_s) AS cost,
	coalesce(rtt_p50_min_ns, 1e9 / messages_per_s_max) AS cost_least,
	coalesce(rtt_p50_max_ns, 1e9 / messages_per_s_min) AS cost_most, rounds
FROM results
WHERE NOT traced;

-- The best for each size, and the next: of mechanisms that carry bytes. It is clear if its worst
-- round beats the best round of the next.
CREATE VIEW best AS
SELECT a.pattern, a.wait, a.cpus, a.size, a.measure, a.mechanism, a.value, a.least, a.most,
	b.mechanism AS next, b.value AS next_value, b.cost / a.cost AS ratio,
	CASE WHEN a.rounds > 1 AND b.rounds > 1 THEN a.cost_most < b.cost_least END AS clear
FROM (
	SELECT *, row_number() OVER (PARTITION BY pattern, wait, cpus, size
		ORDER BY cost, mechanism) AS place
	FROM scores
	WHERE size > 0 AND mechanism IN (SELECT name FROM mechanism WHERE carries = 'bytes')
) a
	LEFT JOIN (
	SELECT *, row_number() OVER (PARTITION BY pattern, wait, cpus, size
		ORDER BY cost, mechanism) AS place
	FROM scores
	WHERE size > 0 AND mechanism IN (SELECT name FROM mechanism WHERE carries = 'bytes')
) b ON b.pattern = a.pattern AND b.wait = a.wait AND b.cpus = a.cpus AND b.size = a.size
		AND b.place = 2
WHERE a.place = 1;

-- Where two mechanisms cross: at `size_below` the one was better beyond the spread of both, and at
-- `size_above` the other; at sizes between, if there are any, neither was.
CREATE VIEW crossovers AS
SELECT pattern, wait, cpus, measure, CASE WHEN faster < 0 THEN b ELSE a END AS below,
	CASE WHEN faster < 0 THEN a ELSE b END AS above, size_below, size AS size_above
FROM (
	SELECT *, lag(faster) OVER series AS faster_before, lag(size) OVER series AS size_below
	FROM (
		SELECT x.pattern, x.wait, x.cpus, x.measure, x.size, x.mechanism AS a,
			y.mechanism AS b,
			CASE WHEN x.cost_most < y.cost_least THEN -1 ELSE 1 END AS faster
		FROM scores x
			JOIN scores y ON y.pattern = x.pattern AND y.wait = x.wait
				AND y.cpus = x.cpus AND y.size = x.size
				AND y.mechanism > x.mechanism
		WHERE x.size > 0 AND x.rounds > 1 AND y.rounds > 1 AND (x.cost_most < y.cost_least OR y.cost_most < x.cost_least)
	)
	WINDOW series AS (PARTITION BY pattern, wait, cpus, a, b ORDER BY size)
)
WHERE faster <> faster_before;

-- What it costs that the peers run on two cores and not on one.
CREATE VIEW crossing AS
SELECT s.mechanism, s.pattern, s.wait, s.size, s.measure, s.value AS same, s.least AS same_min,
	s.most AS same_max, c.value AS cross, c.least AS cross_min, c.most AS cross_max,
	c.cost / s.cost AS ratio,
	CASE WHEN s.rounds > 1 AND c.rounds > 1
		THEN c.cost_least > s.cost_most OR c.cost_most < s.cost_least END AS clear
FROM scores s
	JOIN scores c ON c.mechanism = s.mechanism AND c.pattern = s.pattern AND c.wait = s.wait
		AND c.size = s.size AND c.cpus = 'cross'
WHERE s.cpus = 'same';

-- What it costs to be recorded: the same case traced and not.
CREATE VIEW probes AS
SELECT u.mechanism, u.pattern, u.wait, u.cpus, u.size,
	u.rtt_p50_ns AS untraced_rtt_ns, t.rtt_p50_ns AS traced_rtt_ns,
	t.rtt_p50_ns - u.rtt_p50_ns AS added_ns,
	u.messages_per_s AS untraced_per_s, t.messages_per_s AS traced_per_s,
	coalesce(t.rtt_p50_ns / u.rtt_p50_ns, u.messages_per_s / t.messages_per_s) AS ratio,
	CASE WHEN u.rounds > 1 AND t.rounds > 1
		THEN coalesce(t.rtt_p50_min_ns > u.rtt_p50_max_ns OR t.rtt_p50_max_ns < u.rtt_p50_min_ns,
			t.messages_per_s_max < u.messages_per_s_min
			OR t.messages_per_s_min > u.messages_per_s_max) END AS clear
FROM results u
	JOIN results t ON t.case_id = u.case_id AND t.traced
WHERE NOT u.traced;

-- Where the transit of messages went, over all traced rounds.
CREATE VIEW parts AS
SELECT m.name AS mechanism, c.pattern, c.wait, c.cpus,
	(SELECT max(r.size) FROM run r WHERE r.case_id = c.case_id) AS size,
	p.mechanism AS through, p.kind, sum(p.messages) AS messages, sum(p.transit_ns) AS transit_ns,
	sum(p.in_send_ns) AS in_send_ns, sum(p.in_object_ns) AS in_object_ns,
	sum(p.in_runq_ns) AS in_runq_ns, sum(p.in_recv_ns) AS in_recv_ns, c.case_id
FROM part p
	JOIN bench_case c ON c.case_id = p.case_id
	JOIN mechanism m ON m.mechanism_id = c.mechanism_id
GROUP BY c.case_id, p.mechanism, p.kind;

CREATE VIEW skipped AS
SELECT m.name AS mechanism, c.pattern, c.wait, c.cpus, c.size_asked AS size, c.status, c.reason
FROM bench_case c
	JOIN mechanism m ON m.mechanism_id = c.mechanism_id
WHERE c.status <> 'ran';

CREATE VIEW facts AS
SELECT name AS mechanism, title, family, directions, reach, address, carries, boundaries, ordering,
	holder, copies, cleanup
FROM mechanism;

CREATE VIEW limits AS
SELECT m.name AS mechanism, l.what, l.unit, l.name AS set_by, l.value
FROM limit_found l
	JOIN mechanism m ON m.mechanism_id = l.mechanism_id;
