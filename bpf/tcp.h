/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * TCP connections: how the two ends find each other, and which bytes of the stream a call moved.
 *
 * Both are said by TCP's own sequence numbers. The two that a connection starts with, one for each
 * direction, are the same at both ends, whatever network namespaces or address translation lie
 * between, and no other connection has them, also not one that uses the same ports later: each is
 * 32 bits that the kernel draws from a secret and the time. An end that is met puts itself into a
 * map under its numbers and looks there for the end that has them the other way round.
 *
 * The bytes of a call are those between the kernel's number before and after it.
 */
#ifndef IPCT_TCP_H
#define IPCT_TCP_H

#include "inet.h"
#include "schemas/sequence.h"

#define TCP_MET_MAX 65536

/* The first byte of each direction. */
struct tcp_start {
	__u32 sends, receives;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TCP_MET_MAX);
	__type(key, struct tcp_start);
	__type(value, __u32); /* place */
} tcp_mets SEC(".maps");

#define tcp_read(sk, field) kernel_read(kernel_struct(tcp_sock, sk), field)

/* Has the sock been connected? Its peer's port is kept when the connection has ended. */
static __always_inline bool tcp_connected(struct sock *sk)
{
	return inet_has_peer(sk) && BPF_CORE_READ(sk, __sk_common.skc_state) != TCP_SYN_SENT;
}

/*
 * The numbers that the sock's connection started with. `fresh`: nothing has been sent or received
 * by a call yet, so the numbers are those of now. Otherwise they are counted back, which leaves one
 * in doubt: who connected has counted its SYN among the bytes that were acknowledged
 * (net/ipv4/tcp_input.c: tcp_snd_una_update).
 */
static __always_inline void tcp_start_read(struct tcp_start *start, struct sock *sk, bool fresh)
{
	start->sends = fresh ? tcp_read(sk, write_seq)
			     : tcp_read(sk, snd_una) - (__u32)tcp_read(sk, bytes_acked);
	start->receives = fresh ? tcp_read(sk, copied_seq)
				: tcp_read(sk, rcv_nxt) - (__u32)tcp_read(sk, bytes_received);
}

/* The place of the socket at the other end; 0: not met. */
static __always_inline __u32 tcp_peer_place(struct sock *sk, bool accepted)
{
	struct tcp_start start, peer;
	__u32 *place;

	if (!tcp_connected(sk))
		return 0;
	tcp_start_read(&start, sk, accepted);
	for (int doubt = 0; doubt < 4; doubt++) {
		peer.sends = start.receives - (doubt & 1);
		peer.receives = start.sends + (doubt >> 1);
		place = bpf_map_lookup_elem(&tcp_mets, &peer);
		if (place)
			return *place;
	}
	return 0;
}

/* A connection begins in both directions, for this object maybe not the first one. */
static __always_inline void tcp_flow_begin(__u32 direction, __u32 sequence)
{
	struct object_state *s = bpf_map_lookup_elem(&object_states, &direction);
	__u64 last;

	if (!s)
		return;
	last = s->send.passed > s->recv.passed ? s->send.passed : s->recv.passed;
	s->send.passed = s->recv.passed = sequence_begin(last, sequence);
}

/* The sock has got its place and is connected: let the other end find it. */
static __always_inline void tcp_placed(struct sock *sk, __u32 place, bool fresh)
{
	bool end_one = place & PLACE_END_ONE;
	struct tcp_start start;

	tcp_flow_begin(PLACE_NUMBER(place) + !end_one, tcp_read(sk, write_seq));
	tcp_flow_begin(PLACE_NUMBER(place) + end_one, tcp_read(sk, copied_seq));
	tcp_start_read(&start, sk, fresh);
	bpf_map_update_elem(&tcp_mets, &start, &place, BPF_ANY);
}

/*
 * The sock has found its peer's place: its numbers go on from those of the peer. A frame of its
 * own, as its caller's is one of the deepest.
 */
