/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * UNIX sockets. Of a connected pair the kernel has a pointer from each sock to the other
 * (net/unix/af_unix.c: unix_peer), so either end leads to the other one, whoever holds it by now.
 */
#ifndef IPCT_UNIX_H
#define IPCT_UNIX_H

#include "sock.h"

/*
 * A sock that is connected is found by its own address when its peer is met, even if it was closed
 * before the peer was accepted: it has no inode any more, but the peer's pointer keeps the address
 * from being used again. Later the two addresses may well be those of another pair, as the kernel
 * gives them out again in the order in which they were freed. So an entry serves only for a peer
 * without an inode, and goes once it has served.
 */
struct unix_met {
	__u64 peer;
	__u32 place;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, __u64); /* address of the sock */
	__type(value, struct unix_met);
} unix_mets SEC(".maps");

/* what one buffer of a stream holds: SKB_MAX_HEAD(0) + UNIX_SKB_FRAGS_SZ, half of the socket's room
 */
#define UNIX_BUFFER_MAX   32768
#define UNIX_BUFFER_SPARE 64

#define UNIX_QUEUE_MAX 512 /* messages that are looked at in a queue */

static __always_inline struct sock *unix_peer(struct sock *sk)
{
	return kernel_pointer((struct unix_sock *)sk, peer);
}

static __always_inline void unix_placed(struct sock *sk, __u32 place)
{
	struct unix_met met = {.peer = (__u64)unix_peer(sk), .place = place};
	__u64 key = (__u64)sk;

	if (met.peer)
		bpf_map_update_elem(&unix_mets, &key, &met, BPF_ANY);
}

static __always_inline __u32 unix_peer_place(struct sock *sk, __u32 mechanism)
{
	struct sock *peer = unix_peer(sk);
	struct unix_met *met;
	struct object_key key;
	__u64 address = (__u64)peer;
	__u32 *known, place;

	if (!peer)
		return 0;
	socket_key(&key, mechanism, sock_ino(peer));
	if (key.ino) {
		known = bpf_map_lookup_elem(&objects, &key);
		return known ? *known : 0;
	}
	met = bpf_map_lookup_elem(&unix_mets, &address);
	if (!met || met->peer != (__u64)sk)
		return 0;
	place = met->place;
	bpf_map_delete_elem(&unix_mets, &address);
	return place;
}

static __always_inline void unix_address_read(struct ipct_address *out, struct sock *sk)
{
	struct unix_address *addr = BPF_CORE_READ((struct unix_sock *)sk, addr);
	__u32 len = addr ? BPF_CORE_READ(addr, len) : 0;

	if (len > sizeof(out->data))
		len = sizeof(out->data);
	if (len && !bpf_probe_read_kernel(out->data, len,
					  (void *)addr + bpf_core_type_size(struct unix_address)))
		out->len = len;
}

/*
 * The key of the messages from one socket to another, of datagrams. The sender's address tells it
 * from others even when it is closed: it is not used again while a message of its is in a queue.
 * When the receiver drops its queue, the count starts over.
 */
static __always_inline __u64 unix_sender_key(__u64 sender, __u32 dropped)
{
	return (sender & 0xffffffffffff) | (__u64)dropped << 48;
}

/* The queue of a sock, whose head ends it. */
struct unix_queue {
	__u64 skb, head;
	__u64 bytes; /* in what was looked at */
	__u32 mechanism, number;
};

/*
 * The next message of the queue: its bytes, and one more that was given. A callback of bpf_loop; 1:
 * there is none.
 */
static long unix_fill_one(__u32 i, struct unix_queue *q)
{
	struct sk_buff *skb = (struct sk_buff *)q->skb;
	struct unix_skb_parms *parms = (void *)skb + bpf_core_field_offset(struct sk_buff, cb);
	struct tally *tally;
	__u64 key = 0;

	if (!skb || q->skb == q->head)
		return 1;
	q->bytes += BPF_CORE_READ(skb, len);
	q->skb = (__u64)BPF_CORE_READ(skb, next);
	if (q->mechanism == IPCT_MECH_UNIX_STREAM) {
		q->bytes -= BPF_CORE_READ(parms, consumed);
		return 0;
	}
	if (q->mechanism == IPCT_MECH_UNIX_DGRAM)
		key = unix_sender_key((__u64)BPF_CORE_READ(skb, sk), 0);
	tally = tally_of(q->number, key);
	if (tally)
		__sync_fetch_and_add(&tally->given, 1);
	return 0;
}

