/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Epoll instances: which fd an event stands for. An event has only the data that the program gave
 * to epoll_ctl(2), so the fd is remembered under that. What is remembered is a hint: the kernel's
 * own item (fs/eventpoll.c: struct epitem) must still be there, for this fd, file and data. So it
 * does no harm that addresses are used again, or that fds were closed.
 *
 * Without a hint, as in an instance that the first program inherited, the data may be the fd.
 */
#ifndef IPCT_EPOLL_H
#define IPCT_EPOLL_H

#include "anon.h"

#define EPOLL_HINTS_MAX   65536
#define EPOLL_FILE_ITEMS  64  /* of one file, in as many instances */
#define EPOLL_TREE_ITEMS  256 /* of one instance, in which a watched fd is searched */
#define EPOLL_TREE_HEIGHT 32

struct epoll_key {
	__u64 epoll; /* address of the struct eventpoll */
	__u64 data;
};

struct epoll_hint {
	__s32 fd;
	__u32 shared; /* other fds had the same data at the same time: nobody can tell them apart */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, EPOLL_HINTS_MAX);
	__type(key, struct epoll_key);
	__type(value, struct epoll_hint);
} epoll_hints SEC(".maps");

/* A process and an epoll instance that it has open. */
struct epoll_user {
	__u64 epoll;
	__u32 process;
	__u32 unused;
};

/* The first watched fd that the process has in the instance; FD_NONE: there is none. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, EPOLL_HINTS_MAX);
	__type(key, struct epoll_user);
	__type(value, __s32);
} epoll_firsts SEC(".maps");

/* Address of the struct eventpoll behind an fd; 0: it is none. */
static __always_inline __u64 epoll_of(__u32 fd)
{
	struct file *file = current_file(fd);

	if (!file || anon_kind(file, BPF_CORE_READ(file, f_inode)) != ANON_EPOLL)
		return 0;
	return (__u64)BPF_CORE_READ(file, private_data);
}

/* A search through the items of a file, by what tells the one that is looked for. */
struct epoll_search {
	__u64 epoll;
	struct hlist_node *node; /* of the next item */
	__u64 found;             /* its address */
	__s32 fd;
};

/* A callback of bpf_loop. 1: it was found, or there is no more. */
static long epoll_item_one(__u32 i, struct epoll_search *s)
{
	struct hlist_node *node = s->node;
	struct epitem *item = (void *)node - bpf_core_field_offset(struct epitem, fllink);

	if (!node)
		return 1;
	if ((__u64)BPF_CORE_READ(item, ep) == s->epoll && BPF_CORE_READ(item, ffd.fd) == s->fd) {
		s->found = (__u64)item;
		return 1;
	}
	s->node = BPF_CORE_READ(node, next);
	return 0;
}

/*
 * Address of the item that an fd of the current task, which is open, has in the instance; 0: none.
 * Global, for the verifier's sake: see core.h.
 */
__noinline __u64 epoll_item(__u64 epoll, __s32 fd)
{
	struct file *file = current_file(fd);
	struct hlist_head *head = file ? BPF_CORE_READ(file, f_ep) : NULL;
	struct epoll_search s = {.epoll = epoll, .fd = fd};

	s.node = head ? BPF_CORE_READ(head, first) : NULL;
	bpf_loop(EPOLL_FILE_ITEMS, epoll_item_one, &s, 0);
	return s.found;
}

static __always_inline __u64 epoll_data(__u64 item)
{
	return BPF_CORE_READ((struct epitem *)item, event.data);
}

/* Does the fd still have an item with that data in the instance? */
static __always_inline bool epoll_has(const struct epoll_key *key, __s32 fd)
{
	__u64 item = epoll_item(key->epoll, fd);

	return item && epoll_data(item) == key->data;
}

/* The fd that an event of the instance stands for; FD_NONE: not known. */
static __noinline __s32 epoll_event_fd(__u64 epoll, __u64 data)
{
	struct epoll_key key = {.epoll = epoll, .data = data};
	struct epoll_hint *hint = bpf_map_lookup_elem(&epoll_hints, &key);
	__s32 fd = hint ? hint->fd : (__s32)data;

	if ((hint && hint->shared) || !epoll_has(&key, fd))
		return FD_NONE;
	return fd;
}

static __always_inline __s32 *epoll_first(const struct thread *t, __u64 epoll)
{
	struct epoll_user user = {.epoll = epoll, .process = t->process};

	return bpf_map_lookup_elem(&epoll_firsts, &user);
}

static __noinline int epoll_first_set(const struct thread *t, __u64 epoll, __s32 fd)
{
	struct epoll_user user = {.epoll = epoll, .process = t->process};

	bpf_map_update_elem(&epoll_firsts, &user, &fd, BPF_ANY);
	return 0;
}

