// SPDX-License-Identifier: BSD-2-Clause
/*
 * Look-ups in the file system and in /proc, at the time of the recording.
 */
#include "collector/resolve.h"

#include "schemas/tables.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A handle of a cgroup is its id: include/linux/exportfs.h, fs/kernfs/mount.c. */
#define FILEID_KERNFS 0xfe

/* As the kernel encodes a device number inside: include/linux/kdev_t.h */
static __u32 kernel_dev(dev_t dev)
{
	return major(dev) << 20 | minor(dev);
}

/* The components come leaf first; write them root first. */
static size_t path_text(const struct ipct_path *path, char *out, size_t size)
{
	const char *text = path->text;
	size_t len = path->len < sizeof(path->text) ? path->len : sizeof(path->text);
	size_t end = len, used = 0;

	out[0] = 0;
	if (path->truncated)
		used += snprintf(out, size, "...");
	while (end > 0) {
		size_t start = end - 1;

		while (start > 0 && text[start - 1])
			start--;
		if (used < size)
			used += snprintf(out + used, size - used, "/%.*s", (int)(end - start),
					 text + start);
		end = start;
	}
	return used < size ? used : size - 1;
}

void path_join(const struct ipct_path *base, const char *text, char *out, size_t size)
{
	size_t used = 0;

	out[0] = 0;
	while (!strncmp(text, "./", 2))
		text += 2;
	if (base)
		used = path_text(base, out, size);
	if (*text)
		snprintf(out + used, size - used, "%s%s", base && *text != '/' ? "/" : "", text);
	else if (!used && base && base->len)
		snprintf(out, size, "/");
}

void resolve_path_op(struct ipct_path_op *p)
{
	char path[IPCT_PATH_LEN + IPCT_TEXT_LEN + 8], in_root[sizeof(path) + 32];
	struct stat st;

	p->text[sizeof(p->text) - 1] = 0;
	if (p->op.syscall < IPCT_SYS_COUNT && syscall_rows[p->op.syscall].row.flags & IPCT_ROW_NAME)
		return;
	path_join(p->base.len ? &p->base : NULL, p->text, path, sizeof(path));
	/* as the process sees it, if it is still there */
	snprintf(in_root, sizeof(in_root), "/proc/%u/root%s", p->pid, path);
	if (stat(in_root, &st) && stat(path, &st))
		return;
	p->mode = st.st_mode;
	p->ino = st.st_ino;
	p->dev = kernel_dev(st.st_dev);
}

static void comm_read(pid_t pid, char comm[IPCT_COMM_LEN])
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	memset(comm, 0, IPCT_COMM_LEN);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(comm, IPCT_COMM_LEN, f))
		comm[strcspn(comm, "\n")] = 0;
	fclose(f);
}

void resolve_object(struct ipct_object *o)
{
	if (o->pid && !o->comm[0])
		comm_read((pid_t)o->pid, o->comm);
}

/* Where cgroups of version 2 are mounted, into `folder` of PATH_MAX bytes. */
static bool cgroup_mount(char *folder)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	char text[2 * PATH_MAX];
	struct mntent entry;
	bool found = false;

	while (mounts && !found && getmntent_r(mounts, &entry, text, sizeof(text)))
		if (!strcmp(entry.mnt_type, "cgroup2")) {
			snprintf(folder, PATH_MAX, "%s", entry.mnt_dir);
			found = true;
		}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* A fd of the cgroup `id`, whose mount `mount_fd` is of. Needs CAP_DAC_READ_SEARCH. -1: not there.
 */
static int cgroup_open(int mount_fd, uint64_t id)
{
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} handle = {.head = {.handle_bytes = sizeof(id), .handle_type = FILEID_KERNFS}};

	memcpy(handle.head.f_handle, &id, sizeof(id));
	return open_by_handle_at(mount_fd, &handle.head, O_PATH | O_CLOEXEC);
}

