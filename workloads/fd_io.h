/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends and receives through any fd, as hooks of variants.
 */
#ifndef IPCT_FD_IO_H
#define IPCT_FD_IO_H

#include <sys/uio.h>

#include "workloads/mechanism.h"

/* write and read */
ssize_t fd_write(struct end *end, const void *buf, size_t len_bytes);
ssize_t fd_read(struct end *end, void *buf, size_t len_bytes);

/* writev and readv with three parts */
ssize_t fd_writev(struct end *end, const void *buf, size_t len_bytes);
ssize_t fd_readv(struct end *end, void *buf, size_t len_bytes);

/* Three parts, of which the first two are empty for the smallest messages. */
void iov_split(struct iovec iov[3], const void *buf, size_t len_bytes);

#endif
