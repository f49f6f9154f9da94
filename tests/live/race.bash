# How right the pairing of test-race's messages is.

# race_judge TRUTH [FILE]: for each confidence, how many messages there are and how many of those
# are as the receivers saw them: `confidence messages right`. A piece of a stream that is too short
# to be told from its neighbours is left out.
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
		SELECT confidence, count(*), sum(EXISTS (SELECT 1 FROM truth t
				WHERE t.rt = r.tid AND t.rn = r.n AND t.st = s.tid AND t.sn = s.n
					AND (abs(t.bytes - m.bytes) < 8 OR m.mechanism = 'eventfd')))
			FROM messages m JOIN nr s ON s.op_id = m.send_op JOIN nr r ON r.op_id = m.recv_op
			WHERE s.tid IN (SELECT st FROM truth)
				AND (m.bytes >= 8 OR m.bytes % 4 = 0)
			GROUP BY confidence;
	SQL
}
