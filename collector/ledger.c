// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ledger's rows. In each, seen = stored + lost.
 */
#include "collector/ledger.h"

#include "schemas/tables.h"

#include <string.h>

/* The kernel side's reasons; NULL is no loss. */
static const char *const reasons[IPCT_COUNT_COUNT] = {
	[IPCT_COUNT_RING_FULL] = "ring_full",
	[IPCT_COUNT_OBJECTS_FULL] = "objects_full",
	[IPCT_COUNT_COMPAT] = "compat_32bit",
	[IPCT_COUNT_THREADS] = "threads_not_followed",
	[IPCT_COUNT_NOTES] = "process_records_ring_full",
	[IPCT_COUNT_AREAS] = "mapping_not_found",
	[IPCT_COUNT_TOUCHES] = "touches_not_counted",
};

void ledger_seen(struct ledger *l, unsigned mechanism)
{
	l->seen[mechanism]++;
}

void ledger_stored(struct ledger *l, unsigned mechanism)
{
	l->stored[mechanism]++;
}

void ledger_committed(struct ledger *l)
{
	memcpy(l->committed, l->stored, sizeof(l->committed));
}

void ledger_counts(struct ledger *l, __u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT],
		   const __u64 spool_lost[IPCT_MECH_COUNT])
{
	memcpy(l->counts, counts, sizeof(l->counts));
	memcpy(l->spool_lost, spool_lost, sizeof(l->spool_lost));
}

static int lost(struct ledger *l, struct store *store, unsigned m, const char *reason, int64_t n)
{
	if (n <= 0)
		return 0;
	l->lost_all += n;
	return store_ledger(store, mechanisms[m].name, reason, n, 0, n);
}

/*
 * An op that is in progress counts as seen, so while the recording goes on some are under way; in
 * the file of a recorder that was killed, those are lost.
 */
static int mechanism_write(struct ledger *l, struct store *store, unsigned m, enum ledger_when when)
{
	int64_t stored = l->store_reason ? l->committed[m] : l->stored[m];
	int64_t rest = (int64_t)l->counts[m][IPCT_COUNT_SEEN] + l->seen[m] - stored;
	const char *why = when == LEDGER_RUNNING ? "under_way" : "unaccounted";
	int err = 0;

	for (int reason = 0; reason < IPCT_COUNT_COUNT; reason++)
		if (reasons[reason]) {
			rest -= l->counts[m][reason];
			err |= lost(l, store, m, reasons[reason], l->counts[m][reason]);
		}
	rest -= l->spool_lost[m];
	l->stored_all += stored;
	err |= lost(l, store, m, "spool_full", l->spool_lost[m]);
	err |= lost(l, store, m, l->store_reason ? l->store_reason : why, rest);
	return err | store_ledger(store, mechanisms[m].name, "stored", stored, stored, 0);
}

bool ledger_lossy(const struct ledger *l, unsigned mechanism)
{
	return l->counts[mechanism][IPCT_COUNT_RING_FULL] ||
	       l->counts[IPCT_MECH_NONE][IPCT_COUNT_NOTES] || l->spool_lost[mechanism];
}

int ledger_write(struct ledger *l, struct store *store, unsigned mechanism_mask,
		 enum ledger_when when)
{
	int err = store_ledger_begin(store);

	l->stored_all = l->lost_all = 0;
	for (unsigned m = 1; m < IPCT_MECH_COUNT; m++)
		if (mechanism_mask >> m & 1)
			err |= mechanism_write(l, store, m, when);
	for (int reason = 0; reason < IPCT_COUNT_COUNT; reason++)
		if (reasons[reason])
			err |= lost(l, store, 0, reasons[reason], l->counts[0][reason]);
	return err | lost(l, store, 0, "process_records_spool_full", l->spool_lost[0]);
}
