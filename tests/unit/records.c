// SPDX-License-Identifier: BSD-2-Clause
/*
 * The builder: every record is what bpf/ would have emitted for the call of that name.
 */
#include "records.h"

#include "collector/capture.h"
#include "schemas/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void records_begin(struct records *r)
{
	memset(r, 0, sizeof(*r));
	r->now_ns = RECORDS_START_NS;
	r->end.head = (struct ipct_head){.len = sizeof(r->end), .type = IPCT_EV_END};
}

void records_clear(struct records *r)
{
	free(r->data);
	memset(r, 0, sizeof(*r));
}

void *records_put(struct records *r, const void *record, size_t len_bytes)
{
	void *at;

	if (r->len + len_bytes > r->room) {
		r->room = 2 * (r->len + len_bytes);
		r->data = realloc(r->data, r->room);
		if (!r->data)
			abort();
	}
	at = memcpy(r->data + r->len, record, len_bytes);
	r->len += len_bytes;
	r->now_ns += RECORDS_STEP_NS;
	return at;
}

static struct ipct_head head(unsigned type, size_t len, unsigned process)
{
	return (struct ipct_head){.len = len, .type = type, .process = process};
}

static void comm_set(char comm[IPCT_COMM_LEN], const char *name)
{
	size_t len = strnlen(name, IPCT_COMM_LEN - 1);

	memset(comm, 0, IPCT_COMM_LEN);
	memcpy(comm, name, len);
}

void records_path(struct ipct_path *out, const char *path)
{
	const char *end = path + strlen(path);

	memset(out, 0, sizeof(*out));
	while (end > path) {
		const char *slash = memrchr(path, '/', end - path);
		const char *name = slash ? slash + 1 : path;

		if (out->len + (end - name) + 1 > IPCT_PATH_LEN) {
			out->truncated = 1;
			return;
		}
		memcpy(out->text + out->len, name, end - name);
		out->len += end - name + 1;
		end = slash ? slash : path;
	}
}

struct ipct_fork *records_fork(struct records *r, unsigned process, unsigned parent, unsigned tgid,
			       const char *comm)
{
	struct ipct_fork f = {
		.head = head(IPCT_EV_FORK, sizeof(f), process),
		.time_ns = r->now_ns,
		.parent = parent,
		.tgid = tgid,
		.parent_tgid = parent ? 1000 + parent : 999,
	};

	comm_set(f.comm, comm);
	return records_put(r, &f, sizeof(f));
}

struct ipct_exec *records_exec(struct records *r, unsigned process, unsigned tgid, const char *exe,
			       const char *args)
{
	struct ipct_exec e = {
		.head = head(IPCT_EV_EXEC, sizeof(e), process),
		.time_ns = r->now_ns,
		.tgid = tgid,
	};

	for (size_t at = 0; args[at] && e.args_len < IPCT_ARGS_LEN; at = e.args_len)
		e.args_len += strlen(args + at) + 1;
	if (e.args_len > IPCT_ARGS_LEN)
		e.args_len = IPCT_ARGS_LEN;
	memcpy(e.args, args, e.args_len);
	comm_set(e.comm, strrchr(exe, '/') + 1);
	records_path(&e.exe, exe);
	return records_put(r, &e, sizeof(e));
}

void records_cgroup(struct records *r, uint64_t id, const char *path)
{
	struct ipct_cgroup c = {.head = head(IPCT_EV_CGROUP, sizeof(c), 0), .id = id};

	snprintf(c.path, sizeof(c.path), "%s", path);
	records_put(r, &c, sizeof(c));
}

void records_exit(struct records *r, unsigned process, unsigned tgid, int status)
{
	struct ipct_exit e = {
		.head = head(IPCT_EV_EXIT, sizeof(e), process),
		.time_ns = r->now_ns,
		.tgid = tgid,
		.status = status,
		.cpu_ns = 1000 * tgid,
	};

	records_put(r, &e, sizeof(e));
}

void records_cpu(struct records *r, unsigned process, uint64_t cpu_ns)
{
	struct ipct_cpu c = {.head = head(IPCT_EV_CPU, sizeof(c), process), .cpu_ns = cpu_ns};

	records_put(r, &c, sizeof(c));
}

