/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * The name of a file as the kernel has it: from its dentry up through the mounts to the root.
 * Used when an object is first seen and when a program begins, never on the hot path.
 */
#ifndef IPCT_PATH_H
#define IPCT_PATH_H

#include "core.h"

#define PATH_DEPTH 48
#define NAME_MAX_  256

/* Where a walk up to the root has come, and the record that gets the names on its way. */
struct path_walk {
	struct ipct_path *out;
	struct dentry *dentry;
	struct mount *mnt;
};

/* One step up over the root of a mount; false at the root of all. */
static __always_inline bool path_leave_mount(struct path_walk *at)
{
	struct mount *mnt = at->mnt, *parent = BPF_CORE_READ(mnt, mnt_parent);

	if (parent == mnt)
		return false;
	at->dentry = BPF_CORE_READ(mnt, mnt_mountpoint);
	at->mnt = parent;
	return true;
}

/*
 * A turn of path_write, a callback of bpf_loop: the next component, or the step over the root of a
 * mount. 1: there is no more.
 */
static long path_step(__u32 turn, struct path_walk *at)
{
	struct dentry *dentry = at->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	struct mount *mnt = at->mnt;
	struct ipct_path *out = at->out;
	const unsigned char *name;
	__u32 off;
	long n;

	if (dentry == BPF_CORE_READ(mnt, mnt.mnt_root))
		return !path_leave_mount(at);
	if (parent == dentry)
		return 1;
	name = BPF_CORE_READ(dentry, d_name.name);
	off = out->len; /* no call from here to where it is used: 6.1 would forget what it can be */
	if (off > IPCT_PATH_LEN - NAME_MAX_) {
		out->truncated = 1;
		return 1;
	}
	n = bpf_probe_read_kernel_str(out->text + off, NAME_MAX_, name);
	if (n <= 0)
		return 1;
	out->len = off + n;
	at->dentry = parent;
	return 0;
}

/*
 * Write the components of a path, leaf first. `address` is that of a struct path in the kernel.
 * Global, for the verifier's sake: see core.h.
 */
__noinline int path_write(struct ipct_path *out, __u64 address)
{
	const struct path *path = (const struct path *)address;
	void *vfsmnt = BPF_CORE_READ(path, mnt);
	struct path_walk at = {.out = out, .dentry = BPF_CORE_READ(path, dentry)};

	if (!out)
		return 0;
	at.mnt = vfsmnt - bpf_core_field_offset(struct mount, mnt);
	out->len = 0;
	out->truncated = 0;
	bpf_loop(PATH_DEPTH, path_step, &at, 0);
	return 0;
}

#endif