/*
 * What lies in the queue of `sk` at first sight, for the direction `number`: bytes of a stream, or
 * messages, which are counted as given, so that those given later have their true number.
 */
static __always_inline __u64 unix_fill(struct sock *sk, __u32 mechanism, __u32 number)
{
	struct unix_queue q = {.mechanism = mechanism, .number = number};

	q.skb = (__u64)BPF_CORE_READ(sk, sk_receive_queue.next);
	q.head = (__u64)sk + bpf_core_field_offset(struct sock, sk_receive_queue);
	bpf_loop(UNIX_QUEUE_MAX, unix_fill_one, &q, 0);
	return q.bytes;
}

#define UNIX_REMOTE    1 /* the address is that of end 1 */
#define UNIX_PEER      2 /* the end that was not met: its queue is that of the second number */
#define UNIX_INHERITED 4

/*
 * The sock's address and what lies in its queue, into the announcement of its object. Global, for
 * the verifier's sake.
 */
__noinline int unix_end_describe(struct ipct_object *o, __u64 sock, __u32 mechanism, __u32 how)
{
	struct sock *sk = (struct sock *)sock;
	__u64 fill, messages;

	if (!o)
		return 0;
	unix_address_read(how & UNIX_REMOTE ? &o->remote : &o->local, sk);
	if (!(how & UNIX_INHERITED))
		return 0;
	fill = unix_fill(sk, mechanism, o->object + !!(how & UNIX_PEER));
	messages = BPF_CORE_READ(sk, sk_receive_queue.qlen);
	if (how & UNIX_PEER) {
		o->fill_one = fill;
		o->fill_messages_one = messages;
	} else {
		o->fill = fill;
		o->fill_messages = messages;
	}
	return 0;
}

/* No function of its own: the stack has no room for one more frame. */
static __always_inline int unix_describe(struct ipct_object *o, const struct sighting *s)
{
	struct sock *sk = (struct sock *)s->source, *peer = unix_peer(sk);
	__u32 mechanism = s->key.mechanism;
	__u32 how = s->flags & IPCT_OBJECT_INHERITED ? UNIX_INHERITED : 0;

	o->capacity = BPF_CORE_READ(sk, sk_sndbuf);
	/* net/unix/af_unix.c: unix_recvq_full; a connected pair has no such limit */
	if (mechanism == IPCT_MECH_UNIX_DGRAM && !(peer && unix_peer(peer) == sk))
		o->capacity_messages = BPF_CORE_READ(sk, sk_max_ack_backlog) + 1;
	unix_end_describe(o, (__u64)sk, mechanism, how | (s->end_one ? UNIX_REMOTE : 0));
	if (!peer || mechanism == IPCT_MECH_UNIX_DGRAM) /* that is an object of its own */
		return 0;
	unix_end_describe(o, (__u64)peer, mechanism,
			  how | UNIX_PEER | (s->end_one ? 0 : UNIX_REMOTE));
	o->pid = pid_seen(BPF_CORE_READ(sk, sk_peer_pid));
	return 0;
}

/* In the receiver's context, which holds the lock that lets one receive at a time. */
static __always_inline void unix_taken(struct thread *t, struct leg *leg, struct sk_buff *skb,
				       __u32 len)
{
	__u32 number = leg->object;
	struct object_state *state = bpf_map_lookup_elem(&object_states, &number);
	__u64 key = 0;

	if (!state || !leg_takes(leg))
		return;
	if (leg->mechanism == IPCT_MECH_UNIX_DGRAM)
		key = unix_sender_key((__u64)BPF_CORE_READ(skb, sk), state->dropped);
	if (leg->mechanism == IPCT_MECH_UNIX_DGRAM && state->dropped)
		leg->flags |= IPCT_OP_UNSURE;
	leg_label(leg, key);
	if (!call_has_parts(&rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)]))
		return;
	part_emit(t, leg, len);
	leg->flags &= ~IPCT_OP_LABELLED;
}

#endif
