/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The family of pipes and FIFOs.
 *
 * A pipe is known by its inode number on pipefs. A FIFO is known by its inode, generation and the
 * address of its pipe, which the kernel makes anew when a FIFO is opened after all had closed it
 * (fs/pipe.c: fifo_open, put_pipe_info): what was left in it is gone, so its stream starts over.
 */
#ifndef IPCT_PIPE_H
#define IPCT_PIPE_H

#include "object.h"

#define PIPE_SLOTS_MAX 256 /* of 16 by default; what is beyond is not counted */

/* Learned from the first pipe; spares the hot path the look at the magic number. */
struct super_block *pipefs;

static __always_inline bool on_pipefs(struct inode *inode)
{
	struct super_block *sb = kernel_read(inode, i_sb);

	if (sb == pipefs)
		return true;
	if (kernel_read(sb, s_magic) != PIPEFS_MAGIC)
		return false;
	pipefs = sb;
	return true;
}

/* The slots of a pipe, and how many bytes are in those that were looked at. */
struct pipe_slots {
	char *bufs;
	__u32 tail, mask;
	__u64 fill;
};

/* A callback of bpf_loop. */
static long pipe_slot_add(__u32 i, struct pipe_slots *s)
{
	__u64 slot = (s->tail + i) & s->mask;
	struct pipe_buffer *buf = (void *)(s->bufs + slot * bpf_core_type_size(struct pipe_buffer));

	s->fill += BPF_CORE_READ(buf, len);
	return 0;
}

/* Bytes in the pipe now: the sum over its filled slots. */
static __always_inline __u64 pipe_fill(struct pipe_inode_info *pipe)
{
	struct pipe_slots s = {.bufs = (char *)BPF_CORE_READ(pipe, bufs),
			       .tail = kernel_field(pipe, tail),
			       .mask = BPF_CORE_READ(pipe, ring_size) - 1};
	__u32 filled = (__u32)kernel_field(pipe, head) - s.tail;

	bpf_loop(filled < PIPE_SLOTS_MAX ? filled : PIPE_SLOTS_MAX, pipe_slot_add, &s, 0);
	return s.fill;
}

static __noinline int pipe_describe(struct ipct_object *o, const struct sighting *s)
{
	struct file *file = (struct file *)s->source;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct pipe_inode_info *pipe = BPF_CORE_READ(inode, i_pipe);

	if (!o)
		return 0;
	object_fill_inode(o, inode);
	o->capacity = (__u64)BPF_CORE_READ(pipe, max_usage) * PAGE_SIZE;
	o->fill = s->flags & IPCT_OBJECT_INHERITED ? pipe_fill(pipe) : 0;
	return 0;
}

/* Number of the pipe or FIFO. Global, for the verifier's sake. */
__noinline __u32 pipe_number(__u64 file, __u32 mechanism, __u32 flags)
{
	struct sighting s = {.source = file, .flags = flags, .key.mechanism = mechanism};
	struct inode *inode = BPF_CORE_READ((struct file *)file, f_inode);

	s.key.ino = BPF_CORE_READ(inode, i_ino);
	if (mechanism == IPCT_MECH_FIFO) {
		s.key.instance = (__u64)BPF_CORE_READ(inode, i_pipe);
		s.key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
		s.key.generation = BPF_CORE_READ(inode, i_generation);
	}
	return object_find(&s);
}

/* What is at the other end of `file`, a pipe or FIFO; false: not selected. */
static __always_inline bool pipe_resolve(struct thread *t, struct file *file, struct leg *leg,
					 __u32 mask, __u32 flags)
{
	struct inode *inode = kernel_read(kernel_struct(file, file), f_inode);
	__u32 ino = kernel_read(inode, i_ino);
	struct sight *sight = sight_of(t, ino);

	leg->mechanism = on_pipefs(inode) ? IPCT_MECH_PIPE : IPCT_MECH_FIFO;
	if (!(mask & 1u << leg->mechanism))
		return false;
	leg->object = pipe_number((__u64)file, leg->mechanism, flags);
	if (leg->mechanism == IPCT_MECH_PIPE && leg->object) { /* see pipe_known() */
		sight->ino = ino;
		sight->object = leg->object;
	}
	return true;
}

/* Number of the pipe behind `file` if the thread has met it before; else 0. */
static __always_inline __u32 pipe_known(struct thread *t, struct file *file)
{
	struct inode *inode = kernel_read(kernel_struct(file, file), f_inode);
	struct sight *sight;
	__u32 ino;

	if (!pipefs || kernel_read(inode, i_sb) != pipefs)
		return 0;
	ino = kernel_read(inode, i_ino);
	sight = sight_of(t, ino);
	return sight->ino == ino ? sight->object : 0;
}

/*
 * An open for writing has returned. When all close a FIFO the kernel drops what is still in it and
 * frees its pipe; the next one may lie at the same address, so that it has the same number here.
 * It can be told by its head, which has counted no write yet though bytes were written to this
 * number: every writer passes here before its first write. The stream then goes on behind the
 * bytes that were dropped.
 */
static __noinline void fifo_opened(struct leg *leg)
{
	struct file *file = current_file(leg->fd);
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

/* The key of an op on a FIFO: how often it was opened, by anyone, since it has a pipe. */
__noinline int fifo_opens(struct leg *leg)
{
	struct file *file = leg ? current_file(leg->fd) : NULL;
	struct pipe_inode_info *pipe;
	__u64 by_read, by_write;

	if (!leg || !file)
		return 0;
	pipe = BPF_CORE_READ(file, f_inode, i_pipe);
	/* both counters start at 1: fs/pipe.c alloc_pipe_info */
	by_read = BPF_CORE_READ(pipe, r_counter) - 1;
	by_write = BPF_CORE_READ(pipe, w_counter) - 1;
	leg->key = by_write << 32 | (__u32)by_read;
	return 0;
}

#endif
