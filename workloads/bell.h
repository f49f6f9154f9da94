/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doorbells: counting semaphores by which those who share memory wait for each other, on a futex,
 * a POSIX semaphore, a System V semaphore, an eventfd, or spinning. Their calls are counted on
 * the mechanism that they are calls of, except those that the C library makes for sem_t.
 */
#ifndef IPCT_BELL_H
#define IPCT_BELL_H

#include <semaphore.h>

#include "workloads/mechanism.h"

/* In the low bits of a variant's `kind`, unless --wait spin is asked for. */
enum bell_kind { BELL_FUTEX, BELL_POSIX_SEM, BELL_SYSV_SEM, BELL_EVENTFD, BELL_SPIN };

#define IPCT_BELL_MASK 0xf

/* One bell, in shared memory. Only one peer waits for it. */
struct bell {
	_Alignas(64) _Atomic uint32_t count;
	_Atomic uint32_t waiters; /* 1: one may be asleep */
	uint32_t number;          /* among those of the channel */
	uint32_t initial;         /* how many it began with, which nobody gave */
	uint64_t taken;
	sem_t sem;
};

/* Make bell `number` of `count`, in order; where the kernel has a set of them, with the first. */
int bell_make(struct peer *supervisor, struct channel *channel, struct bell *bell, uint32_t number,
	      uint32_t count, uint32_t initial);

/* Remove all bells of the channel. */
void bells_destroy(struct peer *supervisor, struct channel *channel);

/* Close what a process has of them. */
int bells_close(struct peer *peer, struct channel *channel);

/* Take one, waiting until there is one; give one. 0 or -errno. */
int bell_wait(struct end *end, struct bell *bell);
int bell_post(struct end *end, struct bell *bell);

#endif
