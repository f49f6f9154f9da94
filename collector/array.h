/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Growing arrays.
 */
#ifndef IPCT_ARRAY_H
#define IPCT_ARRAY_H

#include <stddef.h>

/*
 * Make room for more than `count` elements of `size` bytes in the array at *v, of which *room are
 * there, by doubling. What is new is zeroed. 0, or -ENOMEM, when nothing has changed.
 */
int array_grow(void *v, size_t *room, size_t count, size_t size);

#endif
