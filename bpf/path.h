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

/* One step up over the root of a mount; false at the root of all. */
static __always_inline bool path_leave_mount(struct dentry **dentry, struct mount **mnt)
{
	struct mount *parent = BPF_CORE_READ(*mnt, mnt_parent);

	if (parent == *mnt)
		return false;
	*dentry = BPF_CORE_READ(*mnt, mnt_mountpoint);
	*mnt = parent;
	return true;
}

/*
 * Write the components of `path`, an address in the kernel, leaf first. The length so far is kept
 * in the record and not in a variable: the verifier then takes all turns of the loop for alike.
 */
static __noinline int path_write(struct ipct_path *out, const struct path *path)
{
	struct vfsmount *vfsmnt = BPF_CORE_READ(path, mnt);
	struct dentry *dentry = BPF_CORE_READ(path, dentry);
	struct mount *mnt = (void *)vfsmnt - bpf_core_field_offset(struct mount, mnt);

	if (!out)
		return 0;
	out->len = 0;
	out->truncated = 0;
	for (int i = 0; i < PATH_DEPTH; i++) {
		struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
		__u32 off = out->len;

		if (dentry == BPF_CORE_READ(mnt, mnt.mnt_root)) {
			if (!path_leave_mount(&dentry, &mnt))
				break;
			continue;
		}
		if (parent == dentry)
			break;
		if (off > IPCT_PATH_LEN - NAME_MAX_) {
			out->truncated = 1;
			break;
		}
		long n = bpf_probe_read_kernel_str(out->text + off, NAME_MAX_,
						   BPF_CORE_READ(dentry, d_name.name));
		if (n <= 0)
			break;
		out->len = off + n;
		dentry = parent;
	}
	return 0;
}

#endif
