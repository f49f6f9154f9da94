/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Memory that processes share by mapping it: System V and POSIX segments, memfds, files, and
 * anonymous memory that fork hands on. In the kernel each of them is a file, and so the object is
 * that file's inode, whether a call names it by an fd, by an id or by an address. The calls make
 * ops; that a process stores there is seen at the first page fault alone, and counted.
 *
 * Which mechanism it is, is where the file lives: on a file system of the kernel's own (memfd,
 * dev/zero and SYSV are told apart by the names that the kernel gives them), on a tmpfs that is
 * mounted as .../shm, or anywhere else.
 */
#ifndef IPCT_MEMORY_H
#define IPCT_MEMORY_H

#include "ipc.h"
#include "area.h"

/* Those that can be opened, read and written as well. */
#define FD_MEMORY_MECHANISMS (1u << IPCT_MECH_POSIX_SHM | 1u << IPCT_MECH_MEMFD)

#define MOUNTS_STACKED 4 /* one over the other at the same place */
#define PF_WRITE       2 /* arch/x86/include/asm/trap_pf.h */
#define TOUCHES_MAX    IPCT_OBJECTS_MAX

/*
 * Does the text begin with the `n` characters of `word`? By eight at a time, as a branch for each
 * character is one more way for the verifier to go. The text is so long that all can be read.
 */
static __always_inline bool text_begins(const void *text, const char *word, int n)
{
	__u64 differ = 0, part, mask;

	for (int at = 0; at < n; at += 8) {
		part = mask = 0;
		for (int i = 0; i < 8 && at + i < n; i++) {
			part |= (__u64)(__u8)word[at + i] << 8 * i;
			mask |= 0xffull << 8 * i;
		}
		differ |= (*(const __u64 *)(text + at) ^ part) & mask;
	}
	return !differ;
}

static __always_inline struct mount *file_mount(const struct path *path)
{
	return (void *)BPF_CORE_READ(path, mnt) - bpf_core_field_offset(struct mount, mnt);
}

/* Is what lies at `path` on a tmpfs that is mounted as .../shm, where shm_open(3) puts segments? */
static __always_inline bool path_on_shm(const struct path *path)
{
	struct mount *mnt = file_mount(path);
	struct dentry *at = BPF_CORE_READ(mnt, mnt_mountpoint);
	__u64 name = 0;

	if (BPF_CORE_READ(path, dentry, d_sb, s_magic) != TMPFS_MAGIC)
		return false;
	for (int i = 0; i < MOUNTS_STACKED; i++) {
		mnt = BPF_CORE_READ(mnt, mnt_parent);
		if (at != BPF_CORE_READ(mnt, mnt.mnt_root))
			break;
		at = BPF_CORE_READ(mnt, mnt_mountpoint);
	}
	bpf_probe_read_kernel_str(&name, sizeof(name), BPF_CORE_READ(at, d_name.name));
	return text_begins(&name, "shm", 4);
}

