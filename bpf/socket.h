/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What all sockets share: from an fd to the object and the end of it that the fd is.
 *
 * A socket is known by the inode number of its own fd, which is never used again, so an end that
 * was numbered once is found at once. A connected pair is one object with two ends. Whichever end
 * is met first makes the object; the other one joins it when it is met, found by its family:
 * unix.h follows the kernel's pointer to the peer, inet.h the addresses. Who connects is end 0, and
 * who accepts is end 1. Datagram sockets are an object each, which others send to.
 */
#ifndef IPCT_SOCKET_H
#define IPCT_SOCKET_H

#include "tcp.h"
#include "udp.h"
#include "unix.h"

/* The place of the socket at the other end; 0: not met, or not known. */
static __noinline __u32 socket_peer_place(struct sock *sk, __u32 mechanism, __u32 flags)
{
	switch (mechanism) {
	case IPCT_MECH_TCP:
		return tcp_peer_place(sk, flags & SIGHT_ACCEPTED);
	case IPCT_MECH_UNIX_STREAM:
	case IPCT_MECH_UNIX_SEQPACKET:
		return unix_peer_place(sk, mechanism);
	}
	return 0;
}

/* The sock has its place, which is new, and may have a peer: let the other end find it. */
static __noinline int socket_placed(struct sock *sk, __u32 mechanism, __u32 place, __u32 flags)
{
	__u32 number = PLACE_NUMBER(place);
	struct object_state *state = bpf_map_lookup_elem(&object_states, &number);

	if (state && flags & IPCT_OBJECT_INHERITED)
		state->inherited = 1;
	if (state && mechanism == IPCT_MECH_UDP)
		state->named = inet_port(sk);
	switch (mechanism) {
	case IPCT_MECH_TCP:
		if (tcp_connected(sk))
			tcp_placed(sk, place, flags & SIGHT_ACCEPTED);
		break;
	case IPCT_MECH_UNIX_STREAM:
	case IPCT_MECH_UNIX_SEQPACKET:
		unix_placed(sk, place);
		break;
	}
	return 0;
}

/* The socket has an address or a peer that it had not: say so. */
__noinline int socket_announce_again(__u64 sock, __u32 mechanism, __u32 number, __u32 end_one)
{
	struct sighting s = {.source = sock,
			     .key.mechanism = mechanism,
			     .number = number,
			     .flags = IPCT_OBJECT_AGAIN,
			     .end_one = end_one};

	socket_key(&s.key, mechanism, sock_ino((struct sock *)sock));
	return object_first_sight(&s);
}

/* The socket is the other end of what its peer made. Returns its place. */
static __noinline __u32 socket_joined(struct sock *sk, const struct object_key *key, __u32 place)
{
	if (!key)
		return 0;
	if (key->mechanism == IPCT_MECH_TCP)
		tcp_joined(sk, place);
	bpf_map_update_elem(&objects, key, &place, BPF_ANY);
	return place;
}

/* The place of a socket; 0: no room. Global, as object_first_sight is, for the verifier's sake. */
__noinline __u32 socket_place(__u64 sock, __u32 mechanism, __u32 flags)
{
	struct sock *sk = (struct sock *)sock;
	struct sighting s = {.source = sock, .key.mechanism = mechanism, .flags = flags};
	__u32 place, *known;

	socket_key(&s.key, mechanism, sock_ino(sk));
	known = bpf_map_lookup_elem(&objects, &s.key);
	if (known)
		return *known;
	if (socket_two_way(mechanism)) {
		s.flags |= IPCT_OBJECT_TWO_WAY;
		place = socket_peer_place(sk, mechanism, flags);
		if (place)
			return socket_joined(sk, &s.key, place ^ PLACE_END_ONE);
	} else
		s.flags |= IPCT_OBJECT_MAILBOX;
	s.end_one = !!(flags & SIGHT_ACCEPTED);
	place = object_first_sight(&s);
	if (PLACE_NUMBER(place))
		socket_placed(sk, mechanism, place, flags);
	return place;
}

/* The flags argument of a call that sends or receives: MSG_*; 0: it has none. */
static __always_inline __u32 socket_flags(const struct thread *t,
					  const volatile struct ipct_row *row)
{
	switch (row->id) {
	case IPCT_SYS_sendto:
	case IPCT_SYS_recvfrom:
	case IPCT_SYS_sendmmsg:
	case IPCT_SYS_recvmmsg:
		return t->args[3];
	case IPCT_SYS_sendmsg:
	case IPCT_SYS_recvmsg:
		return t->args[2];
	}
	return 0;
}

