/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * UDP: each socket is an object, its queue of datagrams, and a send is an op on the object that the
 * datagram goes to.
 *
 * On loopback and veth the buffer (struct sk_buff) that the sender's call makes is the one that the
 * receiver's call takes, so its address carries the label of the message. The sender's side is
 * sure: net_dev_queue runs within its call. The receiver's side knows which buffer is at the head
 * of the queue when the call begins, or goes on after it slept; while no other call receives from
 * that socket, this is what it gets. If the queue was empty then, the buffer is the first to come,
 * which sk_data_ready shows.
 *
 * Nothing here rests on the order of datagrams or on none being lost. What no entry of the map
 * fits has no label: it was sent by no traced call, or as one buffer and received as several
 * (segmentation offload, multicast).
 */
#ifndef IPCT_UDP_H
#define IPCT_UDP_H

#include "inet.h"

#define UDP_HEADER_LEN 8
#define UDP_SENT_MAX   65536 /* datagrams in all queues */
#define UDP_SOCKS_MAX  65536

/* A datagram on its way. Its header tells it from another one that is in the same buffer later. */
struct udp_datagram {
	__u64 label;
	__u32 len; /* without the header */
	__u16 source, dest;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, UDP_SENT_MAX);
	__type(key, __u64); /* address of the sk_buff */
	__type(value, struct udp_datagram);
} udp_sent SEC(".maps");

/* What came first since a receive found the queue of its socket empty. */
struct udp_wait {
	__u64 skb; /* 0: nothing, or nobody can tell */
	__u64 arrivals;
	__u64 label;
	__u64 len;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, UDP_SOCKS_MAX);
	__type(key, __u64); /* address of the sock that receives */
	__type(value, struct udp_wait);
} udp_waits SEC(".maps");

/* Where datagrams to an address went last. */
struct udp_route {
	__u64 net;
	struct inet_end to;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, UDP_SOCKS_MAX);
	__type(key, struct udp_route);
	__type(value, __u32); /* number of the object */
} udp_routes SEC(".maps");

static __always_inline void *skb_at(struct sk_buff *skb, __u16 offset)
{
	return (void *)BPF_CORE_READ(skb, head) + offset;
}

/* The UDP header of a datagram that is complete or the first of its fragments. */
static __always_inline bool udp_header_read(struct udp_datagram *d, struct sk_buff *skb)
{
	__u16 header[3]; /* ports and length */

	if (bpf_probe_read_kernel(header, sizeof(header),
				  skb_at(skb, BPF_CORE_READ(skb, transport_header))))
		return false;
	d->source = header[0];
	d->dest = header[1];
	d->len = bpf_ntohs(header[2]) - UDP_HEADER_LEN;
	return true;
}

/* Where the IP header of `skb` says that it goes. False: it is a fragment other than the first. */
static __always_inline bool udp_ip_read(struct inet_end *to, struct sk_buff *skb)
{
	void *ip = skb_at(skb, BPF_CORE_READ(skb, network_header));
	__u8 version = 0, next = 0;
	__u16 fragment = 0;

	bpf_probe_read_kernel(&version, sizeof(version), ip);
	if (version >> 4 == 4) {
		to->address[0] = to->address[1] = 0;
		to->address[2] = bpf_htonl(0xffff);
		bpf_probe_read_kernel(&to->address[3], sizeof(__u32), ip + 16);
		bpf_probe_read_kernel(&fragment, sizeof(fragment), ip + 6);
		return !(fragment & bpf_htons(0x1fff));
	}
	bpf_probe_read_kernel(to->address, sizeof(to->address), ip + 24);
	bpf_probe_read_kernel(&next, sizeof(next), ip + 6);
	if (next == IPPROTO_FRAGMENT)
		bpf_probe_read_kernel(&fragment, sizeof(fragment), ip + 40 + 2);
	return !(fragment & bpf_htons(0xfff8));
}

/*
 * In the sender's context: a datagram, or a fragment of one, of the thread's leg `nth` leaves its
 * socket. One that passes several devices is met at each. Global, as object_first_sight is.
 */
__noinline int udp_packet(__u64 skb, __u32 nth)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct udp_datagram d = {}, *known;
	struct leg *leg;
	bool whole;

	if (!t || nth >= LEGS)
		return 0;
	leg = &t->leg[nth];
	whole = udp_ip_read(&t->to, (struct sk_buff *)skb);
	known = bpf_map_lookup_elem(&udp_sent, &skb);
	if (known && leg->offset && known->label == leg->offset)
		return 0;
	if (whole) {
		udp_header_read(&d, (struct sk_buff *)skb);
		t->to.port = d.dest;
		leg->offset = __sync_fetch_and_add(&call_count.n, 1) + 1;
		leg->sequence = d.len;
		leg->flags |= IPCT_OP_LABELLED | IPCT_OP_ANYWHERE | IPCT_OP_PLACED;
	} else { /* the reassembled datagram can be in the buffer of any of its fragments */
		known = bpf_map_lookup_elem(&udp_sent, &leg->message);
		if (!known)
			return 0;
		d = *known;
	}
	d.label = leg->offset;
	leg->message = skb;
	bpf_map_update_elem(&udp_sent, &skb, &d, BPF_ANY);
	if (whole && call_has_parts(&rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)])) {
		part_emit(t, leg, d.len);
		leg->flags &= ~IPCT_OP_LABELLED;
	}
	return 0;
}