/* Of the kernel's own mounts, which are in no directory. */
static __always_inline __u32 memory_kernel_mechanism(struct file *file)
{
	__u64 name[2] = {};

	bpf_probe_read_kernel_str(name, sizeof(name),
				  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	if (text_begins(name, "memfd:", 6))
		return IPCT_MECH_MEMFD;
	if (text_begins(name, "SYSV", 4))
		return IPCT_MECH_SYSV_SHM;
	if (text_begins(name, "dev/zero", 9) || text_begins(name, "anon_hugepa", 11))
		return IPCT_MECH_MMAP_ANON;
	return IPCT_MECH_MMAP_FILE; /* of an initramfs */
}

/* The mechanism of a regular file, mapped or not. Quick where the file is on a disk. */
__noinline __u32 memory_mechanism(__u64 address)
{
	struct file *file = (struct file *)address;
	__u64 magic = BPF_CORE_READ(file, f_inode, i_sb, s_magic);
	struct mount *mnt;

	if (magic != TMPFS_MAGIC && magic != HUGETLBFS_MAGIC)
		return IPCT_MECH_MMAP_FILE;
	mnt = file_mount(&file->f_path);
	if (BPF_CORE_READ(mnt, mnt_parent) == mnt)
		return memory_kernel_mechanism(file);
	return path_on_shm(&file->f_path) ? IPCT_MECH_POSIX_SHM : IPCT_MECH_MMAP_FILE;
}

static __noinline int memory_describe(struct ipct_object *o, const struct sighting *s)
{
	struct file *file = (struct file *)s->source;

	if (!o)
		return 0;
	object_fill_inode(o, BPF_CORE_READ(file, f_inode));
	o->capacity = BPF_CORE_READ(file, f_inode, i_size);
	if (s->key.mechanism == IPCT_MECH_MEMFD)
		bpf_probe_read_kernel_str(o->text, sizeof(o->text),
					  BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return 0;
}

static __always_inline void memory_key(struct object_key *key, struct inode *inode, __u32 mechanism)
{
	__builtin_memset(key, 0, sizeof(*key));
	key->mechanism = mechanism;
	key->ino = BPF_CORE_READ(inode, i_ino);
	if (mechanism == IPCT_MECH_SYSV_SHM)
		return;
	key->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	key->generation = BPF_CORE_READ(inode, i_generation);
}

/* The number of the System V segment with this id; global, as object_first_sight is. */
__noinline __u32 memory_segment(__u32 id)
{
	struct sighting s = {.key = {.mechanism = IPCT_MECH_SYSV_SHM, .ino = id},
			     .flags = IPCT_OBJECT_INHERITED};

	return ipc_number(&s);
}

/*
 * The number of the object behind a file, but for System V segments; `shown` is the file that has
 * its name, nearly always the same. `fresh`: the current call made it.
 */
__noinline __u32 memory_number(__u64 address, __u64 shown, __u32 mechanism, __u32 fresh)
{
	struct inode *inode = BPF_CORE_READ((struct file *)address, f_inode);
	struct sighting s = {.source = shown, .key.mechanism = mechanism, .fresh = fresh};

	s.flags = fresh ? 0 : IPCT_OBJECT_INHERITED;
	if (mechanism == IPCT_MECH_POSIX_SHM)
		s.flags |= IPCT_OBJECT_LASTING;
	memory_key(&s.key, inode, mechanism);
	return object_find(&s);
}

static __always_inline __u32 memory_object(__u64 address, __u64 shown, __u32 mechanism, __u32 fresh)
{
	if (mechanism == IPCT_MECH_SYSV_SHM) /* whose inode number is its id: ipc/shm.c newseg */
		return memory_segment(BPF_CORE_READ((struct file *)address, f_inode, i_ino));
	return memory_number(address, shown, mechanism, fresh);
}

/*
 * Programs map data that nobody changes as shared, such as those of their locale. A file that the
 * process can only read, that no one has open for writing and that has not changed since the
 * recording began is such data, unless a traced process has shown it to be more.
 */
__noinline int memory_still(__u64 address, __u32 mechanism)
{
	struct file *file = (struct file *)address;
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct object_key key;

	if (mechanism != IPCT_MECH_MMAP_FILE || BPF_CORE_READ(inode, i_writecount.counter) > 0 ||
	    inode_changed_s(inode) >= start_s)
		return false;
	memory_key(&key, inode, mechanism);
	return !bpf_map_lookup_elem(&objects, &key);
}

/* The mechanism of a mapping; IPCT_MECH_NONE: not one that is shared, or of a device. */
static __always_inline __u32 area_mechanism(const struct area *area)
{
	struct file *file = (struct file *)area->file;
	__u32 mechanism;

	if (!area_shared(area) || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFREG)
		return IPCT_MECH_NONE;
	mechanism = memory_mechanism(area->file);
	if (!(area->flags & VM_MAYWRITE) && memory_still(area->file, mechanism))
		return IPCT_MECH_NONE;
	return mechanism;
}

static __always_inline void leg_modes(struct leg *leg, struct file *file)
{
	__u32 mode = BPF_CORE_READ(file, f_mode);

	if (mode & FMODE_READ)
		leg->flags |= IPCT_OP_READ_END;
	if (mode & FMODE_WRITE)
		leg->flags |= IPCT_OP_WRITE_END;
}

/* A regular file at an fd. `flags` is 0 if the call opened it. False: not selected. */
static __always_inline bool memory_resolve(struct thread *t, struct file *file, struct leg *leg,
					   __u32 mask, __u32 flags)
{
	__u32 mechanism, fresh;

	if (!(mask & FD_MEMORY_MECHANISMS))
		return false;
	mechanism = memory_mechanism((__u64)file);
	if (!(mask & FD_MEMORY_MECHANISMS & 1u << (mechanism & 31)))
		return false;
	fresh = !flags && (rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].role == IPCT_ROLE_CREATE ||
			   BPF_CORE_READ(file, f_mode) & FMODE_CREATED);
	leg->mechanism = mechanism;
	leg->object = memory_object((__u64)file, (__u64)file, mechanism, fresh);
	return true;
}

/* An open that made what it opened. */
static __always_inline void memory_opened(struct leg *leg)
{
	struct file *file = current_file(leg->fd);

	if (file && BPF_CORE_READ(file, f_mode) & FMODE_CREATED)
		leg->role = IPCT_ROLE_CREATE;
}

/* A leg on whatever is mapped at [args[0], args[0] + args[1]): the collector knows what that is. */
static __always_inline int range_leg(struct thread *t, __u32 role)
{
	leg_clear(&t->leg[0]);
	t->leg[0].role = role;
	t->leg[0].flags = IPCT_OP_RANGE;
	t->legs = 1;
	return 1;
}

/* What the file at an fd is, for mmap; its object is met after the call where `later` is set. */
static __always_inline __u32 map_mechanism(struct file *file, bool *later)
{
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 mode = BPF_CORE_READ(inode, i_mode) & S_IFMT;

	if (mode == S_IFCHR && BPF_CORE_READ(inode, i_rdev) == DEV_ZERO) {
		*later = true; /* drivers/char/mem.c mmap_zero: as MAP_ANONYMOUS */
		return IPCT_MECH_MMAP_ANON;
	}
	if (mode != S_IFREG)
		return IPCT_MECH_NONE;
	/* the mapping is of the file below: fs/overlayfs/file.c ovl_mmap */
	*later = BPF_CORE_READ(inode, i_sb, s_magic) == OVERLAYFS_SUPER_MAGIC;
	return memory_mechanism((__u64)file);
}

/*
 * The shape MAP: mmap(2). Private mappings are no ops, except that one at a fixed address may take
 * the place of a shared one.
 */
__noinline int map_begin(__u32 mask)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	__u32 mechanism = IPCT_MECH_MMAP_ANON, flags, type;
	struct file *file = NULL;
	bool later = true;
	struct leg *leg;

	if (!t)
		return 0;
	flags = t->args[3];
	type = flags & MAP_TYPE;
	if (type != MAP_SHARED && type != MAP_SHARED_VALIDATE) {
		if (!(flags & MAP_FIXED) || !space_meets(task, t->args[0], t->args[1]))
			return 0;
		return range_leg(t, IPCT_ROLE_UNMAP);
	}
	if (!(flags & MAP_ANONYMOUS)) {
		file = current_file(t->args[4]);
		if (!file)
			return 0;
		mechanism = map_mechanism(file, &later);
	}
	if (!(mask & 1u << (mechanism & 31)))
		return 0;
	if (file && !(BPF_CORE_READ(file, f_mode) & FMODE_WRITE) &&
	    memory_still((__u64)file, mechanism))
		return 0;
	leg = &t->leg[0];
	leg_clear(leg);
	leg->mechanism = mechanism;
	leg->role = IPCT_ROLE_MAP;
	if (file) {
		leg->fd = t->args[4];
		leg_modes(leg, file);
	}
	if (later) {
		ledger_count(mechanism, IPCT_COUNT_SEEN);
	} else {
		leg->object = memory_object((__u64)file, (__u64)file, mechanism, 0);
		if (!leg_seen(leg))
			return 0;
	}
	t->legs = 1;
	return 1;
}

