// SPDX-License-Identifier: BSD-2-Clause
/*
 * Counting references: fd tables of traced processes against objects.
 */
#include "collector/lifetime.h"

#include "collector/pressure.h"
#include "schemas/tables.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/memfd.h>

#ifndef F_DUPFD_CLOEXEC
#define F_DUPFD_CLOEXEC 1030
#endif

static void object_ref(struct object *o)
{
	o->open_fds++;
	o->closed_ns = UNKNOWN_NS;
	o->dirty = true;
}

/* The last fd is closed, unless one travelled in a way that we do not see. */
static void object_unref(struct objects *os, uint32_t number, int64_t ns)
{
	struct instance *in = os->by_number[number];
	struct object *o = in->object;

	o->dirty = true;
	if (--o->open_fds > 0)
		return;
	for (int way = 0; way < 2; way++)
		stream_shrink(&in->stream[way]);
	pressure_closed(o, ns);
	o->closed_ns = ns;
}

void lifetime_hold(struct objects *os, uint32_t number)
{
	object_ref(os->by_number[number]->object);
}

void lifetime_release(struct objects *os, uint32_t number, int64_t ns)
{
	object_unref(os, number, ns);
}

/* Are there calls on fds of the mechanism? Not of files that are only mapped. */
static bool has_fds(unsigned mechanism)
{
	static unsigned mask;

	if (!mask)
		mask = syscall_select(&syscall_rows[IPCT_SYS_close], ~1u).mask;
	return mask >> mechanism & 1;
}

static void fd_close(struct objects *os, struct process *p, struct fd_entry *entry, int64_t ns)
{
	uint32_t number = entry->object;

	fdtable_remove(&p->fds, entry);
	object_unref(os, number, ns);
}

static int fd_open(struct objects *os, struct process *p, int fd, uint32_t number, bool cloexec,
		   int64_t ns)
{
	struct fd_entry *entry = fdtable_find(&p->fds, fd);

	if (fd < 0)
		return 0;
	if (entry) /* replaced: dup2, or a close that left no record */
		fd_close(os, p, entry, ns);
	if (fdtable_add(&p->fds, fd, number, cloexec))
		return -ENOMEM;
	object_ref(os->by_number[number]->object);
	return 0;
}

/* Is the fd of the op the one that the call returned? */
static bool op_returns_fd(const struct ipct_op *op)
{
	unsigned shape = syscall_rows[op->syscall].row.shape;

	return shape == IPCT_SHAPE_FD_RETURNED || shape == IPCT_SHAPE_FD_ACCEPTED;
}

/* Does the call ask for close-on-exec? `arg` has its two extra arguments. */
static bool op_cloexec(const struct ipct_op *op)
{
	uint32_t low = (uint32_t)op->arg, high = (uint32_t)(op->arg >> 32);
	unsigned flags = syscall_rows[op->syscall].row.flags;

	return flags & IPCT_ROW_CLOEXEC || (flags & IPCT_ROW_CLOEXEC1 && low & O_CLOEXEC) ||
	       (flags & IPCT_ROW_CLOEXEC2 && high & O_CLOEXEC) ||
	       (flags & IPCT_ROW_FCNTL && low == F_DUPFD_CLOEXEC) ||
	       (flags & IPCT_ROW_MFD_FLAGS && low & MFD_CLOEXEC);
}

/*
 * Keep count of the opens of a FIFO, by anyone and by traced processes. If the latter were more,
 * the kernel's counters have started anew: all had closed it, and its new pipe lies at the address
 * of the old one.
 */
static void fifo_opened(struct instance *in, const struct ipct_op *op)
{
	bool opened = op->role == IPCT_ROLE_OPEN && op->result >= 0 &&
		      syscall_rows[op->syscall].row.shape == IPCT_SHAPE_FD_RETURNED;
	unsigned opens_read = (uint32_t)op->key, opens_write = (uint32_t)(op->key >> 32);
	unsigned by_read = in->traced_opens_read + (opened && op->flags & IPCT_OP_READ_END);
	unsigned by_write = in->traced_opens_write + (opened && op->flags & IPCT_OP_WRITE_END);

	if (!opens_read && !opens_write)
		return; /* the fd was gone already */
	if ((by_read > in->opens_read && by_read > opens_read) ||
	    (by_write > in->opens_write && by_write > opens_write)) {
		in->object->outside |= lifetime_outside(in);
		by_read -= in->traced_opens_read;
		by_write -= in->traced_opens_write;
		in->opens_read = in->opens_write = 0;
		stream_drop(&in->stream[0]);
	}
	in->traced_opens_read = by_read;
	in->traced_opens_write = by_write;
	if (opens_read > in->opens_read)
		in->opens_read = opens_read;
	if (opens_write > in->opens_write)
		in->opens_write = opens_write;
}

bool lifetime_outside(const struct instance *in)
{
	unsigned broken = in->object->broken_opens;

	return in->opens_read > in->traced_opens_read + broken ||
	       in->opens_write > in->traced_opens_write + broken;
}

/* Any op shows that the process has the object at this fd. */
static int fd_seen(struct objects *os, struct process *p, const struct ipct_op *op, int64_t ns)
{
	struct fd_entry *entry = fdtable_find(&p->fds, op->fd);

	if (op->fd < 0 || op->flags & IPCT_OP_ELSEWHERE || !has_fds(op->head.mechanism) ||
	    (entry && entry->object == op->object))
		return 0;
	return fd_open(os, p, op->fd, op->object, false, ns);
}