/* The buffer at the head of the socket's queues, which is the next to be taken; 0: none. */
static __always_inline __u64 udp_head(struct sock *sk)
{
	struct udp_sock *up = (struct udp_sock *)sk;
	__u64 head = (__u64)sk + bpf_core_field_offset(struct udp_sock, reader_queue);
	__u64 skb = (__u64)BPF_CORE_READ(up, reader_queue.next);

	if (skb != head)
		return skb;
	head = (__u64)sk + bpf_core_field_offset(struct sock, sk_receive_queue);
	skb = (__u64)BPF_CORE_READ(sk, sk_receive_queue.next);
	return skb == head ? 0 : skb;
}

/* Is the header in `skb` the one that was sent in it? */
static __always_inline bool udp_same(const struct udp_datagram *sent, __u64 skb)
{
	struct udp_datagram now = {};

	return udp_header_read(&now, (struct sk_buff *)skb) && sent->source == now.source &&
	       sent->dest == now.dest && sent->len == now.len;
}

/*
 * The label of the datagram in `skb`, and its length; label 0: it is of no traced call. The header
 * that lies there now must be the one that was sent.
 */
static __noinline int udp_identify(struct leg *leg, __u64 skb)
{
	struct udp_datagram *sent;

	leg->offset = 0;
	leg->message = skb;
	sent = bpf_map_lookup_elem(&udp_sent, &skb);
	if (!sent || !udp_same(sent, skb))
		return 0;
	leg->offset = sent->label;
	leg->sequence = sent->len;
	return 0;
}

/* A receive begins, or goes on after it slept: which datagram will it get? */
static __noinline int udp_look(struct leg *leg)
{
	struct udp_wait none = {};
	__u64 sk = leg->sock, skb;

	if (!sk)
		return 0;
	leg->message = leg->offset = 0;
	skb = udp_head((struct sock *)sk);
	if (!skb) { /* and what comes from now on is noticed */
		bpf_map_update_elem(&udp_waits, &sk, &none, BPF_ANY);
		skb = udp_head((struct sock *)sk);
	}
	if (skb)
		udp_identify(leg, skb);
	return 0;
}

/*
 * A receive has got a datagram, of which `bytes` were handed over, of at most `room`: label it.
 * Which one it was is wrong if that lies in the queue still.
 */
static __noinline int udp_taken(struct leg *leg, __u64 bytes, __u64 room)
{
	__u64 sk = leg->sock;
	struct udp_wait *wait;

	if (!sk)
		return 0;
	if (!leg->message) {
		wait = bpf_map_lookup_elem(&udp_waits, &sk);
		if (!wait || !wait->skb)
			return 0;
		leg->message = wait->skb;
		leg->offset = wait->label;
		leg->sequence = wait->len;
	}
	if (!leg->offset || bytes != (leg->sequence < room ? leg->sequence : room))
		return 0;
	if (!(leg->flags & IPCT_OP_PEEK)) {
		if (udp_head((struct sock *)sk) == leg->message)
			return 0;
		bpf_map_delete_elem(&udp_sent, &leg->message);
	}
	leg->flags |= IPCT_OP_LABELLED | IPCT_OP_ANYWHERE;
	return 0;
}

/*
 * Has the buffer that was sent come in through a device? A call that sends to another machine can
 * be interrupted by what that machine sends: then something has come, but not this buffer, which
 * is in the hands of a driver, or is free and perhaps what has come.
 */
static __always_inline bool udp_received(__u64 skb)
{
	struct udp_datagram now = {}, *sent = bpf_map_lookup_elem(&udp_sent, &skb);

	return sent && BPF_CORE_READ((struct sk_buff *)skb, skb_iif) &&
	       udp_header_read(&now, (struct sk_buff *)skb) && sent->source == now.source &&
	       sent->dest == now.dest && sent->len == now.len;
}

/*
 * Something has come into the queue of `sk`, in whoever's context. `skb`: what the calling thread
 * has sent, and 0 if it sends nothing. True: it was that.
 *
 * A receive that found the queue empty gets what came first: what has left the queue again by now,
 * or else what is at its head. If the receive has taken another one already, of which we cannot
 * know, that is still there when it ends (udp_taken).
 */