/* What is at the other end of `file`, a socket; false: not selected. */
static __always_inline bool socket_resolve(struct thread *t, struct file *file, struct inode *inode,
					   struct leg *leg, __u32 mask, __u32 flags)
{
	__u32 ino = kernel_read(kernel_struct(inode, inode), i_ino), mechanism, place;
	struct sight *sight = sight_of(t, ino);
	struct sock *sk;

	if (!(mask & SOCKETS))
		return false;
	if (sight->ino == ino) {
		place = sight->object;
		mechanism = place >> 20 & 0x7ff;
	} else {
		sk = file_sock(file);
		mechanism = sk ? sock_mechanism(sk) : 0;
		if (!(mask & 1u << mechanism))
			return false;
		place = socket_place((__u64)sk, mechanism, flags);
		sight->object = place | PLACE_MECH(mechanism);
		sight->ino = PLACE_NUMBER(place) ? ino : 0;
	}
	if (!(mask & 1u << mechanism))
		return false;
	leg->mechanism = mechanism;
	leg->object = PLACE_NUMBER(place);
	leg->two_way = socket_two_way(mechanism);
	if (1u << mechanism &
	    (1u << IPCT_MECH_UNIX_DGRAM | 1u << IPCT_MECH_TCP | 1u << IPCT_MECH_UDP))
		leg->sock = (__u64)file_sock(file);
	if (place & PLACE_END_ONE)
		leg->flags |= IPCT_OP_END_ONE;
	return true;
}

/*
 * An op on a socket begins. What a receive with MSG_PEEK sees stays; where a peek starts is not
 * known after SO_PEEK_OFF.
 */
static __noinline void socket_begun(const struct thread *t, struct leg *leg, struct file *file,
				    const volatile struct ipct_row *row)
{
	struct object_state *state;
	__u32 number = leg->object;

	if (leg->mechanism == IPCT_MECH_TCP)
		tcp_begun(leg);
	/* a new peer: messages of the old one are dropped (net/unix/af_unix.c: unix_dgram_connect)
	 */
	if (row->id == IPCT_SYS_connect && leg->mechanism == IPCT_MECH_UNIX_DGRAM &&
	    unix_peer(file_sock(file))) {
		state = bpf_map_lookup_elem(&object_states, &number);
		if (state)
			__sync_fetch_and_add(&state->dropped, 1);
	}
	if (leg->role == IPCT_ROLE_RECV && 1u << leg->mechanism & UNIX_PACKETS)
		leg->ordered = 1; /* see unix_taken */
	if (leg->mechanism == IPCT_MECH_UDP && leg->role == IPCT_ROLE_SEND)
		leg->ordered = 1; /* each datagram has a label of its own */
	if (leg->mechanism == IPCT_MECH_UDP && socket_flags(t, row) & MSG_ERRQUEUE)
		leg->sock = 0; /* what it gets is no datagram */
	if (leg->role != IPCT_ROLE_RECV || !(socket_flags(t, row) & MSG_PEEK))
		return;
	leg->flags |= IPCT_OP_PEEK;
	if (BPF_CORE_READ(file_sock(file), sk_peek_off) >= 0)
		leg->flags |= IPCT_OP_UNSURE;
}

/*
 * Kernels before 6.2 do not say to whom a message was delivered: see socket_guess. Set by the first
 * wake-up of anyone.
 */
bool deliveries_seen;

/*
 * A receive that sleeps has taken nothing yet, unless it waits for all that it asked for. A send
 * of one buffer to a UNIX socket sleeps for the buffer, before anything is in it
 * (net/unix/af_unix.c: sock_alloc_send_pskb); TCP can sleep with a part of the bytes sent. A
 * message is sent as a whole, so one that sleeps has not sent the next one.
 *
 * A receive from UDP can sleep with a datagram in its hands as well, for the memory to put it to:
 * that is no wait that a signal ends. Of TCP others cannot receive then.
 */
static __always_inline bool socket_pauses(const struct thread *t, const struct leg *leg)
{
	const volatile struct ipct_row *row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];

	if (leg->mechanism == IPCT_MECH_UDP && !t->waits)
		return false;
	if (leg_takes(leg))
		return !(socket_flags(t, row) & MSG_WAITALL) && !(row->flags & IPCT_ROW_MMSG);
	if (1u << leg->mechanism & UNIX_PACKETS)
		return deliveries_seen || !call_has_parts(row);
	return leg->mechanism != IPCT_MECH_TCP && t->legs == 1 && t->requested <= PAGE_SIZE &&
	       !(row->flags & IPCT_ROW_MMSG);
}

/*
 * Was the socket connected or given a name by a call with this row, which succeeded? Of TCP
 * connections on_tcp_state says so.
 */
