/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What is mapped at an address of the calling process, from the kernel's own tree of mappings, and
 * before that from a note of where a process has shared mappings at all, which keeps private
 * memory from costing more than one look-up.
 *
 * The tree is walked as the kernel walks it for page faults: without its lock, under RCU, which
 * programs run inside of (lib/maple_tree.c: mtree_range_walk). What another thread changes
 * meanwhile shows, as then the mapping that was found does not hold the address. Kernels before
 * 6.1 have another tree, which needs the lock; their helper bpf_find_vma (5.17) does not wait for
 * it.
 */
#ifndef IPCT_AREA_H
#define IPCT_AREA_H

#include "object.h"

#define MEMORY_MECHANISMS                                                                          \
	(1u << IPCT_MECH_SYSV_SHM | 1u << IPCT_MECH_POSIX_SHM | 1u << IPCT_MECH_MEMFD |            \
	 1u << IPCT_MECH_MMAP_FILE | 1u << IPCT_MECH_MMAP_ANON)

#define AREA_TRIES 8
#define SPACES_MAX 16384

#define MAPLE_DEPTH      8
#define MAPLE_HALVES     5       /* of at most 16 */
#define MAPLE_NODE_MASK  0xffull /* of an entry: the node; below it are its type and flags */
#define MAPLE_TYPE_SHIFT 3
#define MAPLE_LEAF       1
#define MAPLE_RANGE      2
#define MAPLE_ARANGE     3

struct area {
	__u64 start, end;
	__u64 flags; /* VM_* */
	__u64 file;  /* address of its struct file, 0: none */
	__u64 page;  /* of the file, at `start` */
};

/* Where the arrays of a type of node are, and how many pivots there are. */
struct maple_shape {
	__u32 pivots, slots, count;
};

static __always_inline void maple_shape(struct maple_shape *shape, __u64 type)
{
	if (type == MAPLE_ARANGE) {
		shape->pivots = bpf_core_field_offset(struct maple_arange_64, pivot);
		shape->slots = bpf_core_field_offset(struct maple_arange_64, slot);
		shape->count = bpf_core_field_size(struct maple_arange_64, pivot) / sizeof(__u64);
	} else {
		shape->pivots = bpf_core_field_offset(struct maple_range_64, pivot);
		shape->slots = bpf_core_field_offset(struct maple_range_64, slot);
		shape->count = bpf_core_field_size(struct maple_range_64, pivot) / sizeof(__u64);
	}
}

static __always_inline __u64 maple_type(__u64 entry)
{
	return entry >> MAPLE_TYPE_SHIFT & 15;
}

/* A search for `index` among the pivots at an address: it is between two of their numbers. */
struct maple_search {
	__u64 pivots, index;
	__u32 low, high;
};

/* Look at the one in the middle; a callback of bpf_loop. 1: it is found. */
static long maple_halve(__u32 i, struct maple_search *s)
{
	__u32 middle = (s->low + s->high) / 2;
	__u64 pivot;

	if (s->low >= s->high)
		return 1;
	pivot = kernel_word(s->pivots + middle * sizeof(pivot));
	if (pivot >= s->index || (!pivot && middle))
		s->high = middle;
	else
		s->low = middle + 1;
	return 0;
}

/*
 * The entry for `index` in the node that `entry` leads to: behind the first pivot that is not below
 * it, or is not set. Global, for the verifier's sake: see core.h.
 */
__noinline __u64 maple_entry(__u64 entry, __u64 index)
{
	__u64 node = entry & ~MAPLE_NODE_MASK;
	struct maple_search s = {.index = index};
	struct maple_shape shape;

	maple_shape(&shape, maple_type(entry));
	s.pivots = node + shape.pivots;
	s.high = shape.count;
	bpf_loop(MAPLE_HALVES, maple_halve, &s, 0);
	return kernel_word(node + shape.slots + s.low * sizeof(__u64));
}

/* Address of the struct vm_area_struct; 0: none. *busy: the tree changes, or is not understood. */
static __always_inline __u64 maple_walk(__u64 root, __u64 index, bool *busy)
{
	__u64 entry = root;

	if ((entry & 3) != 2) /* a tree of one mapping has no nodes: include/linux/xarray.h */
		return 0;
	for (int i = 0; i < MAPLE_DEPTH; i++) {
		__u64 node = entry & ~MAPLE_NODE_MASK, type = maple_type(entry);

		if (entry < PAGE_SIZE || type < MAPLE_LEAF || type > MAPLE_ARANGE)
			break;
		entry = maple_entry(entry, index);
		if (type != MAPLE_LEAF)
			continue;
		/* a node that was taken out of the tree is its own parent: ma_dead_node */
		*busy = (kernel_word(node) & ~MAPLE_NODE_MASK) == node;
		return entry;
	}
	*busy = true;
	return 0;
}