/* The object of the second fd that the call made: each socket of a pair is one, of datagrams. */
static uint32_t op_second(struct objects *os, const struct ipct_op *op, int64_t ns)
{
	if (op->syscall == IPCT_SYS_socketpair && op->key && op->key <= IPCT_OBJECTS_MAX &&
	    instance_get(os, op->key, op->head.mechanism, ns))
		return op->key;
	return op->object;
}

static void control(struct process *p, struct object *o, const struct ipct_op *op)
{
	uint32_t cmd = (uint32_t)op->arg, value = (uint32_t)(op->arg >> 32);
	struct fd_entry *entry;

	if (op->syscall != IPCT_SYS_fcntl || op->result < 0)
		return;
	if (cmd == F_SETPIPE_SZ) {
		o->capacity = op->result;
		o->dirty = true;
	}
	if (cmd == F_SETFD && (entry = fdtable_find(&p->fds, op->fd)))
		entry->cloexec = value & FD_CLOEXEC;
}

/* What has no fds is closed by this; otherwise the last close comes when it comes. */
void lifetime_removed(struct object *o, const struct ipct_op *op, int64_t ns)
{
	if (!op_removes(op))
		return;
	o->removed = true;
	o->dirty = true;
	if (syscall_rows[op->syscall].row.shape == IPCT_SHAPE_IPC && o->open_fds <= 0)
		o->closed_ns = ns;
}

int lifetime_op(struct objects *os, struct process *p, struct instance *in,
		const struct ipct_op *op, int64_t end_ns)
{
	struct fd_entry *entry;
	int err = 0;

	if (in->object->mechanism == IPCT_MECH_FIFO && !(op->flags & IPCT_OP_READY))
		fifo_opened(in, op);
	if (!(op->flags & IPCT_OP_FINISHED) || !op->object || in->object->of)
		return 0;
	switch (op->role) {
	case IPCT_ROLE_CREATE:
		err = fd_open(os, p, op->fd, op->object, op_cloexec(op), end_ns);
		if (!err && op->fd2 != op->fd)
			err = fd_open(os, p, op->fd2, op_second(os, op, end_ns), op_cloexec(op),
				      end_ns);
		return err;
	case IPCT_ROLE_OPEN:
		if (op->result < 0)
			return 0;
		err = fd_seen(os, p, op, end_ns);
		if (!err && op->flags & IPCT_OP_NEW_FD && op->fd2 != op->fd)
			err = fd_open(os, p, op->fd2, op->object, op_cloexec(op), end_ns);
		entry = fdtable_find(&p->fds, op->fd);
		if (!err && entry && op_returns_fd(op))
			entry->cloexec = op_cloexec(op);
		return err;
	case IPCT_ROLE_CLOSE:
		err = fd_seen(os, p, op, end_ns);
		entry = fdtable_find(&p->fds, op->fd);
		if (!err && entry)
			fd_close(os, p, entry, end_ns);
		return err;
	case IPCT_ROLE_CONTROL:
		lifetime_removed(in->object, op, end_ns);
		err = fd_seen(os, p, op, end_ns);
		control(p, in->object, op);
		return err;
	}
	return fd_seen(os, p, op, end_ns);
}

int lifetime_fork(struct processes *ps, struct objects *os, struct process *p,
		  const struct ipct_fork *f, int64_t ns)
{
	int err;

	lifetime_exit(os, p, ns); /* in a damaged capture it may be there already */
	err = process_fork(ps, p, f, ns);
	for (size_t i = 0; i < p->fds.count && !err; i++)
		object_ref(os->by_number[p->fds.v[i].object]->object);
	return err;
}

void lifetime_given(struct objects *os, uint32_t number)
{
	if (number)
		object_ref(os->by_number[number]->object);
}

int lifetime_taken(struct objects *os, struct process *p, int fd, uint32_t number, bool cloexec,
		   int64_t ns)
{
	return number ? fd_open(os, p, fd, number, cloexec, ns) : 0;
}

void lifetime_arrived(struct objects *os, uint32_t number, int64_t ns)
{
	if (number)
		object_unref(os, number, ns);
}

void lifetime_exec(struct objects *os, struct process *p, int64_t ns)
{
	for (size_t i = p->fds.count; i-- > 0;)
		if (p->fds.v[i].cloexec)
			fd_close(os, p, &p->fds.v[i], ns);
}

void lifetime_exit(struct objects *os, struct process *p, int64_t ns)
{
	for (size_t i = p->fds.count; i-- > 0;)
		fd_close(os, p, &p->fds.v[i], ns);
	fdtable_clear(&p->fds);
}

void lifetime_range(struct objects *os, struct process *p, const struct ipct_fd_range *r,
		    int64_t ns)
{
	for (size_t i = p->fds.count; i-- > 0;) {
		struct fd_entry *e = &p->fds.v[i];

		if ((uint32_t)e->fd < r->first || (uint32_t)e->fd > r->last)
			continue;
		if (r->flags & CLOSE_RANGE_CLOEXEC)
			e->cloexec = true;
		else
			fd_close(os, p, e, ns);
	}
}