void records_range(struct records *r, unsigned process, unsigned first, unsigned last,
		   unsigned flags)
{
	struct ipct_fd_range range = {
		.head = head(IPCT_EV_FD_RANGE, sizeof(range), process),
		.time_ns = r->now_ns,
		.first = first,
		.last = last,
		.flags = flags,
	};

	records_put(r, &range, sizeof(range));
}

void records_holder(struct records *r, unsigned pid, const char *comm, uint64_t ino, unsigned ends)
{
	struct ipct_holder h = {
		.head = head(IPCT_EV_HOLDER, sizeof(h), 0),
		.ino = ino,
		.dev = 15,
		.pid = pid,
		.flags = ends,
	};

	comm_set(h.comm, comm);
	records_put(r, &h, sizeof(h));
}

struct ipct_object *records_object(struct records *r, unsigned object, const char *path)
{
	struct ipct_object o = {
		.head = head(IPCT_EV_OBJECT, sizeof(o), 0),
		.time_ns = r->now_ns,
		.ino = 7000 + object,
		.dev = 15,
		.object = object,
		.capacity = 65536,
	};

	o.head.mechanism = path ? IPCT_MECH_FIFO : IPCT_MECH_PIPE;
	if (path)
		records_path(&o.name, path);
	r->mechanism[object] = o.head.mechanism;
	return records_put(r, &o, sizeof(o));
}

struct ipct_op *records_op(struct records *r, unsigned process, unsigned object, unsigned syscall,
			   int fd)
{
	struct ipct_op op = {
		.head = head(IPCT_EV_OP, sizeof(op), process),
		.tid = 1000 + process,
		.syscall = syscall,
		.role = syscall_rows[syscall].row.role,
		.flags = IPCT_OP_FINISHED,
		.start_ns = r->now_ns,
		.dur_ns = RECORDS_DUR_NS,
		.object = object,
		.fd = fd,
		.fd2 = -1,
	};

	op.head.mechanism = r->mechanism[object];
	r->end.counts[op.head.mechanism][IPCT_COUNT_SEEN]++;
	return records_put(r, &op, sizeof(op));
}

struct ipct_sleep *records_slept(struct records *r, uint64_t waiting_ns, uint64_t runnable_ns,
				 unsigned waker, unsigned waker_process)
{
	struct ipct_op *op = (void *)(r->data + r->len - sizeof(*op));
	struct ipct_sleep sleep = {
		.waiting_ns = waiting_ns,
		.runnable_ns = runnable_ns,
		.woken_ns = op->start_ns - runnable_ns,
		.ran_ns = op->start_ns,
		.waker = waker,
		.waker_process = waker_process,
	};

	op->head.len = sizeof(struct ipct_slept_op);
	op->start_ns -= waiting_ns + runnable_ns;
	op->dur_ns += waiting_ns + runnable_ns;
	op->blocked_ns = waiting_ns + runnable_ns;
	r->now_ns -= RECORDS_STEP_NS;
	return records_put(r, &sleep, sizeof(sleep));
}

void records_pipe(struct records *r, unsigned process, unsigned object, int read_fd, int write_fd,
		  int flags)
{
	struct ipct_op *op;

	records_object(r, object, NULL);
	op = records_op(r, process, object, IPCT_SYS_pipe2, read_fd);
	op->flags |= IPCT_OP_READ_END | IPCT_OP_NEW_FD;
	op->fd2 = write_fd;
	op->arg = (unsigned)flags;
}

struct ipct_op *records_open(struct records *r, unsigned process, unsigned object, int fd,
			     int flags, unsigned opens_read, unsigned opens_write)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_openat, fd);

	op->result = op->fd2 = fd;
	op->arg = (unsigned)flags;
	op->key = opens_read | (uint64_t)opens_write << 32;
	op->flags |= IPCT_OP_NEW_FD;
	if ((flags & O_ACCMODE) != O_WRONLY)
		op->flags |= IPCT_OP_READ_END;
	if ((flags & O_ACCMODE) != O_RDONLY)
		op->flags |= IPCT_OP_WRITE_END;
	return op;
}

void records_new_pipe(struct records *r, unsigned object)
{
	r->gap[object] |= r->received[object] != r->sent[object];
	r->received[object] = r->sent[object];
}

struct ipct_op *records_write(struct records *r, unsigned process, unsigned object, int fd,
			      uint64_t bytes)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_write, fd);

	op->flags |= IPCT_OP_WRITE_END;
	op->requested = op->result = op->bytes = bytes;
	op->offset = r->sent[object];
	r->sent[object] += bytes;
	return op;
}

