-- Messages with a known transit, in no order: all of them, or for :every > 1 about one in so many, those
-- that a fixed hash of their numbers chooses, so that no rhythm of the messages meets one of the choice.
-- The choice comes before what the view looks up, which is what takes time.
SELECT mechanism, bytes, sent_ns, transit_ns
FROM messages
WHERE message_id * 2654435761 % 4294967296 / 65536 % :every = 0 AND transit_ns IS NOT NULL;
