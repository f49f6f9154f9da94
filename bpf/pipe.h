/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The family of pipes and FIFOs: from an fd of the calling thread to the number of the object,
 * which is announced in a record of its own when it is first seen.
 *
 * A pipe is known by its inode number on pipefs. A FIFO is known by its inode, generation and the
 * address of its pipe, which the kernel makes anew when a FIFO is opened after all had closed it
 * (fs/pipe.c: fifo_open, put_pipe_info): what was left in it is gone, so its stream starts over.
 */
#ifndef IPCT_PIPE_H
#define IPCT_PIPE_H

#include "path.h"

#define PIPE_SLOTS_MAX 256 /* of 16 by default; what is beyond is not counted */

/* Learned from the first pipe; spares the hot path the look at the magic number. */
struct super_block *pipefs;

static __always_inline struct file *fd_file(struct task_struct *task, __u32 fd)
{
	struct fdtable *fdt = task->files->fdt;
	struct file *file = NULL;

	if (fd < fdt->max_fds)
		bpf_probe_read_kernel(&file, sizeof(file), fdt->fd + fd);
	return file;
}

static __always_inline bool on_pipefs(struct inode *inode)
{
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);

	if (sb == pipefs)
		return true;
	if (BPF_CORE_READ(sb, s_magic) != PIPEFS_MAGIC)
		return false;
	pipefs = sb;
	return true;
}

/* Bytes in the pipe now: the sum over its filled slots. */
static __noinline __u64 pipe_fill(struct pipe_inode_info *pipe)
{
	__u32 head = kernel_field(pipe, head), tail = kernel_field(pipe, tail);
	__u32 mask = BPF_CORE_READ(pipe, ring_size) - 1;
	char *bufs = (char *)BPF_CORE_READ(pipe, bufs);
	__u64 fill = 0;

	for (__u32 i = 0; i < PIPE_SLOTS_MAX && tail + i != head; i++) {
		struct pipe_buffer *buf =
			(void *)(bufs + (__u64)((tail + i) & mask) *
						bpf_core_type_size(struct pipe_buffer));

		fill += BPF_CORE_READ(buf, len);
	}
	return fill;
}

static __noinline int pipe_describe(struct ipct_object *o, struct file *file, __u32 object,
				    __u32 mechanism, __u32 flags)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct pipe_inode_info *pipe = BPF_CORE_READ(inode, i_pipe);

	if (!o)
		return 0;
	o->head.mechanism = mechanism;
	o->head.process = 0;
	o->time_ns = bpf_ktime_get_ns();
	o->ino = BPF_CORE_READ(inode, i_ino);
	o->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	o->generation = BPF_CORE_READ(inode, i_generation);
	o->object = object;
	o->flags = flags;
	o->capacity = (__u64)BPF_CORE_READ(pipe, max_usage) * PAGE_SIZE;
	o->fill = flags & IPCT_OBJECT_INHERITED ? pipe_fill(pipe) : 0;
	o->name.len = 0;
	if (mechanism == IPCT_MECH_FIFO)
		path_write(&o->name, &file->f_path);
	return 0;
}

static __always_inline void pipe_key(struct object_key *key, struct inode *inode, __u32 mechanism)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->ino = BPF_CORE_READ(inode, i_ino);
	if (mechanism == IPCT_MECH_PIPE)
		return;
	key->instance = (__u64)BPF_CORE_READ(inode, i_pipe);
	key->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	key->generation = BPF_CORE_READ(inode, i_generation);
}

/*
 * Number and announce an object that has none yet; 0: no room. The announcement has its place in
 * the ring before another thread can find the number, so it comes before every op on it. A global
 * function, which the verifier looks at once and not at each place that calls it: this keeps
 * loading quick.
 */
__noinline int pipe_first_sight(__u64 file_address, __u32 mechanism, __u32 flags)
{
	struct file *file = (struct file *)file_address;
	struct ipct_object *o;
	struct object_key key;
	__u32 number, *known;

	pipe_key(&key, BPF_CORE_READ(file, f_inode), mechanism);
	number = __sync_fetch_and_add(&object_count, 1) + 1;
	if (number > IPCT_OBJECTS_MAX)
		return 0;
	o = note_reserve(IPCT_EV_OBJECT, sizeof(*o));
	if (bpf_map_update_elem(&objects, &key, &number, BPF_NOEXIST)) {
		/* another thread was first, or the table is full */
		if (o)
			bpf_ringbuf_discard(o, BPF_RB_NO_WAKEUP);
		known = bpf_map_lookup_elem(&objects, &key);
		return known ? *known : 0;
	}
	if (o) {
		pipe_describe(o, file, number, mechanism, flags);
		note_submit(o);
	}
	return number;
}

