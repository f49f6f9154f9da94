/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Objects get a number at first sight, and a record that announces them. Each family describes its
 * own; object_describe below calls it.
 *
 * The announcement has its place in the ring before another thread can find the number, so it
 * comes before every op on the object.
 */
#ifndef IPCT_OBJECT_H
#define IPCT_OBJECT_H

#include "path.h"

/* An object that is met, maybe for the first time. */
/* A place: the number of an object, and which of two ends. */
#define PLACE_END_ONE   0x80000000u
#define PLACE_NUMBER(p) ((p)&0xfffff)

struct sighting {
	struct object_key key;
	__u64 source; /* address of what the family describes it from: a struct file, inode ... */
	union {
		__u32 owner;  /* process that it is a part of, or 0 */
		__u32 number; /* that it has: IPCT_OBJECT_AGAIN */
	};
	__u16 flags;  /* IPCT_OBJECT_* */
	__u8 fresh;   /* the current call made it: a number that its key has is another object's */
	__u8 end_one; /* it is met from end 1, of two */
};

#define FD_NONE (-1)

#define SIGHT_ACCEPTED 256 /* of a sighting's flags: accept(2) made it */

/*
 * The file at an fd of the task, the quickest way. But a pointer that is read through another one,
 * such as `files`, makes the verifier search all types of the kernel for each state in which it
 * comes by: that takes it as long as a thousand instructions, so this is done in two places.
 */
static __always_inline struct file *fd_file(struct task_struct *task, __u32 fd)
{
	struct fdtable *fdt = task->files->fdt;

	return fd < fdt->max_fds ? (struct file *)kernel_word((__u64)(fdt->fd + fd)) : NULL;
}

/* The same, read as memory. */
static __always_inline struct file *task_file(struct task_struct *task, __u32 fd)
{
	struct fdtable *fdt = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (fd < BPF_CORE_READ(fdt, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(fdt, fd) + fd);
	return file;
}

/* That of the current task, for all but the hot path. Global, for the verifier's sake. */
__noinline __u64 current_file_address(__u32 fd)
{
	return (__u64)fd_file(bpf_get_current_task_btf(), fd);
}

static __always_inline struct file *current_file(__u32 fd)
{
	return (struct file *)current_file_address(fd);
}

/* Does the call that has just ended return a new fd of what it opened or made? */
static __always_inline bool call_opens(const struct thread *t)
{
	return rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].shape == IPCT_SHAPE_FD_RETURNED;
}

/* Numbers for an object; 0: no more. */
static __always_inline __u32 object_number(__u32 flags)
{
	__u32 ways = flags & IPCT_OBJECT_TWO_WAY ? 2 : 1;
	__u32 number = __sync_fetch_and_add(&object_count, ways) + 1;

	return number > IPCT_OBJECTS_MAX ? 0 : number;
}

/* What is the same for all: to be called before the family's own describe function. */
static __always_inline void object_fill(struct ipct_object *o, const struct sighting *s,
					__u32 number)
{
	o->head.mechanism = s->key.mechanism;
	o->head.process = 0;
	o->time_ns = bpf_ktime_get_ns();
	o->ino = s->key.ino;
	o->dev = s->key.dev;
	o->generation = s->key.generation;
	o->object = number;
	o->flags = (__u8)s->flags;
	o->capacity = o->fill = o->fill_one = 0;
	o->fill_messages = o->fill_messages_one = 0;
	o->holder = o->pid = 0;
	o->process = o->capacity_messages = 0;
	o->offset = 0;
	o->text[0] = o->comm[0] = 0;
	o->local.len = o->remote.len = 0;
	o->name.len = 0;
}

static __always_inline void object_fill_inode(struct ipct_object *o, struct inode *inode)
{
	o->ino = BPF_CORE_READ(inode, i_ino);
	o->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	o->generation = BPF_CORE_READ(inode, i_generation);
}

/* The families' own: each fills what it knows beyond object_fill. */
static int pipe_describe(struct ipct_object *o, const struct sighting *s);
static int target_describe(struct ipct_object *o, const struct sighting *s);
static int unix_describe(struct ipct_object *o, const struct sighting *s);
static int tcp_describe(struct ipct_object *o, const struct sighting *s);
static int udp_describe(struct ipct_object *o, const struct sighting *s);
static int pty_describe(struct ipct_object *o, const struct sighting *s);
static int ipc_describe(struct ipct_object *o, const struct sighting *s);
static int mqueue_describe(struct ipct_object *o, const struct sighting *s);
static int eventfd_describe(struct ipct_object *o, const struct sighting *s);
static int memory_describe(struct ipct_object *o, const struct sighting *s);
static int futex_describe(struct ipct_object *o, const struct sighting *s);

/* The source of these is a struct file. */
#define NAMED_BY_PATH (1u << IPCT_MECH_FIFO | 1u << IPCT_MECH_POSIX_SHM | 1u << IPCT_MECH_MMAP_FILE)

