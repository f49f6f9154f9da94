/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one peer knows about its own system calls: how many in each role, on which mechanism, with
 * how many bytes. Each peer has a tally of its own, in memory that it shares with the supervisor,
 * which adds them up when the peers have ended (truth.h).
 */
#ifndef IPCT_TALLY_H
#define IPCT_TALLY_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

#include "schemas/event.h"

struct tally {
	struct {
		uint64_t count; /* system calls, failed ones and ends of file too */
		uint64_t bytes;
		uint64_t unfinished; /* of `count`: not returned from */
	} ops[IPCT_MECH_COUNT][IPCT_ROLE_COUNT];
	struct {
		uint64_t count, bytes;
	} messages[IPCT_MECH_COUNT]; /* that were counted one by one, and not logged */
	uint64_t parts[2];           /* further messages of one call: received, sent */
};

/* Count a call before it is made, so that one that never returns is counted as well. */
void tally_begin(struct tally *tally, enum ipct_mechanism mechanism, enum ipct_role role);

/* The call returned; `result` is the bytes that it moved, or -errno. */
void tally_end(struct tally *tally, enum ipct_mechanism mechanism, enum ipct_role role,
	       int64_t result);

/* Add all of `from` to `into`, or what concerns one mechanism. */
void tally_add(struct tally *into, const struct tally *from);
void tally_add_mechanism(struct tally *into, const struct tally *from,
			 enum ipct_mechanism mechanism);

/* Is there any call on this mechanism? */
int tally_has(const struct tally *tally, enum ipct_mechanism mechanism);

/* The contract's names: "pipe", "create" ... */
const char *mechanism_name(enum ipct_mechanism mechanism);
const char *role_name(enum ipct_role role);

#endif