static __always_inline bool socket_changed(const struct leg *leg,
					   const volatile struct ipct_row *row)
{
	if (leg->mechanism == IPCT_MECH_TCP)
		return row->id == IPCT_SYS_bind || row->id == IPCT_SYS_listen;
	return row->id == IPCT_SYS_bind || row->id == IPCT_SYS_connect ||
	       row->id == IPCT_SYS_accept || row->id == IPCT_SYS_accept4;
}

/* A connection of ours is there: before its peer can be accepted. In whoever's context. */
__noinline int tcp_established(__u64 socket)
{
	struct sock *sk = BPF_CORE_READ((struct socket *)socket, sk);
	struct object_key key;
	__u32 *place;

	if (!sk || sock_mechanism(sk) != IPCT_MECH_TCP)
		return 0;
	socket_key(&key, IPCT_MECH_TCP, sock_ino(sk));
	place = key.ino ? bpf_map_lookup_elem(&objects, &key) : NULL;
	if (!place)
		return 0;
	tcp_placed(sk, *place, true);
	socket_announce_again((__u64)sk, IPCT_MECH_TCP, PLACE_NUMBER(*place), *place >> 31);
	return 0;
}

/*
 * The number of a datagram socket to which `sender` has sent a message; 0: no room, or it is
 * closed. What lies in its queue at first sight is counted, with that message.
 */
static __always_inline __u32 socket_number(struct sock *sk, __u32 mechanism, __u64 sender)
{
	__u32 ino = sock_ino(sk), number, *known;
	struct object_key key;
	struct tally *tally;

	if (!ino)
		return 0;
	socket_key(&key, mechanism, ino);
	known = bpf_map_lookup_elem(&objects, &key);
	if (known)
		return PLACE_NUMBER(*known);
	number = PLACE_NUMBER(socket_place((__u64)sk, mechanism, IPCT_OBJECT_INHERITED));
	tally = sender ? tally_of(number, unix_sender_key(sender, 0)) : NULL;
	if (tally && tally->given)
		__sync_fetch_and_add(&tally->given, -1);
	return number;
}

/* The label of a datagram that goes to object `leg->to` through the socket of `leg->object`. */
static __always_inline void socket_label_to(struct leg *leg)
{
	struct object_state *state;
	__u32 from = leg->object, to = leg->to;

	state = bpf_map_lookup_elem(&object_states, &from);
	if (state && state->inherited)
		leg->flags |= IPCT_OP_UNSURE;
	state = bpf_map_lookup_elem(&object_states, &to);
	if (!state)
		return;
	leg->flags |= IPCT_OP_ELSEWHERE;
	leg->object = to;
	leg_label(leg, unix_sender_key(leg->sock, state->dropped));
	leg->object = from;
}

/* A call of several messages has labelled one. */
static __always_inline void socket_part(struct thread *t, struct leg *leg)
{
	__u32 from = leg->object;

	if (leg->to)
		leg->object = leg->to;
	part_emit(t, leg, 0);
	leg->object = from;
	leg->flags &= ~IPCT_OP_LABELLED;
}

/*
 * The leg has labelled a message. The window ends here, as the order of labels is that of the
 * messages unless another call was inside, and begins anew for the next message of the call.
 *
 * The window of a datagram is that of the socket which sends, as it is not known yet at the
 * beginning of the call where it goes: calls that do not share a socket have labels of their own.
 */
static __always_inline void socket_labelled(struct thread *t, struct leg *leg)
{
	window_leave(leg);
	if (call_has_parts(&rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)])) {
		socket_part(t, leg);
		window_enter(leg);
	} else {
		leg->ordered = 1;
	}
}

/* A message of the thread's leg lies in the queue of a sock. Global, for the verifier's sake. */
__noinline int socket_delivered(struct thread *t, struct leg *leg, __u64 sock)
{
	struct sock *sk = (struct sock *)sock;

	if (!t || !leg || !leg_gives(leg) || sock_mechanism(sk) != leg->mechanism)
		return 0;
	if (leg->mechanism == IPCT_MECH_UNIX_SEQPACKET) {
		leg_label(leg, 0);
	} else {
		leg->to = socket_number(sk, leg->mechanism, leg->sock);
		if (leg->to)
			socket_label_to(leg);
	}
	if (leg->flags & IPCT_OP_LABELLED)
		socket_labelled(t, leg);
	return 0;
}

/*
 * What a send on a stream has put into the queue of a sock is all of it, if it fits in one buffer
 * (net/unix/af_unix.c: unix_stream_sendmsg). Then its bytes have their place, and its window ends.
 */