/* The object of a mapping that the call has just made. */
static __always_inline bool map_find(struct thread *t, struct leg *leg, __u64 address)
{
	bool fresh = leg->mechanism == IPCT_MECH_MMAP_ANON;
	struct file *shown = NULL;
	struct area area;

	if (area_find(address, &area) || !area_shared(&area))
		return false;
	if (leg->mechanism == IPCT_MECH_MMAP_FILE) /* the file below has a name of its own */
		shown = current_file(leg->fd);
	leg->object =
		memory_object(area.file, shown ? (__u64)shown : area.file, leg->mechanism, fresh);
	return leg->object;
}

/* An mmap has returned. Called before the legs end, from where the stack is not deep yet. */
__noinline int map_ended(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	struct leg *leg;

	if (!t)
		return 0;
	leg = &t->leg[0];
	space_add(task, address, address + t->requested);
	leg->offset = t->args[3] & MAP_ANONYMOUS ? 0 : t->args[5];
	if (leg->object || map_find(t, leg, address))
		return 0;
	ledger_count(leg->mechanism, IPCT_COUNT_AREAS);
	t->legs = 0;
	return 0;
}

/* The shape MEMORY: a call on what is mapped at its first argument. */
__noinline int range_begin(__u32 mask, __u32 role)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	__u32 mechanism;
	struct area area;
	struct leg *leg;
	bool detaches;
	__u64 len;
	long err;

	if (!t)
		return 0;
	detaches = rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].id == IPCT_SYS_shmdt;
	len = detaches || !t->args[1] ? 1 : t->args[1];
	if (!space_meets(task, t->args[0], len) && !detaches)
		return 0;
	err = area_find(t->args[0], &area);
	mechanism = err ? IPCT_MECH_NONE : area_mechanism(&area);
	if (mechanism && mask & 1u << (mechanism & 31)) {
		leg = &t->leg[0];
		leg_clear(leg);
		leg->mechanism = mechanism;
		leg->role = role;
		leg->object = memory_object(area.file, area.file, mechanism, 0);
		if (!leg_seen(leg))
			return 0;
		t->legs = 1;
		return 1;
	}
	if (!detaches) /* is all of it something else? */
		return (err || t->args[0] + len > area.end) && range_leg(t, role);
	range_leg(t, role);
	t->leg[0].mechanism = IPCT_MECH_SYSV_SHM;
	ledger_count(IPCT_MECH_SYSV_SHM, IPCT_COUNT_SEEN);
	return 1;
}

