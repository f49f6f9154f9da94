/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * What is mapped at an address of the calling process: by the kernel's own tree of mappings
 * (bpf_find_vma, 5.17), and before that by a note of where a process has shared mappings at all,
 * which keeps private memory from costing more than one look-up.
 *
 * The tree can be locked by another thread that changes it. The kernel then says so instead of
 * waiting, and so do we.
 */
#ifndef IPCT_PLACE_H
#define IPCT_PLACE_H

#include "object.h"

#define MEMORY_MECHANISMS                                                                          \
	(1u << IPCT_MECH_SYSV_SHM | 1u << IPCT_MECH_POSIX_SHM | 1u << IPCT_MECH_MEMFD |            \
	 1u << IPCT_MECH_MMAP_FILE | 1u << IPCT_MECH_MMAP_ANON)

#define PLACE_TRIES 8
#define SPACES_MAX  16384

struct place {
	__u64 start, end;
	__u64 flags; /* VM_* */
	__u64 file;  /* address of its struct file, 0: none */
	__u64 page;  /* of the file, at `start` */
};

/* Read as memory: for the verifier a file that is loaded directly is a pointer and no address. */
static long place_take(struct task_struct *task, struct vm_area_struct *vma, struct place *place)
{
	place->start = vma->vm_start;
	place->end = vma->vm_end;
	place->flags = vma->vm_flags;
	place->file = (__u64)BPF_CORE_READ(vma, vm_file);
	place->page = vma->vm_pgoff;
	return 0;
}

/* 0, -ENOENT: nothing is mapped there, or -EBUSY: it cannot be told. */
static __always_inline long place_find(__u64 address, struct place *place, __u32 tries)
{
	struct task_struct *task = bpf_get_current_task_btf();
	long err = -EBUSY;

	__builtin_memset(place, 0, sizeof(*place));
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_find_vma))
		return err;
	for (__u32 i = 0; i < PLACE_TRIES && i < tries && err == -EBUSY; i++)
		err = bpf_find_vma(task, address, place_take, place, 0);
	return err;
}

static __always_inline bool place_shared(const struct place *place)
{
	return place->file && place->flags & VM_MAYSHARE;
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

/* Can [start, start + len) have a shared mapping in it? */
static __always_inline bool space_meets(struct task_struct *task, __u64 start, __u64 len)
{
	__u64 mm = (__u64)task->mm;
	struct space *space = bpf_map_lookup_elem(&spaces, &mm);

	return space && start < space->end && start + len > space->start;
}

/* There is a shared mapping at [start, end) from now on. */
static __always_inline void space_add(struct task_struct *task, __u64 start, __u64 end)
{
	struct space new = {start, end}, *space;
	__u64 mm = (__u64)task->mm, old;

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
	__u64 from = (__u64)parent->mm, to = (__u64)child->mm;
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
	__u64 mm = (__u64)task->mm;

	if (mechanism_mask & MEMORY_MECHANISMS)
		bpf_map_delete_elem(&spaces, &mm);
}

#endif
