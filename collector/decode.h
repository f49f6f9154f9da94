/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes to checked records: pure, and the same for live data and for a replayed capture, which is
 * hostile input.
 */
#ifndef IPCT_DECODE_H
#define IPCT_DECODE_H

#include <stddef.h>
#include <linux/types.h>
#include "schemas/event.h"

/* A record of any type, aligned and NUL-terminated where it holds text. */
union record {
	struct ipct_head head;
	struct ipct_op op;
	struct ipct_slept_op slept; /* an op always has one here, of zeros if it did not sleep */
	struct ipct_path_op path_op;
	struct ipct_fork fork;
	struct ipct_exec exec;
	struct ipct_exit exit;
	struct ipct_cpu cpu;
	struct ipct_cgroup cgroup;
	struct ipct_calibration calibration;
	struct ipct_object object;
	struct ipct_fd_range fd_range;
	struct ipct_passing passing;
	struct ipct_holder holder;
	struct ipct_touch touch;
	struct ipct_end end;
};

/*
 * Decode the record at `data`. Returns its length, 0 if `len` bytes hold only a part of one, or
 * -EINVAL if no record can start like this.
 */
long decode_next(const void *data, size_t len, union record *out);

#endif