__noinline int socket_streamed(struct thread *t, __u64 sock)
{
	struct sock *sk = (struct sock *)sock, *own = unix_peer(sk);
	const volatile struct ipct_row *row;
	struct flow *flow;
	struct leg *leg;

	if (!t)
		return 0;
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	leg = &t->leg[0];
	flow = leg_flow(leg);
	if (!flow || !own || !leg_gives(leg) || leg->held || call_has_parts(row) ||
	    sock_mechanism(sk) != leg->mechanism || socket_flags(t, row) & MSG_OOB ||
	    t->requested > UNIX_BUFFER_MAX ||
	    t->requested > (__u64)(kernel_read(kernel_struct(sock, own), sk_sndbuf) >> 1) -
				   UNIX_BUFFER_SPARE)
		return 0;
	leg->held = true;
	leg->offset = __sync_fetch_and_add(&flow->passed, t->requested);
	window_leave(leg);
	leg->ordered = 1;
	return 0;
}

/* It has ended, and sent other than it was asked to: the buffer has become smaller meanwhile. */
static __always_inline void socket_streamed_less(const struct thread *t, struct leg *leg)
{
	struct flow *flow = leg_flow(leg);
	__s64 more = leg->bytes - (__s64)t->requested;

	if (!flow || !leg->held || !more)
		return;
	__sync_fetch_and_add(&flow->passed, more);
	__sync_fetch_and_add(&flow->gaps, 1);
	leg->flags |= IPCT_OP_OVERLAPPED;
}

/* Does the call name the receiver of (the first of) its messages? */
static __always_inline bool socket_names(const struct thread *t, __u32 call)
{
	struct user_msghdr msg;

	if (call == IPCT_SYS_sendto)
		return t->args[4];
	if (call != IPCT_SYS_sendmsg && call != IPCT_SYS_sendmmsg)
		return false;
	return bpf_probe_read_user(&msg, sizeof(msg), (void *)t->args[1]) || msg.name;
}

/* A callback of bpf_loop. */
static long socket_guess_one(__u32 i, void *unused)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct leg *leg;

	if (!t)
		return 1;
	leg = &t->leg[0];
	if (leg->to)
		socket_label_to(leg);
	else
		leg_label(leg, 0);
	if (call_has_parts(&rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)]))
		socket_part(t, leg); /* it gets the flags of the call */
	return 0;
}

/*
 * On kernels that do not say to whom a message was delivered: to the peer, if the call names no
 * other receiver. Once a socket has sent what cannot be counted, none of its messages has a label.
 * Global, as object_first_sight is, for the verifier's sake.
 */
__noinline int socket_guess(__u32 count)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	const volatile struct ipct_row *row;
	struct object_state *state;
	struct leg *leg;
	__u32 number;

	if (!t)
		return 0;
	leg = &t->leg[0];
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	number = leg_direction(leg);
	state = bpf_map_lookup_elem(&object_states, &number);
	if (!state)
		return 0;
	if (row->shape == IPCT_SHAPE_FD_PAIR ||
	    (leg->mechanism == IPCT_MECH_UNIX_DGRAM && (!leg->to || socket_names(t, row->id))))
		state->astray = 1;
	if (state->astray)
		return 0;
	bpf_loop(count, socket_guess_one, NULL, 0);
	return 0;
}

/* How many messages a call that ended with `result` has sent, for all that it says itself. */
static __always_inline __u32 socket_count(const volatile struct ipct_row *row, __s64 result)
{
	if (row->flags & IPCT_ROW_MMSG)
		return result;
	return result || !(row->flags & IPCT_ROW_IOV); /* writev of nothing is no message */
}

/* The end of a call that sends messages: it is an op on the object that they went to. */
__noinline int socket_sent(struct thread *t, struct leg *leg, __s64 result)
{
	const volatile struct ipct_row *row;
	struct sock *peer = NULL;

	if (!t || !leg)
		return 0;
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	if (leg->mechanism == IPCT_MECH_UNIX_DGRAM && !leg->to)
		peer = unix_peer((struct sock *)leg->sock);
	if (peer)
		leg->to = socket_number(peer, leg->mechanism, 0);
	if (result < 0)
		leg->flags &= ~IPCT_OP_LABELLED;
	else if (!deliveries_seen)
		socket_guess(socket_count(row, result));
	window_leave(leg);
	leg->ordered = 1;
	if (deliveries_seen && call_has_parts(row)) /* each has its own */
		leg->flags &= ~IPCT_OP_OVERLAPPED;
	if (leg->to) {
		leg->object = leg->to;
		leg->flags |= IPCT_OP_ELSEWHERE;
	}
	return 0;
}

