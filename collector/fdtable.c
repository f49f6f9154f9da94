// SPDX-License-Identifier: BSD-2-Clause
/*
 * A sorted array: a process has few fds of traced objects, and a fork copies them all.
 */
#include "collector/fdtable.h"

#include "collector/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The place of `fd`, or where it would be. */
static size_t place(const struct fdtable *t, int fd)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->v[mid].fd < fd)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct fd_entry *fdtable_find(const struct fdtable *t, int fd)
{
	size_t at = place(t, fd);

	return at < t->count && t->v[at].fd == fd ? &t->v[at] : NULL;
}

int fdtable_add(struct fdtable *t, int fd, uint32_t object, bool cloexec)
{
	size_t at = place(t, fd);

	if (array_grow(&t->v, &t->room, t->count, sizeof(*t->v)))
		return -ENOMEM;
	memmove(&t->v[at + 1], &t->v[at], (t->count - at) * sizeof(*t->v));
	t->v[at] = (struct fd_entry){fd, object, cloexec};
	t->count++;
	return 0;
}

void fdtable_remove(struct fdtable *t, struct fd_entry *entry)
{
	size_t at = entry - t->v;

	t->count--;
	memmove(entry, entry + 1, (t->count - at) * sizeof(*entry));
}

int fdtable_copy(struct fdtable *to, const struct fdtable *from)
{
	if (!from->count)
		return 0;
	to->v = malloc(from->count * sizeof(*to->v));
	if (!to->v)
		return -ENOMEM;
	memcpy(to->v, from->v, from->count * sizeof(*to->v));
	to->count = to->room = from->count;
	return 0;
}

void fdtable_clear(struct fdtable *t)
{
	free(t->v);
	memset(t, 0, sizeof(*t));
}
