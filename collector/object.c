// SPDX-License-Identifier: BSD-2-Clause
/*
 * Objects: from the kernel side's instances to the rows of the file.
 */
#include "collector/object.h"

#include "collector/address.h"
#include "collector/array.h"
#include "collector/pressure.h"
#include "collector/resolve.h"
#include "schemas/number.h"
#include "schemas/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * How many sends or receives may wait for their other side: as many as a pipe of the largest
 * unprivileged size can hold, or what an end outside the recording will never answer.
 */
#define WAITING_MAX         (1u << 20)
#define WAITING_MAX_OUTSIDE (1u << 16)

static struct object *object_new(struct objects *os, unsigned mechanism)
{
	struct object *o;

	if (array_grow(&os->all, &os->all_room, os->count, sizeof(*os->all)))
		return NULL;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	os->all[os->count++] = o;
	o->id = os->count;
	o->mechanism = mechanism;
	o->created_ns = o->closed_ns = UNKNOWN_NS;
	o->capacity = o->largest = -1;
	o->dirty = true;
	return o;
}

static struct instance *instance_new(void)
{
	struct instance *i = calloc(1, sizeof(*i));

	if (i)
		i->stream[0].limit = i->stream[1].limit = WAITING_MAX;
	return i;
}

static struct instance *instance_make(struct objects *os, uint32_t number)
{
	if (number >= os->room &&
	    array_grow(&os->by_number, &os->room, number, sizeof(*os->by_number)))
		return NULL;
	if (!os->by_number[number])
		os->by_number[number] = instance_new();
	if (os->by_number[number])
		os->by_number[number]->number = number;
	return os->by_number[number];
}

static int object_name(struct object *o, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	free(o->name);
	o->name = copy;
	o->dirty = true;
	return 0;
}

static struct instance *instance_none(struct objects *os, unsigned mechanism)
{
	struct instance *i = os->none[mechanism];

	if (i)
		return i;
	i = os->none[mechanism] = instance_new();
	if (!i)
		return NULL;
	i->object = object_new(os, mechanism);
	return i->object && !object_name(i->object, "(no object)") ? i : NULL;
}

struct instance *instance_get(struct objects *os, uint32_t number, unsigned mechanism, int64_t ns)
{
	struct instance *i = number ? instance_make(os, number) : instance_none(os, mechanism);

	if (i && !i->object) { /* its announcement was lost */
		i->object = object_new(os, mechanism);
		i->inherited = true;
	}
	return i && i->object ? i : NULL;
}

struct object *instance_object(const struct objects *os, uint32_t number)
{
	return number < os->room && os->by_number[number] ? os->by_number[number]->object : NULL;
}

static bool object_has_name(const struct object *o, const char *name)
{
	return (o->name && !strcmp(o->name, name)) || (o->link && !strcmp(o->link, name));
}

/* The latest object of this name, that has it still or (`removed_too`) had it. */
static struct object *name_find(struct objects *os, unsigned mechanism, const char *name,
				bool removed_too)
{
	for (size_t i = os->count; i-- > 0;) {
		struct object *o = os->all[i];

		if (o->mechanism == mechanism && (removed_too || !o->removed) &&
		    object_has_name(o, name))
			return o;
	}
	return NULL;
}

/* The latest object with this name or inode; only named ones are met again. */
static struct object *named_find(struct objects *os, unsigned mechanism, uint64_t ino, uint32_t dev,
				 const char *path)
{
	for (size_t i = os->count; i-- > 0;) {
		struct object *o = os->all[i];

		if (o->mechanism != mechanism)
			continue;
		if (ino && o->ino == ino && o->dev == dev)
			return o;
		/* some file systems show another device number in stat(2) than inside */
		if (!o->generation_known && o->name && *path && !strcmp(o->name, path))
			return o;
	}
	return NULL;
}

/* One more holder of an end; the same one can come twice, as its pipe can be at several fds. */
static void holder_add(struct processes *ps, struct process **end, struct process *holder)
{
	if (*end && *end != holder)
		*end = process_outside(ps, 0, "");
	else
		*end = holder;
}

static void holder_apply(struct processes *ps, struct object *o, const struct ipct_holder *h)
{
	struct process *p = process_outside(ps, h->pid, h->comm);

	if (h->flags & IPCT_OP_READ_END)
		holder_add(ps, &o->outside_reader, p);
	if (h->flags & IPCT_OP_WRITE_END)
		holder_add(ps, &o->outside_writer, p);
}

static void holders_apply(struct objects *os, struct processes *ps, struct object *o)
{
	for (size_t i = 0; i < os->holder_count; i++)
		if (os->holders[i].ino == o->ino && os->holders[i].dev == o->dev)
			holder_apply(ps, o, &os->holders[i]);
}

static struct object *announced_object(struct objects *os, const struct ipct_object *a,
				       const char *path)
{
	struct object *o = NULL;

	if (mechanisms[a->head.mechanism].named)
		o = named_find(os, a->head.mechanism, a->ino, a->dev, path);
	if (o && o->generation_known && o->generation != a->generation)
		o = NULL; /* the inode number was used again */
	if (!o)
		o = object_new(os, a->head.mechanism);
	return o;
}