static __always_inline bool udp_arrived(struct sock *sk, __u64 skb)
{
	bool ours = false, gone = false;
	struct udp_datagram *sent;
	struct udp_wait *wait;
	__u64 key = (__u64)sk;

	if (skb) { /* its place is the end, or a receive has taken it already */
		gone = !BPF_CORE_READ((struct sk_buff *)skb, next);
		ours = gone || (__u64)BPF_CORE_READ(sk, sk_receive_queue.prev) == skb;
	}
	wait = bpf_map_lookup_elem(&udp_waits, &key);
	if (!wait || __sync_fetch_and_add(&wait->arrivals, 1))
		return ours;
	if (!gone)
		skb = udp_head(sk);
	sent = skb ? bpf_map_lookup_elem(&udp_sent, &skb) : NULL;
	if (sent && (gone || udp_same(sent, skb))) {
		wait->label = sent->label;
		wait->len = sent->len;
		wait->skb = skb;
	}
	return ours;
}

static __always_inline void udp_route_key(struct udp_route *route, const struct thread *t,
					  const struct leg *leg)
{
	struct sock *sk = (struct sock *)leg->sock;

	__builtin_memset(route, 0, sizeof(*route));
	route->net = BPF_CORE_READ(sk, __sk_common.skc_net.net, net_cookie);
	route->to = t->to;
}

/* The object of an address that nobody is known to have. */
static __noinline __u32 udp_elsewhere(const struct inet_end *to)
{
	struct sighting s = {.flags = IPCT_OBJECT_INHERITED | IPCT_OBJECT_MAILBOX};

	if (!to)
		return 0;
	s.key.mechanism = IPCT_MECH_UDP;
	s.key.ino = (__u64)to->address[0] << 32 | to->address[1];
	s.key.instance = (__u64)to->address[2] << 32 | to->address[3];
	s.key.generation = to->port;
	s.key.dev = ~0u; /* no socket's */
	return PLACE_NUMBER(object_find(&s));
}

/*
 * Where the leg's datagram goes that no device has seen yet, as it waits for a neighbour's answer:
 * to the address that the call names, or to the socket's peer.
 */
static __noinline int udp_named(struct thread *t, struct leg *leg)
{
	struct sock *sk = (struct sock *)leg->sock;
	__u64 name = 0, msg = t->args[1];
	struct inet_address a = {};

	if (t->row == IPCT_SYS_sendto)
		name = t->args[4];
	else if (t->row == IPCT_SYS_sendmsg || t->row == IPCT_SYS_sendmmsg)
		bpf_probe_read_user(&name, sizeof(name), (void *)msg);
	if (name)
		bpf_probe_read_user(&a, sizeof(a), (void *)name);
	if (!a.port) {
		a.family = BPF_CORE_READ(sk, __sk_common.skc_family);
		a.port = BPF_CORE_READ(sk, __sk_common.skc_dport);
		a.v4 = BPF_CORE_READ(sk, __sk_common.skc_daddr);
		if (a.family == AF_INET6)
			bpf_core_read(a.v6, sizeof(a.v6), &sk->__sk_common.skc_v6_daddr);
	}
	if (a.family == AF_INET6) {
		bpf_probe_read_kernel(t->to.address, sizeof(a.v6), a.v6);
	} else {
		t->to.address[0] = t->to.address[1] = 0;
		t->to.address[2] = bpf_htonl(0xffff);
		t->to.address[3] = a.v4;
	}
	t->to.port = a.port;
	return 0;
}

/* Number of the object that what the leg sent has gone to. 0: not known. */
static __noinline __u32 udp_destination(struct thread *t, struct leg *leg)
{
	struct udp_route route;
	__u32 *known;

	if (!t->to.port && leg->sock)
		udp_named(t, leg);
	if (!t->to.port)
		return 0;
	udp_route_key(&route, t, leg);
	known = bpf_map_lookup_elem(&udp_routes, &route);
	return known ? *known : udp_elsewhere(&route.to);
}

/* The receiver is known: remember it for datagrams that will be lost. */
static __noinline int udp_routed(struct thread *t, struct leg *leg)
{
	struct udp_route route;
	__u32 to = leg->to;

	udp_route_key(&route, t, leg);
	bpf_map_update_elem(&udp_routes, &route, &to, BPF_ANY);
	return 0;
}

static __noinline int udp_describe(struct ipct_object *o, const struct sighting *s)
{
	struct sock *sk = (struct sock *)s->source;
	struct inet_address a = {.family = AF_INET6};
	__u32 *v6 = (__u32 *)a.v6;

	if (!o)
		return 0;
	if (sk) {
		o->capacity = BPF_CORE_READ(sk, sk_rcvbuf); /* it is the queue of what comes */
		inet_describe(o, sk, false);
		return 0;
	}
	o->ino = o->dev = o->generation = 0;
	a.port = s->key.generation;
	v6[0] = s->key.ino >> 32;
	v6[1] = s->key.ino;
	v6[2] = s->key.instance >> 32;
	v6[3] = s->key.instance;
	o->local.len = INET6_LEN;
	__builtin_memcpy(o->local.data, &a, sizeof(a));
	return 0;
}

#endif