/* Something has come into the queue of a UDP socket, in whoever's context. */
__noinline int udp_ready(__u64 sock)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct sock *sk = (struct sock *)sock;
	struct leg *leg = NULL;

	if (t && t->state == CALL_RUNNING)
		for (int i = 0; i < LEGS; i++)
			if (i < t->legs && t->leg[i].mechanism == IPCT_MECH_UDP &&
			    leg_gives(&t->leg[i]))
				leg = &t->leg[i];
	if (!udp_arrived(sk, leg ? leg->message : 0) || !leg)
		return 0;
	leg->message = 0;
	leg->to = socket_number(sk, IPCT_MECH_UDP, 0);
	if (leg->to)
		udp_routed(t, leg);
	return 0;
}

/*
 * The calling thread's call on a UDP socket, its leg `nth`, ends. Global, as object_first_sight is,
 * for the verifier's sake; and not called by socket_ended, as the stack is deep enough.
 */
__noinline int udp_ended(__u32 nth, __s64 result)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct object_state *state;
	struct leg *leg;
	__u32 from;

	if (!t || nth >= LEGS)
		return 0;
	leg = &t->leg[nth];
	from = leg->object;
	if (!leg_gives(leg) && !leg_takes(leg))
		return 0;
	if (leg_takes(leg)) {
		if (result >= 0 && !(rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].flags & IPCT_ROW_MMSG))
			udp_taken(leg, leg->bytes, t->requested);
		return 0;
	}
	window_leave(leg);
	leg->ordered = 1;
	if (result < 0) {
		leg->flags &= ~IPCT_OP_LABELLED;
		return 0;
	}
	state = bpf_map_lookup_elem(&object_states, &from);
	if (state && !state->named && leg->sock) { /* the first send has given it a port */
		state->named = 1;
		socket_announce_again(leg->sock, IPCT_MECH_UDP, from, 0);
	}
	if (!leg->to)
		leg->to = udp_destination(t, leg);
	if (leg->to) {
		leg->object = leg->to;
		leg->flags |= IPCT_OP_ELSEWHERE;
	}
	return 0;
}

/*
 * The size of the buffer that can be full or empty. TCP changes it as it goes; of UNIX sockets the
 * program can, and it matters only once a call had to wait for it.
 */
static __always_inline void socket_buffer(const struct thread *t, struct leg *leg)
{
	struct sock *sk = (struct sock *)leg->sock;
	struct file *file;

	if (leg->role != IPCT_ROLE_SEND && leg->role != IPCT_ROLE_RECV)
		return;
	if (leg->mechanism == IPCT_MECH_UNIX_STREAM && t->blocked_ns) {
		file = current_file(leg->fd);
		sk = file ? file_sock(file) : NULL;
		if (!sk || sock_mechanism(sk) != IPCT_MECH_UNIX_STREAM)
			return;
	} else if (leg->mechanism != IPCT_MECH_TCP || !sk) {
		return;
	}
	leg->key = leg_gives(leg) ? BPF_CORE_READ(sk, sk_sndbuf) : BPF_CORE_READ(sk, sk_rcvbuf);
}

/*
 * The end of the calling thread's call on a socket, its leg `nth`. Global, as object_first_sight
 * is, for the verifier's sake.
 */
__noinline int socket_ended(__u32 nth, __s64 result)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	const volatile struct ipct_row *row;
	struct file *file;
	struct sock *sk;
	struct leg *leg;

	if (!t || nth >= LEGS)
		return 0;
	leg = &t->leg[nth];
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];

	if (leg->mechanism == IPCT_MECH_TCP)
		tcp_moved(t, leg);
	if (leg->mechanism == IPCT_MECH_UNIX_STREAM)
		socket_streamed_less(t, leg);
	socket_buffer(t, leg);
	if (1u << leg->mechanism & UNIX_PACKETS) {
		if (leg_gives(leg))
			socket_sent(t, leg, result);
		else if (result < 0)
			leg->flags &= ~IPCT_OP_LABELLED;
	}
	if (result < 0 || !socket_changed(leg, row))
		return 0;
	file = current_file(leg->fd);
	sk = file ? file_sock(file) : NULL;
	if (!sk)
		return 0;
	if (leg->mechanism != IPCT_MECH_TCP)
		socket_placed(sk, leg->mechanism,
			      leg->object | (leg->flags & IPCT_OP_END_ONE ? PLACE_END_ONE : 0), 0);
	socket_announce_again((__u64)sk, leg->mechanism, leg->object,
			      !!(leg->flags & IPCT_OP_END_ONE));
	return 0;
}

#endif