/* Global, for the verifier's sake. 1: it cannot be told. */
__noinline __u64 area_walk(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct vm_area_struct *vma;
	bool busy = true;

	if (!bpf_core_field_exists(mm->mm_mt))
		return 1;
	vma = (void *)maple_walk((__u64)BPF_CORE_READ(mm, mm_mt.ma_root), address, &busy);
	if (busy)
		return 1;
	if (vma && (BPF_CORE_READ(vma, vm_mm) != mm || BPF_CORE_READ(vma, vm_start) > address ||
		    BPF_CORE_READ(vma, vm_end) <= address))
		return 1;
	return (__u64)vma;
}

/* Read as memory: for the verifier a file that is loaded directly is a pointer and no address. */
static long area_take(struct task_struct *task, struct vm_area_struct *vma, struct area *area)
{
	area->start = BPF_CORE_READ(vma, vm_start);
	area->end = BPF_CORE_READ(vma, vm_end);
	area->flags = BPF_CORE_READ(vma, vm_flags);
	area->file = (__u64)BPF_CORE_READ(vma, vm_file);
	area->page = BPF_CORE_READ(vma, vm_pgoff);
	return 0;
}

/* 0, -ENOENT: nothing is mapped there, or -EBUSY: it cannot be told. */
static __always_inline long area_find(__u64 address, struct area *area)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 vma = 1;

	__builtin_memset(area, 0, sizeof(*area));
	for (__u32 i = 0; i < AREA_TRIES && vma == 1; i++)
		vma = area_walk(address);
	if (vma > 1)
		return area_take(task, (void *)vma, area);
	if (!vma)
		return -ENOENT;
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_find_vma))
		return -EBUSY;
	return bpf_find_vma(task, address, area_take, area, 0);
}

static __always_inline bool area_shared(const struct area *area)
{
	return area->file && area->flags & VM_MAYSHARE;
}

/*
 * All shared mappings that the selected mechanisms have in an address space lie between these. By
 * the address of its struct mm_struct: a process begins without shared mappings, at its exec, and
 * every one is made by a call that we see.
 */
struct space {
	__u64 start, end;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SPACES_MAX);
	__type(key, __u64);
	__type(value, struct space);
} spaces SEC(".maps");

/* Read as memory: see fd_file. */
static __always_inline __u64 task_mm(struct task_struct *task)
{
	return (__u64)BPF_CORE_READ(task, mm);
}

/* Can [start, start + len) have a shared mapping in it? */
static __always_inline bool space_meets(struct task_struct *task, __u64 start, __u64 len)
{
	__u64 mm = task_mm(task);
	struct space *space = bpf_map_lookup_elem(&spaces, &mm);

	return space && start < space->end && start + len > space->start;
}

/* There is a shared mapping at [start, end) from now on. */
static __always_inline void space_add(struct task_struct *task, __u64 start, __u64 end)
{
	struct space new = {start, end}, *space;
	__u64 mm = task_mm(task), old;

	if (!bpf_map_update_elem(&spaces, &mm, &new, BPF_NOEXIST))
		return;
	space = bpf_map_lookup_elem(&spaces, &mm);
	if (!space)
		return;
	for (int i = 0; i < 8; i++) { /* another thread may do the same */
		old = space->start;
		if (old <= start || __sync_val_compare_and_swap(&space->start, old, start) == old)
			break;
	}
	for (int i = 0; i < 8; i++) {
		old = space->end;
		if (old >= end || __sync_val_compare_and_swap(&space->end, old, end) == old)
			break;
	}
}

static __always_inline void space_fork(struct task_struct *parent, struct task_struct *child)
{
	__u64 from = task_mm(parent), to = task_mm(child);
	struct space *space;

	if (!(mechanism_mask & MEMORY_MECHANISMS) || from == to)
		return;
	space = bpf_map_lookup_elem(&spaces, &from);
	if (space)
		bpf_map_update_elem(&spaces, &to, space, BPF_ANY);
	else
		bpf_map_delete_elem(&spaces, &to);
}

/* Its struct mm_struct may be one that another process had. */
static __always_inline void space_exec(struct task_struct *task)
{
	__u64 mm = task_mm(task);

	if (mechanism_mask & MEMORY_MECHANISMS)
		bpf_map_delete_elem(&spaces, &mm);
}

#endif