/* The end of a call on a range, which stands in the record. */
static __always_inline void range_ended(struct thread *t, struct leg *leg, __s64 result)
{
	struct task_struct *task = bpf_get_current_task_btf();

	leg->key = t->args[0];
	if (rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].id != IPCT_SYS_mremap || result < 0)
		return;
	leg->offset = t->args[1]; /* the old length */
	space_add(task, result, result + t->args[2]);
}

/* The end of a shmat. */
__noinline int shm_attached(__u64 address)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	struct shmid_kernel *segment;

	if (!t)
		return 0;
	segment = (void *)ipc_find(IPCT_MECH_SYSV_SHM, t->args[0]);
	space_add(task, address, address + BPF_CORE_READ(segment, shm_segsz));
	return 0;
}

/* The size that the object has after a call on an fd of it; ~0: the fd is closed. */
static __always_inline void memory_size(struct leg *leg)
{
	struct file *file = leg->fd < 0 ? NULL : current_file(leg->fd);

	leg->key = file ? BPF_CORE_READ(file, f_inode, i_size) : ~0ull;
}

/* A call on memory has ended. Global, for the verifier's sake. */
__noinline int memory_ended(struct thread *t, struct leg *leg, __s64 result)
{
	__u32 shape;

	if (!t || !leg)
		return 0;
	shape = rows[t->nr & (IPCT_SYSCALL_SLOTS - 1)].shape;
	if (leg->flags & IPCT_OP_RANGE || shape == IPCT_SHAPE_MEMORY)
		range_ended(t, leg, result);
	else if (leg->role == IPCT_ROLE_MAP && result >= 0)
		shm_attached(result);
	else if (shape == IPCT_SHAPE_FD)
		memory_size(leg);
	return 0;
}

/* First touches, by object and process. */
struct touch_key {
	__u32 object, process;
};

struct touches {
	__u64 reads, writes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, TOUCHES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct touch_key);
	__type(value, struct touches);
} touches SEC(".maps");

static __always_inline void touch_count(__u32 object, __u32 process, bool writes)
{
	struct touch_key key = {object, process};
	struct touches none = {}, *n = bpf_map_lookup_elem(&touches, &key);

	if (!n) {
		bpf_map_update_elem(&touches, &key, &none, BPF_NOEXIST);
		n = bpf_map_lookup_elem(&touches, &key);
	}
	if (n)
		__sync_fetch_and_add(writes ? &n->writes : &n->reads, 1);
	else
		ledger_count(IPCT_MECH_NONE, IPCT_COUNT_TOUCHES);
}

/* The current thread has met a page that it has not mapped yet. */
static __always_inline void page_fault(__u64 address, __u64 error)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct thread *t = thread_of(task);
	__u32 mechanism, object;
	struct area area;
	long err;

	if (!t || !space_meets(task, address, 1))
		return;
	/* such a fault is not served: arch/x86/mm/fault.c faulthandler_disabled */
	if (task->pagefault_disabled)
		return;
	err = area_find(address, &area);
	if (err == -EBUSY)
		ledger_count(IPCT_MECH_NONE, IPCT_COUNT_TOUCHES);
	if (err || (error & PF_WRITE && !(area.flags & VM_WRITE)))
		return;
	mechanism = area_mechanism(&area);
	if (!mechanism || !(mechanism_mask & 1u << (mechanism & 31)))
		return;
	object = memory_object(area.file, area.file, mechanism, 0);
	if (object)
		touch_count(object, t->process, error & PF_WRITE);
}

#endif