/* The object's name, of what its announcement has to make one of. */
static void announced_name(const struct objects *os, const struct ipct_object *a,
			   const struct process *of, char *name, size_t size)
{
	const struct instance *holder =
		a->holder && a->holder < os->room ? os->by_number[a->holder] : NULL;

	*name = 0;
	if (of)
		snprintf(name, size, "%s[%u]", of->comm, of->pid);
	else if (a->text[0])
		snprintf(name, size, "%s", a->text);
	else if (holder && holder->object && holder->object->name)
		snprintf(name, size, "%s+0x%llx", holder->object->name,
			 (unsigned long long)a->offset);
	else
		address_name(a, name, size);
	if (!*name)
		path_join(&a->name, "", name, size);
	if (!*name)
		snprintf(name, size, "%s:[%llu]", mechanisms[a->head.mechanism].name,
			 (unsigned long long)a->ino);
}

/* The process that the object is a part of; NULL: of none. */
static struct process *announced_process(struct processes *ps, const struct ipct_object *a)
{
	if (!(a->flags & IPCT_OBJECT_OF_PROCESS))
		return NULL;
	if (a->process)
		return process_get(ps, a->process);
	return process_outside(ps, a->pid, a->text[0] ? a->text : a->comm);
}

/* Who and what is at the ends, as far as the kernel has told by now. */
static int announced_ends(struct object *o, const struct ipct_object *a)
{
	char text[IPCT_PATH_LEN];

	for (int end = 0; end < 2; end++) {
		address_text(end ? &a->remote : &a->local, text, sizeof(text));
		if (!*text)
			continue;
		free(o->address[end]);
		o->address[end] = strdup(text);
		if (!o->address[end])
			return -ENOMEM;
	}
	if (a->pid && !(a->flags & IPCT_OBJECT_OF_PROCESS)) {
		o->peer_pid = a->pid;
		memcpy(o->peer_comm, a->comm, sizeof(o->peer_comm));
	}
	return 0;
}

/* It was announced before, and has got an address or a peer. */
static int announced_again(struct object *o, const struct ipct_object *a, const char *name)
{
	char text[8];

	address_name(a, text, sizeof(text));
	return announced_ends(o, a) || (*text && object_name(o, name)) ? -ENOMEM : 0;
}

int instance_announce(struct objects *os, struct processes *ps, const struct ipct_object *a,
		      int64_t ns)
{
	struct instance *i = instance_make(os, a->object);
	char name[IPCT_PATH_LEN + 64];
	struct process *of = announced_process(ps, a);
	struct object *o;
	bool was_there;

	if (!i || (!of && a->flags & IPCT_OBJECT_OF_PROCESS))
		return -ENOMEM;
	announced_name(os, a, of, name, sizeof(name));
	if (i->object && a->flags & IPCT_OBJECT_AGAIN)
		return announced_again(i->object, a, name);
	o = i->object ? i->object : announced_object(os, a, name);
	if (!o || announced_ends(o, a))
		return -ENOMEM;
	i->object = o;
	i->two_way = a->flags & IPCT_OBJECT_TWO_WAY;
	was_there = a->flags & IPCT_OBJECT_INHERITED;
	/* what others moved is in the kernel's numbers, which leave no doubt */
	i->inherited = was_there && !(a->flags & IPCT_OBJECT_NUMBERED);
	stream_begin(&i->stream[0], a->fill, a->flags & IPCT_OBJECT_NUMBERED);
	stream_begin(&i->stream[1], a->fill_one, a->flags & IPCT_OBJECT_NUMBERED);
	for (int way = 0; was_there && way < 2; way++) {
		i->stream[way].limit = WAITING_MAX_OUTSIDE;
		i->stream[way].lossy = a->flags & IPCT_OBJECT_NUMBERED;
	}
	o->inherited |= was_there;
	o->two_way = i->two_way;
	o->mailbox = a->flags & IPCT_OBJECT_MAILBOX;
	o->outside |= i->inherited && !(a->flags & IPCT_OBJECT_LASTING);
	if (!was_there && (a->head.process || !mechanisms[a->head.mechanism].named))
		o->created_ns = ns;
	o->ino = a->ino;
	o->dev = a->dev;
	o->generation = a->generation;
	o->generation_known = true;
	o->capacity = a->capacity ? (int64_t)a->capacity : -1;
	o->largest = max64(o->largest, o->capacity);
	o->capacity_messages = a->capacity_messages;
	o->creator = a->head.process;
	o->of = of;
	o->closed_ns = UNKNOWN_NS;
	o->lasting = a->flags & IPCT_OBJECT_LASTING;
	o->removed = false;
	holders_apply(os, ps, o);
	return pressure_found(i, a, ns) ?: object_name(o, name);
}

#define PATH_ROOM (IPCT_PATH_LEN + IPCT_TEXT_LEN + 8)

