# How right the pairing of test-race's messages is.

# race_judge TRUTH [FILE]: for each confidence, how many pairs of a send and a receive there are and
# how many of those are as the receivers saw them: `confidence pairs right`. A stream may be cut within
# a word, so a few bytes at the edges of a piece are not known to the receiver.
race_judge() {
	sort -u "$1" >race.truth
	sqlite3 -separator ' ' "${2:-ipctrace.db}" <<-'SQL'
		CREATE TEMP TABLE truth (rt INT, rn INT, st INT, sn INT, bytes INT);
		.import race.truth truth
		CREATE INDEX temp.truth_all ON truth (rt, rn, st, sn);
		CREATE TEMP TABLE nr AS SELECT op_id, tid, row_number() OVER
				(PARTITION BY tid, role ORDER BY ts_ns) - 1 AS n
			FROM ops WHERE role IN ('send', 'recv') AND bytes > 0;
		CREATE INDEX temp.nr_op ON nr (op_id);
		CREATE TEMP TABLE pair AS SELECT send_op, recv_op, sum(bytes) AS bytes,
				max(mechanism = 'eventfd') AS counts,
				CASE max(confidence = 'ambiguous') + max(confidence != 'exact')
					WHEN 0 THEN 'exact' WHEN 1 THEN 'inferred' ELSE 'ambiguous'
					END AS confidence
			FROM messages GROUP BY send_op, recv_op;
		SELECT confidence, count(*), sum(EXISTS (SELECT 1 FROM truth t
				WHERE t.rt = r.tid AND t.rn = r.n AND t.st = s.tid AND t.sn = s.n
					AND (counts OR abs(t.bytes - p.bytes) <= min(12, t.bytes / 2))))
			FROM pair p JOIN nr s ON s.op_id = send_op JOIN nr r ON r.op_id = recv_op
			WHERE s.tid IN (SELECT st FROM truth) AND (bytes >= 8 OR bytes % 4 = 0)
			GROUP BY confidence;
	SQL
}