static __noinline int tcp_joined(struct sock *sk, __u32 place)
{
	bool end_one = place & PLACE_END_ONE;
	__u32 out = PLACE_NUMBER(place) + !end_one, in = PLACE_NUMBER(place) + end_one;
	struct object_state *s = bpf_map_lookup_elem(&object_states, &out);

	if (s && s->recv.passed)
		s->send.passed = sequence_extend(s->recv.passed, tcp_read(sk, write_seq));
	s = bpf_map_lookup_elem(&object_states, &in);
	if (s && s->send.passed)
		s->recv.passed = sequence_extend(s->send.passed, tcp_read(sk, copied_seq));
	return 0;
}

/* Is the socket connected to itself? Then what it sends to end 1 is what it receives. */
static __always_inline bool tcp_is_self(struct sock *sk)
{
	__u16 port = BPF_CORE_READ(sk, __sk_common.skc_dport);
	void *local = &sk->__sk_common.skc_v6_rcv_saddr, *remote = &sk->__sk_common.skc_v6_daddr;
	__u64 a, b;

	if (!port || port != inet_port(sk))
		return false;
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_INET)
		return BPF_CORE_READ(sk, __sk_common.skc_daddr) ==
		       BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	for (int i = 0; i < 16; i += sizeof(a))
		if (bpf_probe_read_kernel(&a, sizeof(a), local + i) ||
		    bpf_probe_read_kernel(&b, sizeof(b), remote + i) || a != b)
			return false;
	return true;
}

/* The kernel's number of the byte that comes next in the leg's direction. */
static __always_inline __u32 tcp_next(const struct leg *leg)
{
	struct tcp_sock *tp = (struct tcp_sock *)leg->sock;

	return leg_gives(leg) ? tcp_read(tp, write_seq) : tcp_read(tp, copied_seq);
}

/* The FIN has a number as well, and a receive that comes to it takes it. */
static __always_inline bool tcp_took_fin(struct sock *sk, __u32 next)
{
	return BPF_CORE_READ(sk, __sk_common.skc_flags) & 1ul << SOCK_DONE &&
	       tcp_read(sk, rcv_nxt) == next;
}

static __always_inline void leg_unpaired(struct leg *leg)
{
	leg->flags |= IPCT_OP_PLACED | IPCT_OP_UNPAIRED;
}

/* With TLS in the kernel, more bytes pass than the calls move. */
static __always_inline bool tcp_has_layer(struct sock *sk)
{
	return BPF_CORE_READ((struct inet_connection_sock *)sk, icsk_ulp_ops);
}

/* Of the bytes that the call moves now, `len` are apart from what it will move next. */
static __noinline int tcp_piece(struct thread *t, struct leg *leg, __u32 len)
{
	struct flow *flow = leg_flow(leg);

	if (!flow || !len)
		return 0;
	leg->offset = sequence_extend(flow->passed, leg->held_start);
	leg->flags |= IPCT_OP_PLACED | IPCT_OP_IN_PIECES;
	if (!part_emit(t, leg, len))
		__sync_fetch_and_add(&flow->gaps, 1);
	leg->held_before += len;
	return 0;
}

/*
 * The calling thread's send holds the lock and is about to copy, with `left` bytes to go. All that
 * it sends ends at the same number each time, unless another call has sent some bytes while this
 * one waited for memory.
 */
static __always_inline void tcp_sends(struct thread *t, struct leg *leg, struct sock *sk,
				      __u64 left)
{
	__u32 next = tcp_read(sk, write_seq), end = next + (__u32)left;

	if (leg->held && end == leg->held_end)
		return;
	if (!leg->held && (left != t->requested || tcp_has_layer(sk)))
		return; /* not the call's own, or not all of it: several messages, Fast Open */
	if (leg->held)
		tcp_piece(t, leg, leg->held_end - leg->held_start - (__u32)left);
	leg->held = true;
	leg->held_start = next;
	leg->held_end = end;
}

/*
 * Its receive holds the lock and is about to copy `len` bytes of `skb` (net/ipv4/tcp.c:
 * tcp_recvmsg_locked).
 */
