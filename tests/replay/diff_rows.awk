# The rows of a recording in which `sender` sends `messages` messages over a pipe to `workers`
# workers, for tests of what compares recordings. All numbers can be given with -v:
#   messages, bytes (of each), transit (ns, the least; the most is twice that), pid (the first one),
#   inode, workers, sender (a name), worker (a name), slow (factor of the second half of the run)
function hex(n) { return sprintf("%02x", n) }

function leb128(n,   text) {
	for (; n > 127; n = int(n / 128))
		text = text hex(n % 128 + 128)
	return text hex(n)
}

function bucket(value,   shift, low) {
	for (low = value; low >= 256; shift++)
		low = int(low / 2)
	return value < 128 ? value : 128 * shift + low
}

# hist_encode() of the values that were counted in counts[].
function hist(   text, last, i) {
	text = "01" leb128(n) leb128(sum) leb128(max)
	for (i = 0; i <= bucket(max); i++)
		if (i in counts) {
			text = text leb128(i - last) leb128(counts[i])
			last = i
		}
	return "X'" text "'"
}

function count(value) {
	counts[bucket(value)]++
	n++
	sum += value
	if (value > max)
		max = value
}

function forget() {
	split("", counts)
	n = sum = max = 0
}

BEGIN {
	messages = messages ? messages : 2000
	bytes = bytes ? bytes : 100
	transit = transit ? transit : 10000
	pid = pid ? pid : 100
	inode = inode ? inode : 4711
	workers = workers ? workers : 1
	sender = sender ? sender : "client"
	worker = worker ? worker : "worker"
	slow = slow ? slow : 1
	step = 100000 # mawk has no numbers above 2^31
	printf "INSERT INTO meta VALUES ('duration_ns', %d), ('complete', 1), ('host', 'h');\n", messages * step
	printf "INSERT INTO process (process_id, pid, comm, traced, cpu_ns) VALUES (1, %d, '%s', 1, 1000)", pid, sender
	for (w = 1; w <= workers; w++)
		printf ",\n(%d, %d, '%s', 1, 1000)", w + 1, pid + w, worker
	print ";"
	for (w = 1; w <= workers; w++) {
		printf "INSERT INTO object VALUES (%d, 1, 'pipe:[%d]', %d, 14, 0, 1, 65536, 0, 0, 0, 0, %d, 0, 2, 0, 0, NULL, NULL);\n",
			w, inode + w, inode + w, messages
		forget()
		print "INSERT INTO op (op_id, ts_ns, dur_ns, blocked_ns, process_id, tid, syscall_id, role_id, object_id, bytes, finished) VALUES"
		for (i = 0; i < messages; i++) {
			takes = transit + (i * 7919) % 100 * transit / 100
			if (i > messages / 2)
				takes = takes * slow
			takes = int(takes)
			count(takes)
			all[w, i] = takes
			id = 2 * ((w - 1) * messages + i) + 1
			printf "%s(%d, %d, 500, 0, 1, %d, 2, 1, %d, %d, 1), (%d, %d, 500, 0, %d, %d, 1, 2, %d, %d, 1)",
				i ? ",\n" : "", id, i * step, pid, w, bytes,
				id + 1, i * step + takes - 500, w + 1, pid + w, w, bytes
		}
		print ";"
		printf "INSERT INTO edge VALUES (%d, 1, %d, 'data', %d, %d, %d, 0, 0, %d, 0, 0, 0, %d, 0, %d, %s, %d, 0);\n",
			w, w + 1, messages, messages * bytes, messages, sum, max, messages * step, hist(), messages * bytes
		printf "INSERT INTO edge_part VALUES (%d, 1, %d, 0, %d, 0, 0, 0, 0), (%d, 1, %d, 1, %d, 0, 0, 0, 0), (%d, 1, %d, 2, 0, 0, 0, 0, 0), (%d, 1, %d, 3, %d, 0, 0, 0, 0);\n",
			w, w + 1, 500 * messages, w, w + 1, sum - 1000 * messages, w, w + 1, w, w + 1, 500 * messages
		print "INSERT INTO message VALUES"
		for (i = 0; i < messages; i++) {
			id = 2 * ((w - 1) * messages + i) + 1
			printf "%s(%d, %d, %d, %d, %d, 0, NULL, NULL, 500, %d, 0, NULL)", i ? ",\n" : "",
				id, w, id, id + 1, bytes, all[w, i] - 1000
		}
		print ";"
	}
	forget()
	for (i = 0; i < messages * workers; i++)
		count(500)
	for (role = 1; role <= 2; role++)
		printf "INSERT INTO call_stat VALUES (1, %d, %d, %d, 0, %d, %d, 500, 500, 500, 500, 0, %s, 0);\n",
			role, 3 - role, n, n * bytes, sum, hist()
	printf "INSERT INTO ledger_entry VALUES ('pipe', 'stored', %d, %d, 0);\n", 2 * n, 2 * n
}
