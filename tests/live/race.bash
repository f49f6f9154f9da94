# How right the pairing of test-race's messages is.

# race_judge TRUTH [FILE]: for each confidence, how many pairs of a send and a receive there are and
# how many of those are as the receivers saw them: `confidence pairs right`. A stream may be cut within
# a word, so up to three bytes at each edge of a piece are not known to the receiver, and nothing of a
# piece of less than ten.
race_judge() {
	cp "$1" race.truth
	sqlite3 -separator ' ' "${2:-ipctrace.db}" <<-'SQL'
		CREATE TEMP TABLE part (rt INT, rn INT, st INT, sn INT, bytes INT);
		.import race.truth part
		CREATE TEMP TABLE truth AS SELECT rt, rn, st, sn, sum(bytes) AS bytes,
				count(*) AS pieces FROM part
			GROUP BY 1, 2, 3, 4;
		CREATE INDEX temp.truth_all ON truth (rt, rn, st, sn);
		CREATE TEMP TABLE nr AS SELECT op_id, tid, row_number() OVER
				(PARTITION BY tid, role ORDER BY ts_ns) - 1 AS n
			FROM ops WHERE role IN ('send', 'recv') AND bytes > 0;
		CREATE INDEX temp.nr_op ON nr (op_id);
		CREATE TEMP TABLE pair AS SELECT send_op, recv_op, sum(bytes) AS bytes,
				count(*) AS pieces,
				max(mechanism = 'eventfd') AS counts,
				CASE max(confidence = 'ambiguous') + max(confidence != 'exact')
					WHEN 0 THEN 'exact' WHEN 1 THEN 'inferred' ELSE 'ambiguous'
					END AS confidence
			FROM messages GROUP BY send_op, recv_op;
		SELECT confidence, count(*), sum(EXISTS (SELECT 1 FROM truth t
				WHERE t.rt = r.tid AND t.rn = r.n AND t.st = s.tid AND t.sn = s.n
					AND (counts OR abs(t.bytes - p.bytes) <= 6 * max(p.pieces, t.pieces))))
			FROM pair p JOIN nr s ON s.op_id = send_op JOIN nr r ON r.op_id = recv_op
			WHERE s.tid IN (SELECT st FROM truth) AND (counts OR bytes >= 10 * p.pieces)
			GROUP BY confidence;
	SQL
}
