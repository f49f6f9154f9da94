/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * System V objects by their ids: message queues, semaphores, shared memory. They have no fds and
 * stay until IPC_RMID.
 *
 * The key of an object is its id in its ipc namespace. What the kernel has under the id is looked
 * up at first sight only. A traced call that removes the object forgets its number, so that an id
 * which comes again (ids count up in 65,536 rounds: ipc/util.c) is another object.
 */
#ifndef IPCT_IPC_H
#define IPCT_IPC_H

#include "object.h"

/* ipc/util.h; the second where ipcmni_extend is on the kernel's command line */
#define IPC_INDEX_MASK     0x7fff
#define IPC_INDEX_EXTENDED 0xffffff
#define XARRAY_DEPTH       6

/* The place of the mechanism's ids in struct ipc_namespace. */
static __always_inline __u32 ipc_ids_of(__u32 mechanism)
{
	switch (mechanism) {
	case IPCT_MECH_SYSV_MQ:
		return 1;
	case IPCT_MECH_SYSV_SHM:
		return 2;
	}
	return 0;
}

static __always_inline struct ipc_namespace *ipc_namespace_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, ipc_ns);
}

static __always_inline struct ipc_ids *ipc_ids(__u32 mechanism)
{
	void *ns = ipc_namespace_of(bpf_get_current_task_btf());

	return ns + bpf_core_field_offset(struct ipc_namespace, ids) +
	       ipc_ids_of(mechanism) * bpf_core_type_size(struct ipc_ids);
}

/* How many objects of the mechanism there are in the current namespace. */
static __always_inline __u32 ipc_in_use(__u32 mechanism)
{
	struct ipc_ids *ids = ipc_ids(mechanism);

	return BPF_CORE_READ(ids, in_use);
}

/*
 * The entry of an xarray at `index`; lib/xarray.c: xas_load, of trees without multi-entries.
 * Unrolled: the verifier loses the counter of the loop where it is spilled as 32 bits.
 */
static __noinline __u64 xarray_load(__u64 entry, __u32 index)
{
#pragma unroll
	for (int i = 0; i < XARRAY_DEPTH; i++) {
		struct xa_node *node = (void *)(entry - 2);
		__u8 shift;

		if ((entry & 3) != 2 || entry < PAGE_SIZE)
			return index ? 0 : entry;
		shift = BPF_CORE_READ(node, shift);
		entry = 0;
		bpf_probe_read_kernel(&entry, sizeof(entry),
				      (void *)node + bpf_core_field_offset(struct xa_node, slots) +
					      (index >> (shift & 31) & 63) * sizeof(entry));
		index &= (1u << (shift & 31)) - 1;
	}
	return 0;
}

/* Address of the kernel's object with this id, as its struct kern_ipc_perm; 0: there is none. */
__noinline __u64 ipc_find(__u32 mechanism, __u32 id)
{
	struct ipc_ids *ids = ipc_ids(mechanism);
	__u64 head = (__u64)BPF_CORE_READ(ids, ipcs_idr.idr_rt.xa_head);
	struct kern_ipc_perm *perm;

	perm = (void *)xarray_load(head, id & IPC_INDEX_MASK);
	if (perm && BPF_CORE_READ(perm, id) == id)
		return (__u64)perm;
	perm = (void *)xarray_load(head, id & IPC_INDEX_EXTENDED);
	return perm && BPF_CORE_READ(perm, id) == id ? (__u64)perm : 0;
}

static __noinline int ipc_describe(struct ipct_object *o, const struct sighting *s)
{
	struct kern_ipc_perm *perm = (void *)s->source;
	struct msg_queue *queue = (void *)s->source;
	struct shmid_kernel *segment = (void *)s->source;
	__u32 key = BPF_CORE_READ(perm, key);

	if (!o)
		return 0;
	if (key != IPC_PRIVATE)
		BPF_SNPRINTF(o->text, sizeof(o->text), "key 0x%08x", key);
	else
		BPF_SNPRINTF(o->text, sizeof(o->text), "id %u", s->key.ino);
	if (s->key.mechanism == IPCT_MECH_SYSV_MQ) {
		o->capacity = BPF_CORE_READ(queue, q_qbytes);
		o->capacity_messages = o->capacity; /* ipc/msg.c: msg_fits_inqueue */
		o->fill = BPF_CORE_READ(queue, q_cbytes);
		o->fill_messages = BPF_CORE_READ(queue, q_qnum);
	} else if (s->key.mechanism == IPCT_MECH_SYSV_SHM) {
		o->capacity = BPF_CORE_READ(segment, shm_segsz);
	}
	return 0;
}

/*
 * The object with `id`, into the leg. `created`: the current call made it, for certain, and so a
 * number that is known under the id is another object's. False: no such object.
 */
