/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Fds in messages (SCM_RIGHTS): a record for each that a sendmsg put into a message, and for each
 * that a recvmsg took out. Both read the control data where the program has them, at the end of
 * the call: by then the kernel has written the numbers of the new fds there, as far as there was
 * room. What both sides have in common is the address of the struct file.
 */
#ifndef IPCT_PASSING_H
#define IPCT_PASSING_H

#include "family.h"

#define STEPS_MAX 1024 /* messages, heads of control data and fds that are looked at */

/* Room for a record, without the path. */
static __noinline int passing_fill(struct ipct_passing *p, struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);

	if (!p)
		return 0;
	p->text[0] = 0;
	path_write(&p->path, &file->f_path);
	if (!p->path.len)
		bpf_probe_read_kernel_str(p->text, sizeof(p->text),
					  BPF_CORE_READ(dentry, d_name.name));
	return 0;
}

/* Global, as object_first_sight is, for the verifier's sake. */
__noinline int passing_emit(__u32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	struct file *file = fd_file(task, fd);
	struct ipct_passing *p;
	struct leg *leg, *passed;

	if (!t || !file)
		return 0;
	leg = &t->leg[0];
	passed = &t->leg[1]; /* a call with messages has one leg */
	if (!leg_find(t, task, passed, fd, IPCT_ROLE_OPEN, mechanism_mask, IPCT_OBJECT_INHERITED))
		passed->object = 0;
	p = note_reserve(IPCT_EV_PASSING, sizeof(*p));
	if (!p)
		return 0;
	p->head.mechanism = leg->mechanism;
	p->head.process = t->process;
	p->time_ns = leg_gives(leg) ? t->start_ns : bpf_ktime_get_ns();
	p->file = (__u64)file;
	p->carrier = leg->object;
	p->object = passed->object;
	p->mechanism = passed->object ? passed->mechanism : IPCT_MECH_NONE;
	p->flags = leg_gives(leg) ? IPCT_PASSING_GIVES : 0;
	if (leg->flags & IPCT_OP_END_ONE)
		p->flags |= IPCT_PASSING_END_ONE;
	if (leg->flags & IPCT_OP_PEEK)
		p->flags |= IPCT_PASSING_PEEK;
	if (socket_flags(t, &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)]) & MSG_CMSG_CLOEXEC)
		p->flags |= IPCT_PASSING_CLOEXEC;
	p->fd = fd;
	p->unused = 0;
	p->text[0] = 0;
	p->path.len = 0;
	if (!p->object)
		passing_fill(p, file);
	note_submit(p);
	return 0;
}

/*
 * The fds in the control data of `count` messages, of which each is `stride` bytes after the one
 * before. One loop for messages, heads of control data and fds, as calls can only be so deep.
 * Global, like the others.
 */
__noinline int passing_walk(__u64 msghdr, __u64 stride, __u64 count)
{
	__u64 head = 0, end = 0, fds = 0, fds_end = 0, last = msghdr + count * stride;
	struct user_msghdr msg;
	struct user_cmsghdr cmsg;
	__u32 fd;

	for (int step = 0; step < STEPS_MAX; step++) {
		if (fds + sizeof(fd) <= fds_end) {
			if (!bpf_probe_read_user(&fd, sizeof(fd), (void *)fds))
				passing_emit(fd);
			fds += sizeof(fd);
		} else if (head + sizeof(cmsg) <= end) {
			if (bpf_probe_read_user(&cmsg, sizeof(cmsg), (void *)head) ||
			    cmsg.len < sizeof(cmsg) || cmsg.len > end - head) {
				end = 0;
				continue;
			}
			if (cmsg.level == SOL_SOCKET && cmsg.type == SCM_RIGHTS) {
				fds = head + sizeof(cmsg);
				fds_end = head + cmsg.len;
			}
			head += (cmsg.len + 7) & ~7ull;
		} else if (msghdr < last) {
			if (bpf_probe_read_user(&msg, sizeof(msg), (void *)msghdr))
				break;
			head = msg.control;
			end = msg.control + msg.controllen;
			msghdr += stride;
		} else {
			break;
		}
	}
	return 0;
}

/* A call of the current thread has ended. */
static __always_inline void passing_ended(const struct thread *t,
					  const volatile struct ipct_row *row, __s64 result)
{
	if (result < 0 || t->legs != 1 || !(1u << t->leg[0].mechanism & UNIX_SOCKETS))
		return;
	if (row->flags & IPCT_ROW_MSG)
		passing_walk(t->args[1], sizeof(struct user_msghdr), 1);
	else if (row->flags & IPCT_ROW_MMSG)
		passing_walk(t->args[1], sizeof(struct user_mmsghdr), result);
}

#endif