/* The path of the cgroup `id` from its mount on, into `out` of `size` bytes; else empty. */
static void cgroup_read(uint64_t id, char *out, size_t size)
{
	char folder[PATH_MAX], link[64], path[PATH_MAX];
	int mount_fd = -1, fd = -1;
	ssize_t len = -1;
	size_t start;

	out[0] = 0;
	if (!id || !cgroup_mount(folder))
		return;
	mount_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (mount_fd >= 0)
		fd = cgroup_open(mount_fd, id);
	if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		len = readlink(link, path, sizeof(path) - 1);
		close(fd);
	}
	if (mount_fd >= 0)
		close(mount_fd);
	if (len < 0)
		return;
	path[len] = 0;
	start = strlen(folder);
	/* one above the mount, as in a container, is none of ours to name */
	if (!strncmp(path, folder, start) && (!path[start] || path[start] == '/'))
		snprintf(out, size, "%s", path[start] ? path + start : "/");
}

void resolve_cgroup(struct cgroups *known, uint64_t id, struct spool *spool)
{
	struct ipct_cgroup c = {
		.head = {.len = sizeof(c), .type = IPCT_EV_CGROUP},
		.id = id,
	};

	if (cgroup_known(known, id))
		return;
	cgroup_read(id, c.path, sizeof(c.path));
	cgroup_put(known, id, c.path); /* without memory it will be asked again */
	spool_put(spool, &c, sizeof(c));
}

static int fd_access(pid_t pid, const char *fd)
{
	char path[64], line[128];
	unsigned flags;
	int access = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.16s", pid, fd);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "flags: %o", &flags) == 1)
			access = flags & O_ACCMODE;
	fclose(f);
	return access;
}

/* Bits of IPCT_OP_READ_END and IPCT_OP_WRITE_END that process `pid` has of the object. */
static unsigned ends_held(pid_t pid, const struct stat *object)
{
	char path[64];
	struct dirent *e;
	unsigned ends = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((e = readdir(dir))) {
		struct stat st;
		int access;

		if (!isdigit(e->d_name[0]) || fstatat(dirfd(dir), e->d_name, &st, 0) ||
		    st.st_ino != object->st_ino || st.st_dev != object->st_dev)
			continue;
		access = fd_access(pid, e->d_name);
		if (access == O_RDONLY || access == O_RDWR)
			ends |= IPCT_OP_READ_END;
		if (access == O_WRONLY || access == O_RDWR)
			ends |= IPCT_OP_WRITE_END;
	}
	closedir(dir);
	return ends;
}

static void holder_put(struct spool *spool, pid_t pid, const struct stat *object, unsigned ends)
{
	struct ipct_holder h = {
		.head = {.len = sizeof(h), .type = IPCT_EV_HOLDER},
		.ino = object->st_ino,
		.dev = kernel_dev(object->st_dev),
		.pid = pid,
		.flags = ends,
	};

	comm_read(pid, h.comm);
	spool_put(spool, &h, sizeof(h));
}

/* Everyone who holds the other end than the one that we are given at `fd`. */
static void holders_of(struct spool *spool, int fd)
{
	struct stat object;
	struct dirent *e;
	unsigned ours;
	DIR *proc;

	if (fstat(fd, &object) || !S_ISFIFO(object.st_mode))
		return;
	ours = ends_held(getpid(), &object);
	proc = opendir("/proc");
	if (!proc)
		return;
	while ((e = readdir(proc))) {
		pid_t pid = atoi(e->d_name);
		unsigned ends;

		if (pid <= 0 || pid == getpid())
			continue;
		ends = ends_held(pid, &object) & ~ours;
		if (ends)
			holder_put(spool, pid, &object, ends);
	}
	closedir(proc);
}

void resolve_holders(struct spool *spool)
{
	for (int fd = 0; fd <= 2; fd++)
		holders_of(spool, fd);
}
