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

enum { STEP_LAST, STEP_ON, STEP_FD };

#define STEPS_MAX    1024 /* messages, heads of control data and fds that are looked at */
#define MESSAGES_MAX 1024 /* UIO_MAXIOV: net/socket.c __sys_sendmmsg */

/* Room for a record, without the path. */
static __noinline int passing_fill(struct ipct_passing *p, struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);

	if (!p)
		return 0;
	p->text[0] = 0;
	path_write(&p->path, (__u64)&file->f_path);
	if (!p->path.len)
		bpf_probe_read_kernel_str(p->text, sizeof(p->text),
					  BPF_CORE_READ(dentry, d_name.name));
	return 0;
}

/* For what a step has met, if it is an fd. Global, as object_first_sight is, for the verifier. */
__noinline int passing_emit(__u32 met)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	__u32 fd = met - STEP_FD;
	struct ipct_passing *p;
	struct leg *leg, *passed;
	struct file *file;

	if (!t || met < STEP_FD)
		return 0;
	file = current_file(fd);
	if (!file)
		return 0;
	leg = &t->leg[0];
	passed = &t->leg[1]; /* a call with messages has one leg */
	if (!leg_of_fd(t, file, 1, fd, IPCT_ROLE_OPEN, mechanism_mask, IPCT_OBJECT_INHERITED))
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
 * One step of passing_walk: an fd, the head of some control data, or a message. STEP_LAST: there
 * is no more; STEP_ON: go on; else the fd that was met is STEP_FD less. The place is kept in the
 * thread's state, so that the verifier looks at one step and not at every course that many of them
 * can take. Global, like the others.
 */
__noinline int passing_step(void)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct user_msghdr msg;
	struct user_cmsghdr cmsg;
	struct passing_place *at;
	__u32 fd;

	if (!t)
		return STEP_LAST;
	at = &t->passing;
	if (at->fd + sizeof(fd) <= at->fd_end) {
		if (bpf_probe_read_user(&fd, sizeof(fd), (void *)at->fd))
			return STEP_LAST;
		at->fd += sizeof(fd);
		return fd + STEP_FD;
	} else if (at->head + sizeof(cmsg) <= at->head_end) {
		if (bpf_probe_read_user(&cmsg, sizeof(cmsg), (void *)at->head) ||
		    cmsg.len < sizeof(cmsg) || cmsg.len > at->head_end - at->head) {
			at->head_end = 0;
			return STEP_ON;
		}
		if (cmsg.level == SOL_SOCKET && cmsg.type == SCM_RIGHTS) {
			at->fd = at->head + sizeof(cmsg);
			at->fd_end = at->head + cmsg.len;
		}
		at->head += (cmsg.len + 7) & ~7ull;
	} else if (at->message < at->message_end) {
		if (bpf_probe_read_user(&msg, sizeof(msg), (void *)at->message))
			return STEP_LAST;
		at->head = msg.control;
		at->head_end = msg.control + msg.controllen;
		at->message += at->stride;
	} else {
		return STEP_LAST;
	}
	return STEP_ON;
}

/* A callback of bpf_loop. */
static long passing_turn(__u32 turn, void *unused)
{
	__u32 met = passing_step();

	if (met == STEP_LAST)
		return 1;
	passing_emit(met); /* no test here, which would double the verifier's paths */
	return 0;
}

/*
 * The fds in the control data of `count` messages, of which each is `stride` bytes after the one
 * before. Not a function of its own, as the stack has no room for one more frame.
 */
static __always_inline void passing_walk(struct thread *t, __u64 stride, __u64 count)
{
	struct passing_place *at = &t->passing;

	at->fd = at->fd_end = at->head = at->head_end = 0;
	at->message = t->args[1];
	at->message_end = at->message + count * stride;
	at->stride = stride;
	bpf_loop(STEPS_MAX, passing_turn, NULL, 0);
}

/* A call of the current thread has ended. */
static __always_inline void passing_ended(struct thread *t, const volatile struct ipct_row *row,
					  __s64 result)
{
	bool several = row->flags & IPCT_ROW_MMSG;

	if (result < 0 || t->legs != 1 || !(1u << t->leg[0].mechanism & UNIX_SOCKETS) ||
	    !(row->flags & (IPCT_ROW_MSG | IPCT_ROW_MMSG)))
		return;
	passing_walk(t, several ? sizeof(struct user_mmsghdr) : sizeof(struct user_msghdr),
		     several ? result : 1);
}

#endif
