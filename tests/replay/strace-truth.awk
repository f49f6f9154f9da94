# What `strace -f -y -v -s 0` saw, in the form of ipctrace-workload's truth: `mechanism role count
# bytes`, for all mechanisms. Variable `main` is the one under test: a socket is taken for one of
# its. A call counts when it begins, its bytes when it returns, which with -f can be on a later
# line of the same thread.

BEGIN {
	sockets = main ~ /^(unix_|tcp|udp)/ ? main : "unix_stream"
	# Calls on fds, of whatever the fd is of.
	roles("create", "mknod mknodat socket socketpair memfd_create eventfd2 signalfd4 pipe pipe2")
	roles("open", "open openat dup dup2 dup3 connect accept accept4")
	roles("send", "write writev vmsplice sendto sendmsg sendmmsg mq_timedsend msgsnd")
	roles("recv", "read readv recvfrom recvmsg recvmmsg mq_timedreceive msgrcv")
	roles("send recv", "splice")
	roles("wait", "poll rt_sigtimedwait")
	roles("wake", "kill rt_sigqueueinfo")
	roles("map", "mmap shmat")
	roles("unmap", "munmap shmdt")
	roles("control", "fcntl ftruncate bind listen shutdown ioctl unlink mq_unlink")
	roles("control", "msgctl shmctl semctl")
	roles("close", "close")
	role_of["process_vm_writev"] = "send"
	role_of["process_vm_readv"] = "recv"
	# Calls that are of one mechanism by their name.
	mechanisms("pipe", "pipe pipe2")
	mechanisms("posix_mq", "mq_open mq_unlink mq_timedsend mq_timedreceive")
	mechanisms("sysv_mq", "msgget msgsnd msgrcv msgctl")
	mechanisms("sysv_shm", "shmget shmat shmdt shmctl")
	mechanisms("sysv_sem", "semget semop semtimedop semctl")
	mechanisms("memfd", "memfd_create")
	mechanisms("eventfd", "eventfd2")
	mechanisms("signal", "signalfd4 kill rt_sigqueueinfo rt_sigtimedwait")
	mechanisms("process_vm", "process_vm_readv process_vm_writev")
	mechanisms(sockets, "socket socketpair connect accept accept4 bind listen shutdown")
}

function roles(role, calls,    list, i) {
	split(calls, list, " ")
	for (i in list)
		role_of[list[i]] = role
}

function mechanisms(mechanism, calls,    list, i) {
	split(calls, list, " ")
	for (i in list)
		mechanism_of[list[i]] = mechanism
}

# The mechanism of the fd, or the path, that a call names.
function object_of(text) {
	if (text ~ /<pipe:/) return "pipe"
	if (text ~ /ipctrace-workload\.[^\/]*\/fifo/) return "fifo"
	if (text ~ /<socket:|<UNIX|<TCP|<UDP/) return sockets
	if (text ~ /<anon_inode:\[eventfd\]/) return "eventfd"
	if (text ~ /<anon_inode:\[signalfd\]/) return "signal"
	if (text ~ /\/dev\/(ptmx|pts\/)/) return "pty"
	if (text ~ /\/dev\/shm\//) return "posix_shm"
	if (text ~ /<\/?memfd:/) return "memfd"
	if (text ~ /<\/ipctrace-workload\./) return "posix_mq"
	return ""
}

# Mappings by thread and address; a child has those of the first process until it changes them.
function mapped(tid, text,    kind) {
	if (text !~ /MAP_SHARED/) kind = "private"
	else if (text ~ /MAP_ANONYMOUS/) kind = "mmap_anon"
	else if (text ~ /ipctrace-workload\.[^\/]*\/mapped/) kind = "mmap_file"
	else kind = object_of(text)
	return kind
}

function mapping_of(tid, text,    address) {
	match(text, /0x[0-9a-f]+/)
	address = substr(text, RSTART, RLENGTH)
	if ((tid, address) in map) return map[tid, address]
	return map[first, address]
}

# "mechanism role" of a call; "" if it is none of ours.
function classify(tid, call, text,    mechanism, role) {
	role = role_of[call]
	mechanism = mechanism_of[call]
	if (call ~ /^(mq_open|(msg|shm|sem)get)$/)
		role = text ~ /O_EXCL|IPC_EXCL/ ? "create" : "open"
	else if (call ~ /^sem(timed)?op$/)
		role = text ~ /sem_op=-/ ? "wait" : "wake"
	else if (call == "futex") {
		mechanism = "futex"
		role = text ~ /FUTEX_WAIT,/ ? "wait" : text ~ /FUTEX_WAKE,/ ? "wake" : ""
	} else if (call == "mmap")
		mechanism = mapped(tid, text)
	else if (call == "munmap")
		mechanism = mapping_of(tid, text)
	else if (mechanism == "")
		mechanism = object_of(text)
	if (call == "fcntl" && text ~ /F_DUPFD/)
		role = "open"
	if (call == "openat" && text ~ /O_EXCL/)
		role = "create"
	if (call == "unlink" && mechanism != "posix_shm")
		role = ""
	if (call == "kill" && text ~ /, 0\)/)
		role = ""
	return mechanism == "" || mechanism == "private" || role == "" ? "" : mechanism " " role
}

function count(mechanism, role) {
	counts[mechanism " " role]++
	bytes[mechanism " " role] += 0
}

# The number of bytes that a call moved: `text` holds its end, `all` the whole of it.
function moved(call, text, all,    n) {
	if (!match(text, / = [0-9]+/))
		return 0
	n = substr(text, RSTART + 3, RLENGTH - 3)
	if (call ~ /mmsg$/) {
		# where a message was not sent or received, no length is printed
		n = 0
		while (match(all, /msg_len=[0-9]+/)) {
			n += substr(all, RSTART + 8, RLENGTH - 8)
			all = substr(all, RSTART + RLENGTH)
		}
	} else if (call == "mq_timedsend" && match(all, /, [0-9]+, [0-9]+, NULL/))
		n = substr(all, RSTART + 2) + 0
	else if (call == "msgsnd" && match(all, /}, [0-9]+/))
		n = substr(all, RSTART + 3, RLENGTH - 3)
	return n
}

function ends(tid, call, what, text, all,    list, i, n) {
	split(what, list, " ")
	if (call == "mmap" && match(text, / = 0x[0-9a-f]+/))
		map[tid, substr(text, RSTART + 3, RLENGTH - 3)] = mapped(tid, all)
	if (list[1] == "signal")
		return
	n = moved(call, text, all)
	for (i = 2; i in list; i++)
		if (list[i] == "send" || list[i] == "recv")
			bytes[list[1] " " list[i]] += n
}

NR == 1 { first = $1 }

# A signal that a program sent and that was delivered; the other mechanisms' runs have none.
$2 == "---" && /si_code=SI_USER/ || /\+\+\+ killed by SIGKILL/ { count("signal", "wait") }

$2 == "<..." {
	if ($1 in call_of)
		ends($1, call_of[$1], what_of[$1], $0, text_of[$1] $0)
	delete call_of[$1]
	next
}

match($2, /^[a-z0-9_]+\(/) {
	call = substr($2, 1, RLENGTH - 1)
	what = classify($1, call, $0)
	split(what, list, " ")
	for (i = 2; i in list; i++)
		count(list[1], list[i])
	if (/<unfinished \.\.\.>$/) {
		call_of[$1] = call
		what_of[$1] = what
		text_of[$1] = $0
	} else
		ends($1, call, what, $0, $0)
}

END {
	for (what in counts)
		print what, counts[what], bytes[what]
}
