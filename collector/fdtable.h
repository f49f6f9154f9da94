/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fds of one process that stand for traced objects. Which object a call is on comes from the
 * kernel, never from here: this is for lifetimes, so that a close that no call shows (exec, exit,
 * dup2 over an open fd) is known.
 */
#ifndef IPCT_FDTABLE_H
#define IPCT_FDTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fd_entry {
	int fd;
	uint32_t object; /* number in the recording */
	bool cloexec;
};

/* Sorted by fd; zeroed is empty. */
struct fdtable {
	struct fd_entry *v;
	size_t count, room;
};

/* The entry of `fd`, valid until the table changes, or NULL. */
struct fd_entry *fdtable_find(const struct fdtable *t, int fd);

/* Set `fd`, which must not be in the table. 0 or -ENOMEM. */
int fdtable_add(struct fdtable *t, int fd, uint32_t object, bool cloexec);

/* Remove an entry that fdtable_find gave. */
void fdtable_remove(struct fdtable *t, struct fd_entry *entry);

/* Copy `from` into the empty `to`. 0 or -ENOMEM. */
int fdtable_copy(struct fdtable *to, const struct fdtable *from);

void fdtable_clear(struct fdtable *t);

#endif
