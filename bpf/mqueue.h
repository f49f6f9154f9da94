/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * POSIX message queues as files: inodes of the mqueue file system, whose numbers are not reused.
 * How messages are paired is in queue.h.
 */
#ifndef IPCT_MQUEUE_H
#define IPCT_MQUEUE_H

#include "queue.h"

/* Learned from the first queue; spares the hot path the look at the magic number. */
struct super_block *mqueue_fs;

static __always_inline bool on_mqueue(struct inode *inode)
{
	struct super_block *sb = BPF_CORE_READ(inode, i_sb);

	if (sb == mqueue_fs)
		return true;
	if (BPF_CORE_READ(sb, s_magic) != MQUEUE_MAGIC)
		return false;
	mqueue_fs = sb;
	return true;
}

static __noinline int mqueue_describe(struct ipct_object *o, const struct sighting *s)
{
	struct file *file = (struct file *)s->source;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct mqueue_inode_info *info =
		(void *)inode - bpf_core_field_offset(struct mqueue_inode_info, vfs_inode);
	long n;

	if (!o)
		return 0;
	object_fill_inode(o, inode);
	o->capacity = BPF_CORE_READ(info, attr.mq_maxmsg) * BPF_CORE_READ(info, attr.mq_msgsize);
	o->capacity_messages = BPF_CORE_READ(info, attr.mq_maxmsg);
	o->fill = BPF_CORE_READ(info, qsize);
	o->fill_messages = BPF_CORE_READ(info, attr.mq_curmsgs);
	/* its name is the same from wherever its file system is mounted */
	n = bpf_probe_read_kernel_str(o->name.text, NAME_MAX_,
				      BPF_CORE_READ(file, f_path.dentry, d_name.name));
	o->name.truncated = 0;
	o->name.len = n > 0 ? n : 0;
	return 0;
}

/* How many queues there are in the current namespace: grows when mq_open makes one. */
static __always_inline __u32 mqueue_count(void)
{
	struct ipc_namespace *ns = ipc_namespace_of(bpf_get_current_task_btf());

	return BPF_CORE_READ(ns, mq_queues_count);
}

/* Did the mq_open that has just returned make the queue? See ipc_returned. */
static __always_inline bool mqueue_made(const struct thread *t)
{
	return t->row == IPCT_SYS_mq_open && t->args[1] & O_CREAT &&
	       (t->args[1] & O_EXCL || mqueue_count() > (__u32)t->args[5]);
}

/* Number of the queue. Global, as object_first_sight is, for the verifier's sake. */
__noinline __u32 mqueue_number(__u64 file, __u32 flags)
{
	struct sighting s = {.key.mechanism = IPCT_MECH_POSIX_MQ, .source = file, .flags = flags};
	struct inode *inode = BPF_CORE_READ((struct file *)file, f_inode);

	s.key.ino = BPF_CORE_READ(inode, i_ino);
	s.key.dev = BPF_CORE_READ(inode, i_sb, s_dev);
	return object_find(&s);
}

/* The queue behind `file`. False: it is none, or not selected. */
static __always_inline bool mqueue_resolve(struct thread *t, struct file *file, struct inode *inode,
					   struct leg *leg, __u32 mask, __u32 flags)
{
	if (!(mask & 1u << IPCT_MECH_POSIX_MQ) || !on_mqueue(inode))
		return false;
	leg->mechanism = IPCT_MECH_POSIX_MQ;
	flags = flags || !mqueue_made(t) ? IPCT_OBJECT_INHERITED : 0;
	leg->object = mqueue_number((__u64)file, flags | IPCT_OBJECT_LASTING);
	return true;
}

/* read(2) shows the state of a queue, and takes no message. */
static __always_inline __u32 mqueue_role(const struct thread *t, __u32 role)
{
	__u8 call = rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].id;

	if ((role == IPCT_ROLE_SEND && call != IPCT_SYS_mq_timedsend) ||
	    (role == IPCT_ROLE_RECV && call != IPCT_SYS_mq_timedreceive))
		return IPCT_ROLE_CONTROL;
	return role;
}

#endif
