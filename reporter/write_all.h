/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * write(2) until all is written, and the end of what goes to standard output.
 */
#ifndef IPCT_WRITE_ALL_H
#define IPCT_WRITE_ALL_H

#include <stddef.h>

/* Write `len` bytes to `fd`, over short writes and interruptions. 0 or -errno. */
int write_all(int fd, const char *data, size_t len);

/*
 * What a command prints is complete: flush standard output. `failed` as it is, or 1 after an error
 * message if not all could be written. Set errno to 0 before printing.
 */
int stdout_end(int failed);

#endif
