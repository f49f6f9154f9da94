// SPDX-License-Identifier: BSD-2-Clause
/*
 * Growing arrays by doubling.
 */
#include "collector/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int array_grow(void *v, size_t *room, size_t count, size_t size)
{
	size_t larger = *room ? *room : 1;
	void *old, *new;

	if (count < *room)
		return 0;
	while (larger <= count)
		larger *= 2;
	memcpy(&old, v, sizeof(old));
	new = reallocarray(old, larger, size);
	if (!new)
		return -ENOMEM;
	memset((char *)new + *room *size, 0, (larger - *room) * size);
	memcpy(v, &new, sizeof(new));
	*room = larger;
	return 0;
}