static __always_inline void tcp_receives(struct thread *t, struct leg *leg, struct sk_buff *skb,
					 __u32 len)
{
	__u64 sk = (__u64)BPF_CORE_READ(skb, sk);
	struct flow *flow = leg_flow(leg);
	__u32 next;

	if (!flow || !leg_takes(leg) || leg->flags & IPCT_OP_PEEK || sk != leg->sock ||
	    tcp_has_layer((struct sock *)sk))
		return;
	next = tcp_read((struct sock *)sk, copied_seq);
	if (!leg->held && next == leg->sequence + 1 && !leg_overlaps(leg, flow))
		__sync_fetch_and_add(&flow->gaps, 1); /* an urgent byte, not in the stream */
	if (leg->held && next != leg->held_end)
		tcp_piece(t, leg, leg->held_end - leg->held_start);
	if (!leg->held || next != leg->held_end)
		leg->held_start = next;
	leg->held = true;
	leg->held_end = next + len;
}

/* Is all that the call moved where it was seen to move it? The last copy may have failed. */
static __always_inline bool tcp_held_all(const struct leg *leg)
{
	return leg->held && leg->bytes >= leg->held_before &&
	       leg->bytes - leg->held_before <= leg->held_end - leg->held_start;
}

/*
 * Place the bytes of a call that was seen to hold the lock: whoever else has moved some, traced or
 * not.
 */
static __always_inline void tcp_moved_held(struct thread *t, struct leg *leg, struct flow *flow)
{
	__u32 len = leg->bytes - leg->held_before;

	leg->offset = sequence_extend(flow->passed, leg->held_start);
	leg->flags |= IPCT_OP_PLACED;
	if (leg->offset + len > flow->passed)
		flow->passed = leg->offset + len;
	if (leg->held_before)
		tcp_piece(t, leg, len);
}

/*
 * Place the bytes that a call moved. They are known for sure if the kernel has counted just as many
 * while it ran: then nobody else, traced or not, has moved any in that time. Global, for the
 * verifier's sake.
 */
__noinline int tcp_moved(struct thread *t, struct leg *leg)
{
	__u32 next, start, moved;
	struct flow *flow;
	struct sock *sk;
	bool peek, held;

	if (!t || !leg)
		return 0;
	flow = leg_flow(leg);
	start = leg->sequence;
	sk = (struct sock *)leg->sock;
	peek = leg->flags & IPCT_OP_PEEK;
	if (!flow || !sk || leg->bytes <= 0)
		return 0;
	next = tcp_next(leg);
	moved = next - start;
	held = tcp_held_all(leg);
	if (!held && !peek && moved != leg->bytes && leg_overlaps(leg, flow)) {
		leg->held = false;
		return 0; /* in the order of the returns, as in other streams: ambiguous */
	}
	if (!flow->passed || tcp_has_layer(sk) || (!peek && moved < leg->bytes)) {
		leg_unpaired(leg); /* they did not go through TCP: BPF sockmap, urgent data */
		return 0;
	}
	if (held) {
		tcp_moved_held(t, leg, flow);
		return 0;
	}
	if (peek) {
		if (moved)
			leg->flags |= IPCT_OP_OVERLAPPED | IPCT_OP_UNSURE;
		start = next;
		moved = 0;
	} else if (leg_takes(leg) && moved == leg->bytes + 1) {
		if (!tcp_took_fin(sk, next)) { /* an urgent byte, which is not in the stream */
			start++;
			__sync_fetch_and_add(&flow->gaps, 1);
		}
	} else if (moved > leg->bytes) {
		leg->flags |= IPCT_OP_OVERLAPPED | IPCT_OP_UNSURE;
		start = next - leg->bytes;
	}
	leg->offset = sequence_extend(flow->passed, start);
	leg->flags |= IPCT_OP_PLACED;
	if (moved && leg->offset + leg->bytes > flow->passed)
		flow->passed = leg->offset + leg->bytes;
	return 0;
}

/* An op on a TCP socket begins. */
static __always_inline void tcp_begun(struct leg *leg)
{
	if (leg_takes(leg) && tcp_is_self((struct sock *)leg->sock))
		leg->flags ^= IPCT_OP_END_ONE;
}

static __noinline int tcp_describe(struct ipct_object *o, const struct sighting *s)
{
	struct sock *sk = (struct sock *)s->source;

	if (!o)
		return 0;
	o->capacity = BPF_CORE_READ(sk, sk_sndbuf);
	inet_describe(o, sk, s->end_one);
	o->flags |= IPCT_OBJECT_NUMBERED;
	return 0;
}

#endif
