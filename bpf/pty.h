/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Pseudo-terminals: one object with two ends, the master (end 0) and the slave (end 1), which lead
 * to each other (drivers/tty/pty.c: tty->link).
 *
 * What is written at one end is what is read at the other only while the line discipline changes
 * nothing. Otherwise it echoes, adds carriage returns, edits lines (drivers/tty/n_tty.c), so that
 * byte numbers drift apart. Then messages are inferred, and the numbers are brought together again
 * where that is safe: when a reader finds nothing and sleeps, and when it has got more than was
 * sent.
 */
#ifndef IPCT_PTY_H
#define IPCT_PTY_H

#include "object.h"

#define TTYAUX_MAJOR            5 /* /dev/tty, /dev/ptmx */
#define UNIX98_PTY_MASTER_MAJOR 128
#define UNIX98_PTY_SLAVE_MAJOR  136
#define UNIX98_PTY_MAJOR_COUNT  8
#define TCFLSH                  0x540B

/* include/uapi/asm-generic/termbits.h: what changes input, what changes output */
#define INPUT_IFLAGS 03777 /* IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL IUCLC */
#define IXON         02000
#define INPUT_LFLAGS 013 /* ISIG ICANON ECHO */
#define ECHO         010
#define OPOST        01

static __always_inline bool major_within(__u32 major, __u32 first)
{
	return major >= first && major < first + UNIX98_PTY_MAJOR_COUNT;
}

/* The tty behind a character device's file, if that is an end of a pseudo-terminal. */
static __always_inline struct tty_struct *file_pty(struct file *file, struct inode *inode)
{
	__u32 major = BPF_CORE_READ(inode, i_rdev) >> 20;
	struct tty_file_private *private;
	struct tty_struct *tty;

	if (major != TTYAUX_MAJOR && !major_within(major, UNIX98_PTY_SLAVE_MAJOR))
		return NULL;
	private = BPF_CORE_READ(file, private_data);
	tty = private ? BPF_CORE_READ(private, tty) : NULL;
	if (!tty)
		return NULL;
	major = BPF_CORE_READ(tty, driver, major);
	return major_within(major, UNIX98_PTY_MASTER_MAJOR) ||
			       major_within(major, UNIX98_PTY_SLAVE_MAJOR)
		       ? tty
		       : NULL;
}

static __always_inline bool pty_is_master(struct tty_struct *tty)
{
	return major_within(BPF_CORE_READ(tty, driver, major), UNIX98_PTY_MASTER_MAJOR);
}

static __noinline int pty_describe(struct ipct_object *o, const struct sighting *s)
{
	struct tty_struct *tty = (struct tty_struct *)s->source;
	__u64 index = BPF_CORE_READ(tty, index);

	if (!o)
		return 0;
	o->ino = index;
	BPF_SNPRINTF(o->text, sizeof(o->text), "/dev/pts/%d", index);
	return 0;
}

/*
 * Number of the pair that the tty is an end of; `fresh`: it was made just now, maybe where an older
 * one lay. Global, as object_first_sight is, for the verifier's sake.
 */
__noinline __u32 pty_number(__u64 tty, __u32 flags, __u32 fresh)
{
	struct tty_struct *end = (struct tty_struct *)tty;
	struct sighting s = {.key.mechanism = IPCT_MECH_PTY,
			     .source = tty,
			     .flags = flags | IPCT_OBJECT_TWO_WAY,
			     .fresh = fresh};

	s.key.ino = BPF_CORE_READ(end, index);
	s.key.instance = pty_is_master(end) ? tty : (__u64)BPF_CORE_READ(end, link);
	return object_find(&s);
}

/* What is at the other end of `file`, a character device; false: not selected. */
static __always_inline bool pty_resolve(struct thread *t, struct file *file, struct inode *inode,
					struct leg *leg, __u32 mask, __u32 flags)
{
	struct tty_struct *tty;
	bool master;