static void op_path(const struct ipct_path_op *p, char path[PATH_ROOM])
{
	bool relative = p->base.len && p->op.syscall != IPCT_SYS_link;

	path_join(relative ? &p->base : NULL, p->text, path, PATH_ROOM);
}

/*
 * The known object at the path. After a call that removed or moved a name, what lies there now is
 * not what the call was on.
 */
static struct object *path_find(struct objects *os, const struct ipct_path_op *p, const char *path)
{
	unsigned mechanism = p->op.head.mechanism;
	struct object *o = NULL;

	if (p->op.role != IPCT_ROLE_CONTROL || p->op.result < 0)
		o = named_find(os, mechanism, p->ino, p->dev, path);
	if (!o && mechanism != IPCT_MECH_FIFO)
		o = name_find(os, mechanism, path, p->op.result < 0);
	return o;
}

struct object *object_at_path(struct objects *os, const struct ipct_path_op *p, int64_t ns)
{
	bool made = p->op.role == IPCT_ROLE_CREATE;
	char path[PATH_ROOM];
	struct object *o = NULL;

	op_path(p, path);
	if (syscall_rows[p->op.syscall].row.flags & IPCT_ROW_NAME) {
		o = name_find(os, p->op.head.mechanism, path, false);
		if (!o && p->op.result < 0) {
			struct instance *none = instance_get(os, 0, p->op.head.mechanism, ns);

			return none ? none->object : NULL;
		}
	} else if (!made || p->op.result < 0) {
		o = path_find(os, p, path);
	}
	if (o)
		return o;
	o = object_new(os, p->op.head.mechanism);
	if (!o || object_name(o, path))
		return NULL;
	o->ino = p->ino;
	o->dev = p->dev;
	if (made && p->op.result >= 0)
		o->created_ns = ns;
	return o;
}

int object_renamed(struct object *o, const struct ipct_path_op *p)
{
	char path[PATH_ROOM];

	if (p->op.result || p->op.role != IPCT_ROLE_CONTROL)
		return 0;
	if (p->op.syscall == IPCT_SYS_link) {
		if (!o->link && p->base.len)
			o->link = strdup(p->base.text);
		return o->link || !p->base.len ? 0 : -ENOMEM;
	}
	op_path(p, path);
	o->dirty = true;
	if (!o->link) {
		o->removed = true;
		return 0;
	}
	if (strcmp(o->link, path)) {
		free(o->name);
		o->name = o->link;
	} else {
		free(o->link);
	}
	o->link = NULL;
	return 0;
}

struct user *object_user(struct object *o, struct process *p)
{
	size_t low = 0, high = o->user_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (o->users[mid].process->id < p->id)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < o->user_count && o->users[low].process == p)
		return &o->users[low];
	if (array_grow(&o->users, &o->user_room, o->user_count, sizeof(*o->users)))
		return NULL;
	memmove(&o->users[low + 1], &o->users[low], (o->user_count - low) * sizeof(*o->users));
	o->user_count++;
	o->users[low] =
		(struct user){.process = p, .first_ns = UNKNOWN_NS, .writes_ns = UNKNOWN_NS};
	return &o->users[low];
}

/* Of an object that is there already: it was seen to use it. */
static void object_hold(struct processes *ps, struct object *o, const struct ipct_holder *h)
{
	holder_apply(ps, o, h);
	o->outside = true;
	o->dirty = true;
}

int objects_hold(struct objects *os, struct processes *ps, const struct ipct_holder *h)
{
	struct ipct_holder *v;

	if (h->object) {
		if (h->object < os->room && os->by_number[h->object] &&
		    os->by_number[h->object]->object)
			object_hold(ps, os->by_number[h->object]->object, h);
		return 0;
	}
	v = realloc(os->holders, (os->holder_count + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	os->holders = v;
	v[os->holder_count++] = *h;
	return 0;
}

static void instance_free(struct instance *i)
{
	if (i)
		for (int way = 0; way < 2; way++)
			stream_clear(&i->stream[way]);
	free(i);
}

void instance_retire(struct objects *os, uint32_t number)
{
	instance_free(os->by_number[number]);
	os->by_number[number] = NULL;
}

void object_retire(struct object *o)
{
	free(o->users);
	o->users = NULL;
	o->user_count = o->user_room = 0;
	for (int end = 0; end < 2; end++) {
		depth_free(o->depth[end]);
		o->depth[end] = NULL;
	}
	o->retired = true;
}

void objects_clear(struct objects *os)
{
	for (size_t i = 0; i < os->room; i++)
		instance_free(os->by_number[i]);
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		instance_free(os->none[m]);
	for (size_t i = 0; i < os->count; i++) {
		free(os->all[i]->name);
		free(os->all[i]->link);
		free(os->all[i]->users);
		for (int end = 0; end < 2; end++) {
			free(os->all[i]->address[end]);
			depth_free(os->all[i]->depth[end]);
		}
		free(os->all[i]);
	}
	free(os->by_number);
	free(os->all);
	free(os->holders);
	memset(os, 0, sizeof(*os));
}