static __always_inline bool ipc_resolve(struct thread *t, struct leg *leg, __u32 id, __u32 flags,
					bool created)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sighting s = {.key.mechanism = leg->mechanism, .fresh = created};
	__u32 *known;

	s.key.ino = id;
	s.key.instance = (__u64)ipc_namespace_of(task);
	s.flags = flags | IPCT_OBJECT_LASTING;
	known = created ? NULL : bpf_map_lookup_elem(&objects, &s.key);
	if (known) {
		leg->object = *known;
		return true;
	}
	s.source = ipc_find(leg->mechanism, id);
	if (!s.source)
		return false;
	leg->object = object_first_sight(&s);
	return true;
}

/* The number of the object whose id is in the key already. */
static __always_inline __u32 ipc_number(struct sighting *s)
{
	s->key.instance = (__u64)ipc_namespace_of(bpf_get_current_task_btf());
	s->source = ipc_find(s->key.mechanism, s->key.ino);
	s->flags |= IPCT_OBJECT_LASTING;
	return object_find(s);
}

/* The command of msgctl, semctl or shmctl; row->arg says where it is. */
static __always_inline __u32 ipc_command(const struct thread *t)
{
	const volatile struct ipct_row *row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];

	return (row->arg == 1 ? t->args[1] : t->args[2]) & 0xff; /* less IPC_64 */
}

/* Commands of ipcs(1), whose first argument is no id but an index or nothing. */
static __always_inline bool ipc_lists(__u32 mechanism, __u32 command)
{
	switch (mechanism) {
	case IPCT_MECH_SYSV_MQ:
		return command == IPC_INFO || (command >= MSG_STAT && command <= MSG_STAT_ANY);
	case IPCT_MECH_SYSV_SHM:
		return command == IPC_INFO || (command >= SHM_STAT && command <= SHM_STAT_ANY);
	}
	return command == IPC_INFO || (command >= SEM_STAT && command <= SEM_STAT_ANY);
}

/* The shape IPC: argument 0 is the id. One that stands for nothing makes an op without object. */
__noinline int ipc_begin(__u32 mechanism, __u32 id, __u32 role)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	struct leg *leg;

	if (!t)
		return 0;
	leg = &t->leg[0];
	leg_clear(leg);
	leg->mechanism = mechanism;
	leg->role = role;
	if ((role == IPCT_ROLE_CONTROL && ipc_lists(mechanism, ipc_command(t))) ||
	    !ipc_resolve(t, leg, id, IPCT_OBJECT_INHERITED, false)) {
		leg_none(t, mechanism, role);
		return 1;
	}
	if (!leg_seen(leg))
		return 0;
	t->legs = 1;
	return 1;
}

/* Flags and role of a call of shape IPC_RETURNED: msgget, semget, shmget. */
static __always_inline __u32 ipc_get_flags(const struct thread *t,
					   const volatile struct ipct_row *row)
{
	return row->arg == 0 ? t->args[1] : t->args[2];
}

static __always_inline __u32 ipc_get_role(const struct thread *t,
					  const volatile struct ipct_row *row)
{
	__u32 flags = ipc_get_flags(t, row);

	return flags & IPC_CREAT && flags & IPC_EXCL ? IPCT_ROLE_CREATE : IPCT_ROLE_OPEN;
}

/*
 * Its end: the id that it returned. Without IPC_EXCL only the count of objects tells whether it
 * made a new one; that decides no more than since when the object is said to exist.
 */
__noinline int ipc_returned(__u32 id)
{
	struct thread *t = thread_of(bpf_get_current_task_btf());
	const volatile struct ipct_row *row;
	struct leg *leg;
	__u32 flags;
	bool created, grew;

	if (!t)
		return 0;
	row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	flags = ipc_get_flags(t, row);
	created = (__u32)t->args[0] == IPC_PRIVATE || (flags & IPC_CREAT && flags & IPC_EXCL);
	grew = flags & IPC_CREAT && ipc_in_use(row->mechanism) > (__u32)t->args[5];
	leg = &t->leg[0];
	leg_clear(leg);
	leg->mechanism = row->mechanism;
	leg->role = ipc_get_role(t, row);
	if (!ipc_resolve(t, leg, id, created || grew ? 0 : IPCT_OBJECT_INHERITED, created)) {
		leg_none(t, row->mechanism, ipc_get_role(t, row));
		return 1;
	}
	if (!leg_seen(leg))
		return 0;
	t->legs = 1;
	return 1;
}

/*
 * Has the call removed its object? The number is then forgotten; but a segment of memory keeps it,
 * as it lives until the last one detaches it.
 */
static __noinline void ipc_ended(struct thread *t, struct leg *leg, __s64 result)
{
	const volatile struct ipct_row *row = &rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)];
	struct task_struct *task = bpf_get_current_task_btf();
	struct object_key key = {.mechanism = leg->mechanism, .ino = (__u32)t->args[0]};

	if (row->shape != IPCT_SHAPE_IPC || row->role != IPCT_ROLE_CONTROL || result ||
	    !leg->object || leg->mechanism == IPCT_MECH_SYSV_SHM || ipc_command(t) != IPC_RMID)
		return;
	key.instance = (__u64)ipc_namespace_of(task);
	bpf_map_delete_elem(&objects, &key);
}

#endif
