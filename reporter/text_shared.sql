-- Who maps what, for the objects of one family: object (four columns, see cells.h), its size, a
-- process (four), whether it made the object, access, how it was mapped, how long, whether that
-- began before the recording, first touches by reading and writing, whether the object was left
-- behind, its place among the object's rows, and how many rows there are. With :grouped, objects
-- that the same programs share are one, and more than three processes of the same name. What stands
-- for failed calls is left out. Parameters: family, grouped, rows.
WITH thing AS (
	SELECT * FROM objects WHERE ipct_kind(mechanism) = 'shared' AND ipct_family(mechanism) = :family
		AND name IS NOT '(no object)'
), part AS (
	SELECT object_id, process_id FROM mappings WHERE object_id IN (SELECT object_id FROM thing)
	UNION SELECT object_id, process_id FROM touches WHERE object_id IN (SELECT object_id FROM thing)
	UNION SELECT object_id, creator_id FROM thing WHERE creator_id IS NOT NULL
	UNION SELECT object_id, sender_id FROM edges
		WHERE kind = 'shared' AND object_id IN (SELECT object_id FROM thing)
	UNION SELECT object_id, receiver_id FROM edges
		WHERE kind = 'shared' AND object_id IN (SELECT object_id FROM thing)
), held AS (
	SELECT a.object_id, a.process_id, group_concat(DISTINCT a.protection) AS access,
		group_concat(DISTINCT a.how) AS how, min(coalesce(a.mapped_ns, 0)) AS from_ns,
		max(a.mapped_ns IS NULL) AS before,
		max(coalesce(a.unmapped_ns, p.exit_ns,
			(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'duration_ns'))) AS until_ns
	FROM mappings a LEFT JOIN processes p ON p.process_id = a.process_id
	WHERE a.object_id IN (SELECT object_id FROM thing)
	GROUP BY a.object_id, a.process_id
), touched AS (
	SELECT object_id, process_id, total(reads) AS reads, total(writes) AS writes
	FROM touches
	GROUP BY object_id, process_id
), member AS (
	SELECT part.object_id, part.process_id, p.pid, p.comm, coalesce(p.traced, 0) AS traced,
		part.process_id IS thing.creator_id AS creator, held.access, held.how, held.from_ns,
		held.until_ns, held.before, touched.reads, touched.writes
	FROM part JOIN thing USING (object_id)
		LEFT JOIN processes p ON p.process_id = part.process_id
		LEFT JOIN held ON held.object_id = part.object_id AND held.process_id = part.process_id
		LEFT JOIN touched ON touched.object_id = part.object_id
			AND touched.process_id = part.process_id
), likeness AS (
	SELECT object_id, group_concat(comm || creator, '/') AS programs
	FROM (SELECT DISTINCT object_id, coalesce(comm, '') AS comm, creator FROM member
		ORDER BY object_id, comm, creator)
	GROUP BY object_id
), placed AS (
	SELECT object_id, CASE WHEN :grouped THEN mechanism || left_behind || coalesce(programs, '')
		ELSE object_id END AS place
	FROM thing LEFT JOIN likeness USING (object_id)
), heap AS (
	SELECT place, mechanism, min(name) AS name, min(object_id) AS object_id, count(*) AS objects,
		total(capacity) AS size, count(capacity) AS sized, max(left_behind) AS left_behind,
		max(processes) AS processes
	FROM thing JOIN placed USING (object_id)
	GROUP BY place, mechanism
), user AS (
	SELECT placed.place, member.*, :grouped AND count(*) OVER (
			PARTITION BY place, comm, traced, creator) > 3 AS many
	FROM placed LEFT JOIN member USING (object_id)
), line AS (
	SELECT place, min(pid) AS pid, comm, traced, count(DISTINCT process_id) AS processes,
		min(process_id) AS process_id, creator, min(access) AS access, min(how) AS how,
		count(DISTINCT access) AS accesses, max(until_ns - from_ns) AS held_ns,
		max(before) AS before, total(reads) AS reads, total(writes) AS writes,
		count(reads) AS touches
	FROM user
	GROUP BY place, comm, traced, creator, CASE WHEN NOT many THEN process_id END
)
SELECT heap.mechanism, heap.name, heap.object_id, heap.objects,
	CASE WHEN heap.sized THEN CAST(heap.size AS INTEGER) END,
	line.pid, line.comm, line.traced, line.processes, line.creator,
	CASE line.accesses WHEN 1 THEN line.access WHEN 0 THEN NULL ELSE 'various' END, line.how,
	line.held_ns, line.before,
	CASE WHEN line.touches THEN CAST(line.reads AS INTEGER) END,
	CASE WHEN line.touches THEN CAST(line.writes AS INTEGER) END,
	heap.left_behind,
	row_number() OVER (PARTITION BY heap.place, heap.mechanism
		ORDER BY line.creator DESC, line.writes + line.reads DESC, line.process_id),
	count(*) OVER ()
FROM heap JOIN line USING (place)
ORDER BY heap.processes DESC, heap.size DESC, heap.object_id, line.creator DESC,
	line.writes + line.reads DESC, line.process_id
LIMIT :rows;
