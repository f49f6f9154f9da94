/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The kernel's struct sock: which mechanism it is, and the place that a socket has here, which is
 * the number of its object and which end of that it is. The map `objects` holds places for sockets.
 */
#ifndef IPCT_SOCK_H
#define IPCT_SOCK_H

#include "object.h"
#include "process.h"

#define PLACE_MECH(m) ((m) << 20) /* in a thread's cache: above all numbers of objects */

_Static_assert(IPCT_OBJECTS_MAX < 1 << 20 && IPCT_MECH_COUNT < 1 << 11, "a place is 32 bits");

#define SOCKETS                                                                                    \
	(1u << IPCT_MECH_UNIX_STREAM | 1u << IPCT_MECH_UNIX_DGRAM |                                \
	 1u << IPCT_MECH_UNIX_SEQPACKET | 1u << IPCT_MECH_TCP | 1u << IPCT_MECH_UDP)

/* The inode number of the fd that the sock is reached by; 0: none yet, or no more. */
static __always_inline __u32 sock_ino(struct sock *sk)
{
	struct socket *socket = kernel_pointer(sk, sk_socket);
	struct socket_alloc *both;

	if (!socket)
		return 0;
	both = (void *)socket - bpf_core_field_offset(struct socket_alloc, socket);
	return kernel_read(kernel_struct(socket_alloc, both), vfs_inode.i_ino);
}

/* NULL: a file in a file system that a socket is bound to is no socket. */
static __always_inline struct sock *file_sock(struct file *file)
{
	struct socket *socket = kernel_pointer(file, private_data);

	return socket && kernel_pointer(socket, file) == file ? kernel_pointer(socket, sk) : NULL;
}

/* 0: of no mechanism. */
static __always_inline __u32 sock_mechanism(struct sock *address)
{
	struct sock *sk = kernel_struct(sock, address);
	__u16 type = kernel_read(sk, sk_type);

	switch (kernel_read(sk, __sk_common.skc_family)) {
	case AF_UNIX:
		return type == SOCK_STREAM  ? IPCT_MECH_UNIX_STREAM
		       : type == SOCK_DGRAM ? IPCT_MECH_UNIX_DGRAM
					    : IPCT_MECH_UNIX_SEQPACKET;
	case AF_INET:
	case AF_INET6:
		if (type == SOCK_STREAM && kernel_read(sk, sk_protocol) == IPPROTO_TCP)
			return IPCT_MECH_TCP;
		if (type == SOCK_DGRAM && kernel_read(sk, sk_protocol) == IPPROTO_UDP)
			return IPCT_MECH_UDP;
	}
	return 0;
}

/* What socket(2) and socketpair(2) were asked for; 0: of no mechanism, or of one of several. */
static __always_inline __u32 asked_mechanism(__u32 family, __u32 type, __u32 protocol)
{
	type &= SOCK_TYPE_MASK;
	if (family == AF_UNIX)
		return type == SOCK_STREAM      ? IPCT_MECH_UNIX_STREAM
		       : type == SOCK_SEQPACKET ? IPCT_MECH_UNIX_SEQPACKET
		       : type == SOCK_DGRAM     ? IPCT_MECH_UNIX_DGRAM
						: IPCT_MECH_NONE;
	if (family != AF_INET && family != AF_INET6)
		return IPCT_MECH_NONE;
	if (type == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP))
		return IPCT_MECH_TCP;
	if (type == SOCK_DGRAM && (!protocol || protocol == IPPROTO_UDP))
		return IPCT_MECH_UDP;
	return IPCT_MECH_NONE;
}

/* Does a connection of the mechanism have two ends? Otherwise each socket is an object. */
static __always_inline bool socket_two_way(__u32 mechanism)
{
	return mechanism != IPCT_MECH_UNIX_DGRAM && mechanism != IPCT_MECH_UDP;
}

#define UNIX_SOCKETS                                                                               \
	(1u << IPCT_MECH_UNIX_STREAM | 1u << IPCT_MECH_UNIX_DGRAM | 1u << IPCT_MECH_UNIX_SEQPACKET)

/* What keeps the boundaries of messages, and is labelled as the kernel hands it over. */
#define UNIX_PACKETS (1u << IPCT_MECH_UNIX_DGRAM | 1u << IPCT_MECH_UNIX_SEQPACKET)

/* May a call with this row move several messages? Each is a part, with a record of its own. */
static __always_inline bool call_has_parts(const volatile struct ipct_row *row)
{
	return row->flags & IPCT_ROW_MMSG || row->shape == IPCT_SHAPE_FD_PAIR;
}

/*
 * The record of a message that the leg has moved; the op of the call comes later. False: there was
 * no room.
 */
static __noinline int part_emit(struct thread *t, const struct leg *leg, __u32 bytes)
{
	struct ipct_op *op = note_reserve(IPCT_EV_OP, sizeof(*op));

	if (!op)
		return false;
	op->head.mechanism = leg->mechanism;
	op->head.process = t->process;
	op->tid = t->tid;
	op->syscall = t->row;
	op->role = leg->role;
	op->unused = 0;
	op->start_ns = t->start_ns;
	op->dur_ns = op->blocked_ns = 0;
	op->requested = 0;
	op->result = op->bytes = bytes;
	op->offset = leg->offset;
	op->arg = 0;
	op->key = leg->key;
	op->object = leg->object;
	op->fd = leg->fd;
	op->fd2 = -1;
	op->flags = leg->flags | IPCT_OP_PART;
	bpf_ringbuf_submit(op, ring_wake_flags(t));
	return true;
}

static __always_inline void socket_key(struct object_key *key, __u32 mechanism, __u32 ino)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->mechanism = mechanism;
	key->ino = ino;
}

#endif