/* Is it the only item of its instance? */
static __always_inline bool epoll_alone(__u64 epoll, __u64 item)
{
	__u64 node = item + bpf_core_field_offset(struct epitem, rbn);
	struct rb_node *root = BPF_CORE_READ((struct eventpoll *)epoll, rbr.rb_root.rb_node);

	return (__u64)root == node && !BPF_CORE_READ(root, rb_left) &&
	       !BPF_CORE_READ(root, rb_right);
}

/*
 * The calling thread's epoll_ctl(2) has succeeded on a watched fd, of which it has a leg. Global,
 * for the verifier's sake.
 */
__noinline int epoll_registered(void)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct epoll_hint *known, hint = {};
	struct epoll_key key;
	__s32 *first;
	__u64 item;

	if (!t)
		return 0;
	key.epoll = epoll_of(t->args[0]);
	hint.fd = t->leg[0].fd;
	item = key.epoll ? epoll_item(key.epoll, hint.fd) : 0;
	if (!item) /* EPOLL_CTL_DEL */
		return 0;
	key.data = epoll_data(item);
	known = bpf_map_lookup_elem(&epoll_hints, &key);
	if (known && !epoll_alone(key.epoll, item)) {
		if (known->fd != hint.fd && epoll_has(&key, known->fd))
			known->shared = 1;
		hint.shared = known->shared;
	}
	bpf_map_update_elem(&epoll_hints, &key, &hint, BPF_ANY);
	first = epoll_first(t, key.epoll);
	if (!first || *first < 0 || !epoll_item(key.epoll, *first))
		epoll_first_set(t, key.epoll, hint.fd);
	return 0;
}

/*
 * The calling thread begins an epoll_ctl(2) on an fd that is not watched: what it gives as data can
 * no longer be told to be that of another fd. Global, like the one before.
 */
__noinline int epoll_unwatched(void)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct user_epoll_event event;
	struct epoll_hint *known;
	struct epoll_key key;

	if (!t || bpf_probe_read_user(&event, sizeof(event), (void *)t->args[3]))
		return 0;
	key.epoll = epoll_of(t->args[0]);
	key.data = event.data;
	known = key.epoll ? bpf_map_lookup_elem(&epoll_hints, &key) : NULL;
	if (known && epoll_has(&key, known->fd))
		known->shared = 1;
	return 0;
}

/* A step from a node down to the left, or up to the parent, until it comes from its left: callbacks
 * of bpf_loop. */
static long epoll_tree_down(__u32 i, __u64 *at)
{
	__u64 left = (__u64)BPF_CORE_READ((struct rb_node *)*at, rb_left);

	if (left)
		*at = left;
	return !left;
}

static long epoll_tree_up(__u32 i, __u64 *at)
{
	__u64 from = *at;

	*at = BPF_CORE_READ((struct rb_node *)from, __rb_parent_color) & ~3ull;
	return !*at || (__u64)BPF_CORE_READ((struct rb_node *)*at, rb_right) != from;
}

/* The next node of a red-black tree in its order (lib/rbtree.c: rb_next); 0: it was the last. */
__noinline __u64 epoll_tree_next(__u64 node)
{
	__u64 right = (__u64)BPF_CORE_READ((struct rb_node *)node, rb_right);
	__u64 at = right ? right : node;

	if (right)
		bpf_loop(EPOLL_TREE_HEIGHT, epoll_tree_down, &at, 0);
	else
		bpf_loop(EPOLL_TREE_HEIGHT, epoll_tree_up, &at, 0);
	return at;
}

/*
 * A wait on the instance begins: the fds to ask for, at turn `turn`, until one is watched. First
 * the one that was remembered, and if that is gone whatever the tree of the kernel's items has.
 * FD_NONE: nothing at this turn; *last: and no more.
 */
static __noinline __s32 epoll_asked_fd(struct thread *t, __u32 turn)
{
	struct readiness *r = &t->readiness;
	struct eventpoll *epoll = (struct eventpoll *)r->epoll;
	struct epitem *item;
	__s32 *first, fd;

	if (!turn) {
		first = epoll_first(t, (__u64)epoll);
		fd = first ? *first : FD_NONE;
		if (fd >= 0 && epoll_item((__u64)epoll, fd))
			return fd;
		r->searched = !first || fd >= 0; /* otherwise a search has found none */
		r->node = r->searched ? (__u64)BPF_CORE_READ(epoll, rbr.rb_leftmost) : 0;
		return FD_NONE;
	}
	if (!r->node) {
		r->left = 0;
		return FD_NONE;
	}
	item = (void *)r->node - bpf_core_field_offset(struct epitem, rbn);
	r->node = epoll_tree_next(r->node);
	fd = BPF_CORE_READ(item, ffd.fd);
	return current_file(fd) == BPF_CORE_READ(item, ffd.file) ? fd : FD_NONE;
}

#endif
