/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What TCP and UDP share: the addresses of a sock.
 */
#ifndef IPCT_INET_H
#define IPCT_INET_H

#include "sock.h"

/* As programs see them: struct sockaddr_in and sockaddr_in6. */
struct inet_address {
	__u16 family;
	__u16 port; /* network order, as in the kernel */
	union {
		__u32 v4;
		struct {
			__u32 flow;
			__u8 v6[16];
			__u32 scope;
		} __attribute__((packed));
	};
} __attribute__((packed));

#define INET4_LEN 16 /* with 8 unused bytes */
#define INET6_LEN 28

/* The port stays in inet_sport when a connection has ended and skc_num is 0 (inet_put_port). */
static __always_inline __u16 inet_port(struct sock *sk)
{
	return BPF_CORE_READ((struct inet_sock *)sk, inet_sport);
}

static __always_inline bool inet_has_peer(struct sock *sk)
{
	return BPF_CORE_READ(sk, __sk_common.skc_dport);
}

/*
 * The sock's own address, or its peer's, straight to where the record has it: the stack is small.
 * Global, for the verifier's sake.
 */
__noinline int inet_address_read(struct ipct_address *out, __u64 sock, __u32 peer)
{
	struct sock *sk = (struct sock *)sock;
	__u16 port = peer ? BPF_CORE_READ(sk, __sk_common.skc_dport) : inet_port(sk);
	struct inet_address *a;

	if (!out || !port)
		return 0;
	a = (struct inet_address *)out->data;
	a->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	a->port = port;
	if (a->family == AF_INET) {
		a->v4 = peer ? BPF_CORE_READ(sk, __sk_common.skc_daddr)
			     : BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
		out->len = INET4_LEN;
		return 0;
	}
	a->flow = a->scope = 0;
	if (peer)
		bpf_core_read(a->v6, sizeof(a->v6), &sk->__sk_common.skc_v6_daddr);
	else
		bpf_core_read(a->v6, sizeof(a->v6), &sk->__sk_common.skc_v6_rcv_saddr);
	out->len = INET6_LEN;
	return 0;
}

static __always_inline void inet_describe(struct ipct_object *o, struct sock *sk, bool end_one)
{
	inet_address_read(end_one ? &o->remote : &o->local, (__u64)sk, false);
	inet_address_read(end_one ? &o->local : &o->remote, (__u64)sk, true);
}

#endif