static __always_inline __u32 pipe_object(struct thread *t, struct file *file, struct inode *inode,
					 __u32 mechanism, __u32 flags)
{
	struct object_key key;
	__u32 slot, number, *known;

	pipe_key(&key, inode, mechanism);
	slot = key.ino % CACHE_SIZE;
	if (mechanism == IPCT_MECH_PIPE && t->cache[slot].ino == (__u32)key.ino)
		return t->cache[slot].object;
	known = bpf_map_lookup_elem(&objects, &key);
	number = known ? *known : pipe_first_sight((__u64)file, mechanism, flags);
	if (mechanism == IPCT_MECH_PIPE && number) {
		t->cache[slot].ino = key.ino;
		t->cache[slot].object = number;
	}
	return number;
}

/*
 * Fill `leg` from the fd if it is one of a traced mechanism, and count it as seen. `flags` is
 * IPCT_OBJECT_INHERITED unless the call made the object.
 */
static __always_inline bool leg_resolve(struct thread *t, struct task_struct *task, struct leg *leg,
					__u32 fd, __u32 role, __u32 flags)
{
	struct file *file = fd_file(task, fd);
	struct inode *inode;
	__u32 mode, mechanism;

	if (!file)
		return false;
	inode = BPF_CORE_READ(file, f_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFIFO)
		return false;
	mechanism = on_pipefs(inode) ? IPCT_MECH_PIPE : IPCT_MECH_FIFO;
	if (!mechanism_on[mechanism])
		return false;
	ledger_count(mechanism, IPCT_COUNT_SEEN);
	leg->object = pipe_object(t, file, inode, mechanism, flags);
	if (!leg->object) {
		ledger_count(mechanism, IPCT_COUNT_OBJECTS_FULL);
		return false;
	}
	leg->fd = fd;
	leg->offset = 0;
	leg->mechanism = mechanism;
	leg->flags = 0;
	leg->in_window = 0;
	mode = BPF_CORE_READ(file, f_mode);
	if (mode & FMODE_READ)
		leg->flags |= IPCT_OP_READ_END;
	if (mode & FMODE_WRITE)
		leg->flags |= IPCT_OP_WRITE_END;
	if (role == IPCT_ROLE_BY_END)
		role = mode & FMODE_WRITE ? IPCT_ROLE_SEND : IPCT_ROLE_RECV;
	leg->role = role;
	if (role == IPCT_ROLE_SEND && BPF_CORE_READ(file, f_flags) & O_DIRECT)
		leg->flags |= IPCT_OP_PACKET;
	return true;
}

/*
 * An open for writing has returned. When all close a FIFO the kernel drops what is still in it and
 * frees its pipe; the next one may lie at the same address, so that it has the same number here.
 * It can be told by its head, which has counted no write yet though bytes were written to this
 * number: every writer passes here before its first write. The stream then goes on behind the
 * bytes that were dropped.
 */
static __always_inline void fifo_opened(struct task_struct *task, struct leg *leg)
{
	struct file *file = fd_file(task, leg->fd);
	__u32 key = leg->object;
	struct object_state *s;
	struct pipe_inode_info *pipe;
	__u64 sent, received;

	if (!file || !(leg->flags & IPCT_OP_WRITE_END))
		return;
	s = bpf_map_lookup_elem(&object_states, &key);
	if (!s)
		return;
	sent = s->send.passed;
	received = s->recv.passed;
	if (sent <= received)
		return;
	pipe = BPF_CORE_READ(file, f_inode, i_pipe);
	if (kernel_field(pipe, head))
		return;
	/* of two writers that return at once, one does it */
	if (__sync_val_compare_and_swap(&s->recv.passed, received, sent) == received)
		__sync_fetch_and_add(&s->recv.gaps, 1);
}

/* How often the FIFO was opened for reading and for writing, by anyone, since it has a pipe. */
static __always_inline void fifo_opens(struct task_struct *task, __u32 fd, struct ipct_op *op)
{
	struct file *file = fd_file(task, fd);
	struct pipe_inode_info *pipe;

	if (!file)
		return;
	pipe = BPF_CORE_READ(file, f_inode, i_pipe);
	/* both counters start at 1: fs/pipe.c alloc_pipe_info */
	op->opens_read = BPF_CORE_READ(pipe, r_counter) - 1;
	op->opens_write = BPF_CORE_READ(pipe, w_counter) - 1;
}

#endif
