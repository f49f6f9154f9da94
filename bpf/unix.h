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
 * from being used again. The peer's address tells it from an older sock at the same place.
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

static __always_inline struct sock *unix_peer(struct sock *sk)
{
	return BPF_CORE_READ((struct unix_sock *)sk, peer);
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
	__u32 *known;

	if (!peer)
		return 0;
	socket_key(&key, mechanism, sock_ino(peer));
	known = key.ino ? bpf_map_lookup_elem(&objects, &key) : NULL;
	if (known)
		return *known;
	met = bpf_map_lookup_elem(&unix_mets, &address);
	return met && met->peer == (__u64)sk ? met->place : 0;
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

static __always_inline void unix_describe(struct ipct_object *o, struct sock *sk, bool end_one)
{
	struct sock *peer = unix_peer(sk);

	unix_address_read(end_one ? &o->remote : &o->local, sk);
	if (!peer)
		return;
	unix_address_read(end_one ? &o->local : &o->remote, peer);
	o->pid = pid_seen(BPF_CORE_READ(sk, sk_peer_pid));
}

#endif
