// SPDX-License-Identifier: BSD-2-Clause
/*
 * The hooks of mappings, and the calls on memory by fd or id.
 */
#include "collector/memory.h"

#include "collector/lifetime.h"
#include "collector/mapping.h"
#include "collector/share.h"
#include "schemas/number.h"
#include "schemas/tables.h"

#include <errno.h>
#include <sys/mman.h>

static unsigned sharing(const struct mapping *m)
{
	return (m->protection & PROT_READ ? SHARE_READS : 0) |
	       (m->protection & PROT_WRITE ? SHARE_READS | SHARE_WRITES : 0);
}

static int share(struct memory *mem, struct object *o, struct process *p, unsigned how, int64_t ns)
{
	int got = share_begin(mem->aggregate, o, p, how, ns);

	if (got > 0)
		mem->left_over++;
	return got < 0 ? got : 0;
}

/* A store that fails is said elsewhere, once. */
static int began(struct mapping *m, void *arg)
{
	struct memory *mem = arg;

	m->id = ++mem->mappings;
	store_mapping(mem->store, m, UNKNOWN_NS);
	lifetime_hold(mem->objects, m->number);
	return sharing(m)
		       ? share(mem, m->object, m->process, sharing(m) | SHARE_STAYS, m->mapped_ns)
		       : 0;
}

static int changed(struct mapping *m, void *arg)
{
	struct memory *mem = arg;

	store_mapping(mem->store, m, UNKNOWN_NS);
	return 0;
}

static int ended(struct mapping *m, int64_t ns, bool exits, void *arg)
{
	struct memory *mem = arg;

	if (!exits)
		store_mapping(mem->store, m, ns);
	if (sharing(m))
		share_end(mem->aggregate, m->object, m->process, ns);
	lifetime_release(mem->objects, m->number, ns);
	return 0;
}

static struct mapping_hooks hooks(struct memory *m)
{
	return (struct mapping_hooks){began, changed, ended, m};
}

struct instance *memory_in_range(const struct memory *m, const struct process *p,
				 const struct ipct_op *op)
{
	uint64_t length = op->syscall == IPCT_SYS_mremap ? op->offset : op->requested;
	const struct mapping *found = op->syscall == IPCT_SYS_shmdt
					      ? mapping_attached(p, op->key)
					      : mapping_find(p, op->key, length ? length : 1);

	return found ? m->objects->by_number[found->number] : NULL;
}

static void size_set(struct object *o, uint64_t bytes)
{
	if (bytes > INT64_MAX || o->capacity == (int64_t)bytes)
		return;
	o->capacity = (int64_t)bytes;
	o->largest = max64(o->largest, o->capacity);
	o->dirty = true;
}

/* A call on an fd: it may read or write without a mapping, and the record has the size after it. */
static int fd_op(struct memory *m, struct process *p, struct object *o, const struct ipct_op *op,
		 int64_t ns)
{
	size_set(o, op->key);
	if (!op->bytes)
		return 0;
	return share(m, o, p, op_gives(op) ? SHARE_WRITES : SHARE_READS, ns);
}

int memory_op(struct memory *m, struct process *p, struct instance *in, const struct ipct_op *op,
	      int64_t start_ns, int64_t end_ns)
{
	const struct ipct_row *row = &syscall_rows[op->syscall].row;
	struct mapping_hooks h = hooks(m);
	struct object *o = in->object;
	uint64_t length = op->requested;

	if (!(op->flags & IPCT_OP_FINISHED) || op->result < 0 || !op->object)
		return 0;
	if (op->syscall == IPCT_SYS_shmat)
		length = o->capacity < 0 ? 0 : (uint64_t)o->capacity;
	if (row->shape == IPCT_SHAPE_FD)
		return fd_op(m, p, o, op, end_ns);
	return mapping_op(&h, p, o, op, length, start_ns, end_ns);
}

int memory_fork(struct memory *m, struct process *p, struct process *parent, bool shares,
		int64_t ns)
{
	struct mapping_hooks h = hooks(m);

	return mapping_fork(&h, p, parent, shares, ns);
}

int memory_leave(struct memory *m, struct process *p, bool exits, int64_t ns)
{
	struct mapping_hooks h = hooks(m);

	return mapping_leave(&h, p, exits, ns);
}

int memory_touch(struct memory *m, struct process *p, struct object *o, const struct ipct_touch *t)
{
	struct user *u = object_user(o, p);

	if (!u)
		return -ENOMEM;
	u->touch_reads += (int64_t)t->reads;
	u->touch_writes += (int64_t)t->writes;
	o->dirty = true;
	store_touches(m->store, o, u);
	return 0;
}

void memory_finish(struct memory *m, int64_t ns)
{
	for (size_t i = 0; i < m->objects->count; i++)
		share_finish(m->aggregate, m->objects->all[i], ns);
}
