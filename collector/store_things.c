// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rows of processes, objects, and what is between them other than messages.
 */
#include "collector/store_private.h"

#include "schemas/tables.h"

#include <errno.h>
#include <sys/mman.h>

int store_mapping(struct store *s, const struct mapping *m, int64_t unmapped_ns)
{
	char protection[] = "---";
	sqlite3_stmt *st = s->st[MAPPING];

	if (store_stopped(s))
		return -EIO;
	if (m->protection & PROT_READ)
		protection[0] = 'r';
	if (m->protection & PROT_WRITE)
		protection[1] = 'w';
	if (m->protection & PROT_EXEC)
		protection[2] = 'x';
	sqlite3_bind_int64(st, 1, m->id);
	sqlite3_bind_int64(st, 2, m->object->id);
	sqlite3_bind_int64(st, 3, m->process->id);
	sqlite3_bind_int64(st, 4, (int64_t)m->start);
	sqlite3_bind_int64(st, 5, (int64_t)(m->end - m->start));
	sqlite3_bind_int64(st, 6, (int64_t)m->offset);
	bind_text(st, 7, protection);
	bind_known(st, 8, m->mapped_ns, m->mapped_ns != UNKNOWN_NS);
	bind_known(st, 9, unmapped_ns, unmapped_ns != UNKNOWN_NS);
	bind_text(st, 10, m->how);
	return store_step(s, MAPPING);
}

int store_touches(struct store *s, const struct object *o, const struct user *u)
{
	sqlite3_stmt *st = s->st[TOUCH];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int64(st, 2, u->process->id);
	sqlite3_bind_int64(st, 3, u->touch_reads);
	sqlite3_bind_int64(st, 4, u->touch_writes);
	return store_step(s, TOUCH);
}

int store_passing(struct store *s, const struct passing_side *from, const struct passing_side *to,
		  uint32_t object_id)
{
	const struct passing_side *any = from ? from : to;
	sqlite3_stmt *st = s->st[PASSING];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, any->carrier->id);
	bind_known(st, 2, object_id, object_id);
	bind_text(st, 3, any->what);
	bind_known(st, 4, from ? from->time_ns : 0, from);
	bind_known(st, 5, to ? to->time_ns : 0, to);
	bind_known(st, 6, from ? from->process->id : 0, from);
	bind_known(st, 7, to ? to->process->id : 0, to);
	bind_known(st, 8, from ? from->fd : 0, from);
	bind_known(st, 9, to ? to->fd : 0, to);
	return store_step(s, PASSING);
}

int store_exec(struct store *s, const struct process *p, int64_t ts_ns)
{
	sqlite3_stmt *st = s->st[EXEC];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, p->id);
	sqlite3_bind_int64(st, 2, ts_ns);
	bind_text(st, 3, p->comm);
	bind_text(st, 4, p->exe);
	bind_text(st, 5, p->cmdline);
	return store_step(s, EXEC);
}

static int process_cgroup(struct store *s, const struct process *p)
{
	sqlite3_stmt *st = s->st[PROCESS_CGROUP];

	if (!p->traced)
		return 0;
	sqlite3_bind_int64(st, 1, p->id);
	bind_text(st, 2, p->cgroup);
	return store_step(s, PROCESS_CGROUP);
}

int store_process(struct store *s, const struct process *p)
{
	sqlite3_stmt *st = s->st[PROCESS];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, p->id);
	bind_known(st, 2, p->pid, p->pid);
	bind_known(st, 3, p->parent, p->parent);
	bind_known(st, 4, p->ppid, p->ppid);
	bind_text(st, 5, p->address ? p->address : *p->comm ? p->comm : NULL);
	bind_text(st, 6, p->exe);
	bind_text(st, 7, p->cmdline);
	bind_known(st, 8, p->start_ns, p->start_ns != UNKNOWN_NS);
	bind_known(st, 9, p->exit_ns, p->exit_ns != UNKNOWN_NS);
	bind_known(st, 10, p->status, p->exit_ns != UNKNOWN_NS);
	sqlite3_bind_int(st, 11, p->traced);
	bind_known(st, 12, p->cpu_ns, p->cpu_ns != UNKNOWN_NS);
	return store_step(s, PROCESS) ?: process_cgroup(s, p);
}

static int object_size(struct store *s, const struct object *o)
{
	sqlite3_stmt *st = s->st[OBJECT_SIZE];

	if (mechanisms[o->mechanism].discipline != IPCT_DISCIPLINE_NONE || o->largest < 0)
		return 0;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int64(st, 2, o->largest);
	return store_step(s, OBJECT_SIZE);
}

int store_object(struct store *s, const struct object *o)
{
	sqlite3_stmt *st = s->st[OBJECT];

	if (store_stopped(s))
		return -EIO;
	sqlite3_bind_int64(st, 1, o->id);
	sqlite3_bind_int(st, 2, o->mechanism);
	bind_text(st, 3, o->name);
	bind_known(st, 4, o->ino, o->ino || o->generation_known); /* a System V id may be 0 */
	bind_known(st, 5, o->dev, o->ino);
	bind_known(st, 6, o->created_ns, o->created_ns != UNKNOWN_NS);
	bind_known(st, 7, o->closed_ns, o->closed_ns != UNKNOWN_NS);
	bind_known(st, 8, o->capacity, o->capacity >= 0);
	sqlite3_bind_int64(st, 9, o->sends);
	sqlite3_bind_int64(st, 10, o->sent_bytes);
	sqlite3_bind_int64(st, 11, o->recvs);
	sqlite3_bind_int64(st, 12, o->received_bytes);
	sqlite3_bind_int64(st, 13, o->messages);
	sqlite3_bind_int64(st, 14, o->paired_bytes);
	sqlite3_bind_int64(st, 15, o->user_count);
	sqlite3_bind_int(st, 16, o->outside);
	sqlite3_bind_int(st, 17, o->left_behind);
	bind_known(st, 18, o->creator, o->creator);
	bind_text(st, 19,
		  o->two_way && o->ends_used == 1   ? o->address[1]
		  : o->two_way && o->ends_used == 2 ? o->address[0]
						    : NULL);
	return store_step(s, OBJECT) ?: object_size(s, o);
}
