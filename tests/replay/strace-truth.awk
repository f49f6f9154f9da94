# What `strace -f -y -s 0` saw, in the form of ipctrace-workload's truth: `mechanism role count
# bytes`. Variable `mechanism` is pipe or fifo. A call counts when it begins, its bytes when it
# returns, which with -f can be on a later line of the same thread.

BEGIN {
	object = mechanism == "pipe" ? "<pipe:" : "ipctrace-workload\\.[^/]*/fifo"
	split("pipe pipe2 mknod mknodat", names); for (i in names) role_of[names[i]] = "create"
	delete names
	split("open openat dup dup2 dup3", names); for (i in names) role_of[names[i]] = "open"
	role_of["read"] = role_of["readv"] = "recv"
	role_of["write"] = role_of["writev"] = role_of["vmsplice"] = "send"
	role_of["splice"] = "recv send"
	role_of["close"] = "close"
	role_of["fcntl"] = "control"
}

function begins(call, text) {
	if (!(call in role_of))
		return ""
	if (call ~ /^pipe/)
		return mechanism == "pipe" ? "create" : ""
	if (text !~ object)
		return ""
	return text ~ /F_DUPFD/ ? "open" : role_of[call]
}

function count(roles, n,    list, i) {
	split(roles, list, " ")
	for (i in list)
		counts[list[i]] += n
}

function move(roles, text,    list, i, n) {
	if (!match(text, / = [0-9]+/))
		return
	n = substr(text, RSTART + 3, RLENGTH - 3)
	split(roles, list, " ")
	for (i in list)
		if (list[i] == "send" || list[i] == "recv")
			bytes[list[i]] += n
}

$2 == "<..." {
	move(pending[$1], $0)
	delete pending[$1]
	next
}

match($2, /^[a-z0-9_]+\(/) {
	call = substr($2, 1, RLENGTH - 1)
	roles = begins(call, $0)
	if (roles == "")
		next
	count(roles, 1)
	if (/<unfinished \.\.\.>$/)
		pending[$1] = roles
	else
		move(roles, $0)
}

END {
	for (role in counts)
		printf "%s %s %d %d\n", mechanism, role, counts[role], bytes[role]
}
