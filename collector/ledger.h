/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The balance: every op that the kernel side saw is stored or counted as lost with a reason.
 * What is seen is counted in the kernel, what is stored here; a difference that no counter
 * explains is shown as 'unaccounted' and would be a bug.
 */
#ifndef IPCT_LEDGER_H
#define IPCT_LEDGER_H

#include "collector/store.h"

struct ledger {
	__u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT]; /* of the kernel side */
	__u64 spool_lost[IPCT_MECH_COUNT];
	int64_t seen[IPCT_MECH_COUNT]; /* ops that only the collector could tell to be ops */
	int64_t stored[IPCT_MECH_COUNT];
	int64_t committed[IPCT_MECH_COUNT];
	const char *store_reason;     /* why the store takes no more, or NULL */
	int64_t stored_all, lost_all; /* sums of the last ledger_write */
};

enum ledger_when {
	LEDGER_RUNNING, /* what is missing may still come */
	LEDGER_FINAL,
};

void ledger_seen(struct ledger *l, unsigned mechanism);
void ledger_stored(struct ledger *l, unsigned mechanism);
void ledger_committed(struct ledger *l);
void ledger_counts(struct ledger *l, __u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT],
		   const __u64 spool_lost[IPCT_MECH_COUNT]);

/* Were records of the mechanism lost on their way, as far as is known by now? */
bool ledger_lossy(const struct ledger *l, unsigned mechanism);

/* Replace the ledger in the file. 0 or -EIO; the sums are right in any case. */
int ledger_write(struct ledger *l, struct store *store, unsigned mechanism_mask,
		 enum ledger_when when);

#endif
