/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write(2) until all is written.
 */
#ifndef IPCT_WRITE_ALL_H
#define IPCT_WRITE_ALL_H

#include <stddef.h>

/* Write `len` bytes to `fd`, over short writes and interruptions. 0 or -errno. */
int write_all(int fd, const char *data, size_t len);

#endif
