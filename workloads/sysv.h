/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys of System V objects.
 */
#ifndef IPCT_SYSV_H
#define IPCT_SYSV_H

#include "workloads/mechanism.h"

/*
 * Make a new object by `get` (msgget, shmget or semget with its sizes filled in) under a key that
 * was free, counted as `create` of `mechanism`. Sets *key. The object's id, or -errno.
 */
int sysv_create(struct peer *peer, enum ipct_mechanism mechanism, unsigned index,
		int (*get)(key_t key, int flags, size_t size), size_t size, int *key);

#endif
