// SPDX-License-Identifier: BSD-2-Clause
/*
 * Address spaces as sorted arrays of parts. A call on a range first cuts the parts at its two ends
 * (space_cut), so that what lies inside can be treated as a whole.
 */
#include "collector/mapping.h"

#include "collector/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#define PAGE_BYTES 4096ull

static uint64_t page_up(uint64_t n)
{
	return (n + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

static struct space *space_of(struct process *p)
{
	if (!p->space) {
		p->space = calloc(1, sizeof(*p->space));
		if (p->space)
			p->space->processes = 1;
	}
	return p->space;
}

/* Index of the first part that ends behind `address`. */
static size_t space_index(const struct space *s, uint64_t address)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->v[mid].end <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int space_insert(struct space *s, const struct mapping *m)
{
	size_t at = space_index(s, m->start);

	if (array_grow(&s->v, &s->room, s->count, sizeof(*s->v)))
		return -ENOMEM;
	memmove(&s->v[at + 1], &s->v[at], (s->count - at) * sizeof(*s->v));
	s->v[at] = *m;
	s->count++;
	return 0;
}

static void space_remove(struct space *s, size_t at)
{
	s->count--;
	memmove(&s->v[at], &s->v[at + 1], (s->count - at) * sizeof(*s->v));
}

static int space_begin(const struct mapping_hooks *h, struct space *s, struct mapping *m)
{
	int err = h->began(m, h->arg);

	return err ? err : space_insert(s, m);
}

/* If a part has `address` inside, make two of it there. */
static int space_cut(const struct mapping_hooks *h, struct space *s, uint64_t address)
{
	size_t at = space_index(s, address);
	struct mapping right, *left;
	int err;

	if (at == s->count || s->v[at].start >= address)
		return 0;
	left = &s->v[at];
	right = *left;
	right.start = address;
	right.offset += address - left->start;
	left->end = address;
	err = h->changed(left, h->arg);
	return err ? err : space_begin(h, s, &right);
}

/*
 * Which parts does an operation mean? A record can come later than its call ended: what was mapped
 * after the call had begun is not its business.
 */
struct range {
	uint64_t start, end;
	int64_t start_ns, ns;
	const struct object *object; /* NULL: any */
};

static bool range_has(const struct range *r, const struct mapping *m)
{
	return m->mapped_ns <= r->start_ns && (!r->object || m->object == r->object);
}

static int range_cut(const struct mapping_hooks *h, struct space *s, const struct range *r)
{
	int err = space_cut(h, s, r->start);

	return err ? err : space_cut(h, s, r->end);
}

static int range_unmap(const struct mapping_hooks *h, struct space *s, const struct range *r)
{
	int err = range_cut(h, s, r);
	size_t at = space_index(s, r->start);

	while (!err && at < s->count && s->v[at].start < r->end) {
		struct mapping m = s->v[at];

		if (!range_has(r, &m)) {
			at++;
			continue;
		}
		space_remove(s, at);
		err = h->ended(&m, r->ns, false, h->arg);
	}
	return err;
}

/* PROT_* of a new mapping. */
static uint8_t op_protection(const struct ipct_op *op)
{
	uint32_t flags = (uint32_t)op->arg;

	if (op->syscall != IPCT_SYS_shmat)
		return flags & (PROT_READ | PROT_WRITE | PROT_EXEC);
	return PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) |
	       (flags & SHM_EXEC ? PROT_EXEC : 0);
}

/* A new mapping takes the place of whatever was there: no call but this one may have said so. */
static int range_map(const struct mapping_hooks *h, struct space *s, struct mapping *m)
{
	struct range r = {m->start, m->end, m->mapped_ns, m->mapped_ns, NULL};
	int err = range_unmap(h, s, &r);

	return err ? err : space_begin(h, s, m);
}

/* Another protection makes another part of it, so that each row has one for all its time. */
static int range_protect(const struct mapping_hooks *h, struct space *s, const struct range *r,
			 uint8_t protection)
{
	int err = range_cut(h, s, r);

	for (size_t at = space_index(s, r->start); !err && at < s->count && s->v[at].start < r->end;
	     at++) {
		struct mapping old = s->v[at], *m = &s->v[at];

		if (!range_has(r, m) || m->protection == protection)
			continue;
		m->protection = protection;
		m->mapped_ns = r->ns;
		m->how = "mprotect";
		err = h->began(m, h->arg);
		if (!err)
			err = h->ended(&old, r->ns, false, h->arg);
	}
	return err;
}

static int range_advise(const struct mapping_hooks *h, struct space *s, const struct range *r,
			uint32_t advice)
{
	int err;

	if (advice != MADV_DONTFORK && advice != MADV_DOFORK)
		return 0;
	err = range_cut(h, s, r);
	for (size_t at = space_index(s, r->start); !err && at < s->count && s->v[at].start < r->end;
	     at++)
		if (range_has(r, &s->v[at]))
			s->v[at].dont_fork = advice == MADV_DONTFORK;
	return err;
}

/*
 * shmdt: all that is left of the segment as it was attached at this address, and not what was moved
 * elsewhere (ipc/shm.c: ksys_shmdt).
 */
static int range_detach(const struct mapping_hooks *h, struct space *s, uint64_t address,
			const struct range *r)
{
	int err = 0;

	for (size_t at = space_index(s, address); !err && at < s->count;) {
		struct mapping m = s->v[at];

		if (!range_has(r, &m) || !m.attached || m.start - address != m.offset) {
			at++;
			continue;
		}
		space_remove(s, at);
		err = h->ended(&m, r->ns, false, h->arg);
	}
	return err;
}

/* mremap: `r` is the old range. A length of 0 maps the same a second time. */
static int range_move(const struct mapping_hooks *h, struct space *s, const struct range *r,
		      uint64_t to, uint64_t length, uint32_t flags)
{
	size_t at = space_index(s, r->start);
	struct mapping m;
	int err;

	if (at == s->count || s->v[at].start > r->start || !range_has(r, &s->v[at]))
		return 0;
	m = s->v[at];
	m.offset += r->start - m.start;
	m.start = to;
	m.end = to + length;
	m.mapped_ns = r->ns;
	m.how = "mremap";
	/* the new one first: the object is held all the time */
	err = h->began(&m, h->arg);
	if (!err && r->end > r->start && !(flags & MREMAP_DONTUNMAP))
		err = range_unmap(h, s, r);
	if (!err) {
		struct range at_new = {m.start, m.end, r->start_ns, r->ns, NULL};

		err = range_unmap(h, s, &at_new);
	}
	return err ? err : space_insert(s, &m);
}

static int op_map(const struct mapping_hooks *h, struct process *p, struct object *o,
		  const struct ipct_op *op, uint64_t length, int64_t ns)
{
	struct mapping m = {
		.object = o,
		.number = op->object,
		.process = p,
		.start = op->result,
		.end = op->result + page_up(length),
		.offset = op->offset,
		.protection = op_protection(op),
		.mapped_ns = ns,
		.attached = op->syscall == IPCT_SYS_shmat,
		.how = op->syscall == IPCT_SYS_shmat ? "shmat" : "mmap",
	};
	struct space *s = space_of(p);

	if (!s)
		return -ENOMEM;
	return m.end > m.start ? range_map(h, s, &m) : 0;
}

int mapping_op(const struct mapping_hooks *h, struct process *p, struct object *o,
	       const struct ipct_op *op, uint64_t length, int64_t start_ns, int64_t end_ns)
{
	uint32_t low = (uint32_t)op->arg;
	struct range r = {op->key, op->key + page_up(op->requested), start_ns, end_ns, NULL};

	if (op->role == IPCT_ROLE_MAP)
		return op_map(h, p, o, op, length, end_ns);
	if (!p->space)
		return 0;
	switch (op->syscall) {
	case IPCT_SYS_mmap: /* a private one at a fixed address */
	case IPCT_SYS_munmap:
		return range_unmap(h, p->space, &r);
	case IPCT_SYS_shmdt:
		r.object = o;
		return range_detach(h, p->space, op->key, &r);
	case IPCT_SYS_mprotect:
		return range_protect(h, p->space, &r, low & (PROT_READ | PROT_WRITE | PROT_EXEC));
	case IPCT_SYS_madvise:
		return range_advise(h, p->space, &r, low);
	case IPCT_SYS_mremap:
		r.end = op->key + page_up(op->offset);
		return range_move(h, p->space, &r, op->result, page_up(op->requested), low);
	}
	return 0;
}

const struct mapping *mapping_find(const struct process *p, uint64_t start, uint64_t length)
{
	size_t at;

	if (!p->space)
		return NULL;
	at = space_index(p->space, start);
	return at < p->space->count && p->space->v[at].start < start + length ? &p->space->v[at]
									      : NULL;
}

const struct mapping *mapping_attached(const struct process *p, uint64_t address)
{
	if (!p->space)
		return NULL;
	for (size_t at = space_index(p->space, address); at < p->space->count; at++) {
		const struct mapping *m = &p->space->v[at];

		if (m->attached && m->start - address == m->offset)
			return m;
	}
	return NULL;
}

int mapping_fork(const struct mapping_hooks *h, struct process *p, struct process *parent,
		 bool shares, int64_t ns)
{
	const struct space *from = parent->space;
	int err = mapping_leave(h, p, true, ns); /* in a damaged capture it may have one */

	if (shares && !err) {
		p->space = space_of(parent);
		if (!p->space)
			return -ENOMEM;
		p->space->processes++;
		return 0;
	}
	if (!from || !from->count || err)
		return err;
	if (!space_of(p))
		return -ENOMEM;
	for (size_t i = 0; i < from->count && !err; i++) {
		struct mapping m = from->v[i];

		m.process = p;
		m.mapped_ns = ns;
		m.how = "fork";
		if (!m.dont_fork)
			err = space_begin(h, p->space, &m);
	}
	return err;
}

int mapping_leave(const struct mapping_hooks *h, struct process *p, bool exits, int64_t ns)
{
	struct space *s = p->space;
	int err = 0;

	p->space = NULL;
	if (!s || --s->processes)
		return 0;
	for (size_t i = 0; i < s->count && !err; i++)
		err = h->ended(&s->v[i], ns, exits, h->arg);
	free(s->v);
	free(s);
	return err;
}

void mapping_clear(struct process *p)
{
	struct space *s = p->space;

	p->space = NULL;
	if (!s || --s->processes)
		return;
	free(s->v);
	free(s);
}