static __always_inline void object_describe(struct ipct_object *o, const struct sighting *s)
{
	switch (s->key.mechanism) {
	case IPCT_MECH_PIPE:
	case IPCT_MECH_FIFO:
		pipe_describe(o, s);
		break;
	case IPCT_MECH_SIGNAL:
	case IPCT_MECH_PROCESS_VM:
		target_describe(o, s);
		break;
	case IPCT_MECH_UNIX_STREAM:
	case IPCT_MECH_UNIX_DGRAM:
	case IPCT_MECH_UNIX_SEQPACKET:
		unix_describe(o, s);
		break;
	case IPCT_MECH_TCP:
		tcp_describe(o, s);
		break;
	case IPCT_MECH_UDP:
		udp_describe(o, s);
		break;
	case IPCT_MECH_PTY:
		pty_describe(o, s);
		break;
	case IPCT_MECH_EVENTFD:
		eventfd_describe(o, s);
		break;
	case IPCT_MECH_POSIX_MQ:
		mqueue_describe(o, s);
		break;
	case IPCT_MECH_SYSV_MQ:
	case IPCT_MECH_SYSV_SEM:
	case IPCT_MECH_SYSV_SHM:
		ipc_describe(o, s);
		break;
	case IPCT_MECH_POSIX_SHM:
	case IPCT_MECH_MEMFD:
	case IPCT_MECH_MMAP_FILE:
	case IPCT_MECH_MMAP_ANON:
		memory_describe(o, s);
		break;
	case IPCT_MECH_FUTEX:
		futex_describe(o, s);
		break;
	}
	/* here and not in the families, as the verifier walks the path wherever it is walked */
	if (1u << s->key.mechanism & NAMED_BY_PATH)
		path_write(&o->name, (__u64) & ((struct file *)s->source)->f_path);
}

/* The process whose current call makes the object; 0: the call only meets it. */
static __always_inline __u32 object_creator(const struct sighting *s)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());

	if (!t || t->state != CALL_NONE) /* objects are made when the call ends */
		return 0;
	if (s->flags & IPCT_OBJECT_LASTING) /* a call that opens may have made it */
		return s->flags & IPCT_OBJECT_INHERITED ? 0 : t->process;
	return s->fresh || rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].role == IPCT_ROLE_CREATE
		       ? t->process
		       : 0;
}

/*
 * Publish the place of a new object. Returns it, or the one that another thread gave it first. A
 * function of its own, which has the copy of the key that a map wants only as long as it runs.
 */
static __noinline __u32 object_claim(const struct sighting *s, __u32 place)
{
	struct object_key key;
	__u32 *known, mine = place;

	if (!s)
		return 0;
	key = s->key;
	if (!bpf_map_update_elem(&objects, &key, &mine, s->fresh ? BPF_ANY : BPF_NOEXIST))
		return place;
	known = bpf_map_lookup_elem(&objects, &key);
	return known ? *known : 0; /* 0: the table is full */
}

/*
 * Number and announce an object that has no number yet; its place: the number, and which of two
 * ends this is (sock.h). 0: no room. A global function, which the verifier looks at once and not
 * at each place that calls it: this keeps loading quick.
 */
__noinline int object_first_sight(struct sighting *s)
{
	struct ipct_object *o;
	__u32 number, place, claimed;
	bool again;

	if (!s)
		return 0;
	again = s->flags & IPCT_OBJECT_AGAIN;
	number = again ? s->number : object_number(s->flags);
	if (!number)
		return 0;
	place = number | (s->end_one ? PLACE_END_ONE : 0);
	o = note_reserve(IPCT_EV_OBJECT, sizeof(*o));
	if (!o) /* apart, as 6.1's verifier loses sight of a record that may be there or not */
		return again ? place : object_claim(s, place);
	claimed = again ? place : object_claim(s, place);
	if (claimed != place) {
		bpf_ringbuf_discard(o, BPF_RB_NO_WAKEUP);
		return claimed;
	}
	object_fill(o, s, number);
	if (!again)
		o->head.process = object_creator(s);
	object_describe(o, s);
	note_submit(o);
	return place;
}

/*
 * The place of the object, which is announced if it is new; 0: no room. Sightings and keys are
 * large and the stack of all frames is 512 bytes, so families make them in functions of their own,
 * which are called and not inlined.
 */
static __always_inline __u32 object_find(struct sighting *s)
{
	__u32 *known = s->fresh ? NULL : bpf_map_lookup_elem(&objects, &s->key);

	return known ? *known : object_first_sight(s);
}

/* Where the thread remembers an object by its inode number, which is never used again. */
static __always_inline struct sight *sight_of(struct thread *t, __u32 ino)
{
	return &t->cache[ino % CACHE_SIZE];
}

static __always_inline void leg_clear(struct leg *leg)
{
	__builtin_memset(leg, 0, sizeof(*leg));
	leg->fd = -1;
}

/* Count the leg as seen, unless there was no room for its object. */
static __always_inline bool leg_seen(struct leg *leg)
{
	ledger_count(leg->mechanism, IPCT_COUNT_SEEN);
	if (!leg->object)
		ledger_count(leg->mechanism, IPCT_COUNT_OBJECTS_FULL);
	return leg->object;
}

/* Who opens with both O_CREAT and O_EXCL creates. */
static __always_inline __u32 open_role(const struct thread *t, const volatile struct ipct_row *row)
{
	__u64 flags = 0;

	switch (row->arg) {
	case 1:
		flags = t->args[1];
		break;
	case 2:
		flags = t->args[2];
		if (row->flags & IPCT_ROW_HOW &&
		    bpf_probe_read_user(&flags, sizeof(flags), (void *)t->args[2]))
			flags = 0;
		break;
	}
	if (row->role == IPCT_ROLE_OPEN && flags & O_CREAT && flags & O_EXCL)
		return IPCT_ROLE_CREATE;
	return row->role;
}

/* A leg for a call of `mechanism` that has no object. Global, for the verifier's sake. */
__noinline int leg_none(struct thread *t, __u32 mechanism, __u32 role)
{
	if (!t)
		return 0;
	leg_clear(&t->leg[0]);
	t->leg[0].mechanism = mechanism;
	t->leg[0].role = role;
	t->legs = 1;
	ledger_count(mechanism, IPCT_COUNT_SEEN);
	return 0;
}

#endif
