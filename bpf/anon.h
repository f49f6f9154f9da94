/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Files that share the one anonymous inode (fs/anon_inodes.c): what such a file is stands in its
 * name alone, as /proc/PID/fd shows it.
 */
#ifndef IPCT_ANON_H
#define IPCT_ANON_H

#include "object.h"

#define ANON_INODE_FS_MAGIC 0x09041934

enum anon_kind { ANON_NONE, ANON_EVENTFD, ANON_SIGNALFD, ANON_EPOLL };

/* Learned from the first such file; spares the hot path the look at the magic number. */
struct super_block *anon_inodefs;

static __always_inline enum anon_kind anon_kind(struct file *file, struct inode *inode)
{
	struct super_block *sb = kernel_pointer(inode, i_sb);
	__u64 name = 0;

	if (sb != anon_inodefs) {
		if (BPF_CORE_READ(sb, s_magic) != ANON_INODE_FS_MAGIC)
			return ANON_NONE;
		anon_inodefs = sb;
	}
	bpf_probe_read_kernel(&name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	switch (name) {
	/* the first eight bytes, as little-endian numbers */
	case 0x6466746e6576655b: /* "[eventfd" */
		return ANON_EVENTFD;
	case 0x666c616e6769735b: /* "[signalf" */
		return ANON_SIGNALFD;
	case 0x6f70746e6576655b: /* "[eventpo" */
		return ANON_EPOLL;
	}
	return ANON_NONE;
}

#endif