struct ipct_op *records_read(struct records *r, unsigned process, unsigned object, int fd,
			     uint64_t bytes)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_read, fd);

	op->flags |= IPCT_OP_READ_END;
	op->requested = op->result = op->bytes = bytes;
	op->offset = r->received[object];
	if (r->gap[object])
		op->flags |= IPCT_OP_AFTER_GAP;
	r->received[object] += bytes;
	return op;
}

struct ipct_op *records_peek(struct records *r, unsigned process, unsigned object, int fd,
			     uint64_t bytes)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_tee, fd);

	op->flags |= IPCT_OP_READ_END | IPCT_OP_PEEK;
	op->requested = op->result = op->bytes = bytes;
	op->offset = r->received[object];
	return op;
}

struct ipct_op *records_close(struct records *r, unsigned process, unsigned object, int fd)
{
	return records_op(r, process, object, IPCT_SYS_close, fd);
}

struct ipct_op *records_dup2(struct records *r, unsigned process, unsigned object, int fd,
			     int new_fd)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_dup2, fd);

	op->result = op->fd2 = new_fd;
	op->flags |= IPCT_OP_NEW_FD;
	/* dup2 has no third argument: what the register held comes along */
	op->arg = (unsigned)new_fd | 0xd5473660ull << 32;
	return op;
}

struct ipct_op *records_fcntl(struct records *r, unsigned process, unsigned object, int fd,
			      unsigned command, unsigned value, int result)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_fcntl, fd);

	op->arg = command | (uint64_t)value << 32;
	op->result = result;
	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
		op->role = IPCT_ROLE_OPEN;
	if (op->role == IPCT_ROLE_OPEN) {
		op->fd2 = result;
		op->flags |= IPCT_OP_NEW_FD;
	}
	return op;
}

struct ipct_path_op *records_path_op(struct records *r, unsigned process, unsigned syscall,
				     const char *folder, const char *path)
{
	struct ipct_path_op p = {
		.op.head = head(IPCT_EV_PATH_OP, sizeof(p), process),
		.op.tid = 1000 + process,
		.op.syscall = syscall,
		.op.role = syscall_rows[syscall].row.role,
		.op.start_ns = r->now_ns,
		.op.dur_ns = RECORDS_DUR_NS,
		.op.fd = -1,
		.op.fd2 = -1,
		.pid = 1000 + process,
	};

	if (folder)
		records_path(&p.base, folder);
	memcpy(p.text, path, strlen(path));
	/* an open counts as seen only once the collector finds a FIFO there */
	if (p.op.role == IPCT_ROLE_CREATE) {
		p.op.head.mechanism = IPCT_MECH_FIFO;
		p.op.flags = IPCT_OP_FINISHED;
		r->end.counts[IPCT_MECH_FIFO][IPCT_COUNT_SEEN]++;
	}
	return records_put(r, &p, sizeof(p));
}

void records_lost(struct records *r, unsigned mechanism, enum ipct_count reason, uint64_t ops)
{
	if (mechanism)
		r->end.counts[mechanism][IPCT_COUNT_SEEN] += ops;
	r->end.counts[mechanism][reason] += ops;
}

void records_end(struct records *r)
{
	r->end.time_ns = r->now_ns;
	records_put(r, &r->end, sizeof(r->end));
}

void records_recording(struct recording *rec)
{
	*rec = (struct recording){
		.start_monotonic_ns = RECORDS_START_NS,
		.start_realtime_ns = 1767225600000000000,
		.ring_bytes = 64 << 20,
		.mechanism_mask = 1u << IPCT_MECH_PIPE | 1u << IPCT_MECH_FIFO,
		.cpus = 2,
		.command = strdup("sh -c 'made | up'"),
		.cwd = strdup("/home/user"),
		.host = strdup("example"),
		.kernel = strdup("6.1.0"),
		.arch = strdup("x86_64"),
		.user = strdup("user"),
		.version = strdup("0"),
	};
}

int records_capture(const struct records *r, const char *path)
{
	struct recording rec;
	FILE *out;
	int err = 0;

	records_recording(&rec);
	out = capture_create(path, &rec);
	recording_clear(&rec);
	if (!out)
		return -EIO;
	if (r->len && fwrite(r->data, r->len, 1, out) != 1)
		err = -EIO;
	return fclose(out) ? -EIO : err;
}