	if (!(mask & 1u << IPCT_MECH_PTY))
		return false;
	tty = file_pty(file, inode);
	if (!tty)
		return false;
	master = pty_is_master(tty);
	leg->mechanism = IPCT_MECH_PTY;
	leg->object = pty_number((__u64)tty, flags,
				 master && !(flags & IPCT_OBJECT_INHERITED) && call_opens(t));
	leg->two_way = true;
	if (!master)
		leg->flags |= IPCT_OP_END_ONE;
	return true;
}

/* Does the line discipline pass on what the leg gives or takes just as it is? */
static __always_inline bool pty_is_clear(struct tty_struct *tty, const struct leg *leg)
{
	bool master = pty_is_master(tty);
	struct tty_struct *link = BPF_CORE_READ(tty, link);
	struct tty_struct *slave = master ? link : tty;
	__u32 lflag = BPF_CORE_READ(slave, termios.c_lflag);

	if (!bpf_core_field_exists(tty->ctrl.packet) ||
	    BPF_CORE_READ(slave, link, ctrl.packet)) /* a byte before each read of the master */
		return false;
	if (master == leg_gives(leg)) /* to the slave */
		return !(BPF_CORE_READ(slave, termios.c_iflag) & (INPUT_IFLAGS | IXON)) &&
		       !(lflag & INPUT_LFLAGS);
	return !(BPF_CORE_READ(slave, termios.c_oflag) & OPOST) && !(lflag & ECHO);
}

/* What was sent up to `sent` and not received is no more, or was received as something else. */
static __always_inline void flow_catch_up(struct object_state *s, __u64 sent)
{
	__u64 received = s->recv.passed;

	if (sent > received &&
	    __sync_val_compare_and_swap(&s->recv.passed, received, sent) == received)
		__sync_fetch_and_add(&s->recv.gaps, 1);
}

/*
 * A reader that is about to sleep has found nothing to read. What was sent may still be on its way,
 * as a worker of the kernel passes it on (drivers/tty/tty_buffer.c); but not what had been sent
 * when a reader slept the last time.
 */
static __always_inline void pty_sleeps(const struct leg *leg)
{
	__u32 key = leg_direction(leg);
	struct object_state *s = bpf_map_lookup_elem(&object_states, &key);

	if (!s || !leg_takes(leg) || !(leg->flags & IPCT_OP_UNSURE))
		return;
	flow_catch_up(s, s->fill);
	s->fill = s->send.passed;
}

/* What was discarded, by direction: what the caller would have read, what the other would have. */
static __always_inline void pty_flush(struct leg *leg)
{
	for (__u32 way = 0; way < 2; way++) {
		__u32 key = leg->object + way;
		struct object_state *s = bpf_map_lookup_elem(&object_states, &key);

		if (s)
			flow_catch_up(s, s->send.passed);
	}
}

/* More bytes than were sent: what is beyond was never sent by anyone. */
static __always_inline void pty_surplus(const struct leg *leg)
{
	__u32 key = leg_direction(leg);
	struct object_state *s = bpf_map_lookup_elem(&object_states, &key);
	__u64 sent, end;

	if (!s)
		return;
	sent = s->send.passed;
	end = s->recv.passed + leg->bytes;
	if (end > sent && __sync_val_compare_and_swap(&s->send.passed, sent, end) == sent)
		__sync_fetch_and_add(&s->send.gaps, 1);
}

static __always_inline void pty_begun(struct leg *leg, struct file *file)
{
	struct tty_struct *tty = file_pty(file, BPF_CORE_READ(file, f_inode));

	if (tty && (leg_gives(leg) || leg_takes(leg)) && !pty_is_clear(tty, leg))
		leg->flags |= IPCT_OP_UNSURE;
}

static __noinline void pty_ended(struct thread *t, struct leg *leg, __s64 result)
{
	if (t->row == IPCT_SYS_ioctl && (__u32)t->args[1] == TCFLSH && !result)
		pty_flush(leg);
	if (leg_takes(leg) && leg->bytes > 0 && leg->flags & IPCT_OP_UNSURE)
		pty_surplus(leg);
}

#endif
