// SPDX-License-Identifier: BSD-2-Clause
/*
 * The costs of a recording, from `meta`: docs/trace-file.md says what each fact is.
 */
#include "cost.h"
#include "fact.h"
#include "units.h"

#include <stdio.h>
#include <stdlib.h>

/* From here on the probes change what they measure. */
#define HIGH_PERCENT 25

/* `call_ns` for each of the recorded calls made `added_ns`, if that is known. */
static void probes_all(struct cost *cost, sqlite3 *db, int64_t call_ns, int64_t added_ns)
{
	char each[IPCT_UNIT_LEN], sum[IPCT_UNIT_LEN], calls[IPCT_UNIT_LEN], share[IPCT_UNIT_LEN];
	char cpu[IPCT_UNIT_LEN];
	int64_t cpu_ns = 0;

	fact_number(db, "cpu_ns", &cpu_ns);
	unit_ns(each, call_ns);
	unit_ns(sum, added_ns);
	unit_count(calls, added_ns / call_ns);
	if (cpu_ns <= 0) {
		snprintf(cost->probes, IPCT_COST_LEN, "at least %s a call: %s in %s calls", each,
			 sum, calls);
		return;
	}
	unit_share(share, added_ns, cpu_ns);
	unit_ns(cpu, cpu_ns);
	snprintf(cost->probes, IPCT_COST_LEN,
		 "at least %s a call: %s in %s calls, %s of %s CPU time", each, sum, calls, share,
		 cpu);
	if ((double)added_ns * 100 > (double)cpu_ns * HIGH_PERCENT)
		snprintf(cost->alert, IPCT_COST_LEN,
			 "the probes took %s of the CPU time or more: all times are too long; -m "
			 "records less",
			 share);
}

static void probes_read(struct cost *cost, sqlite3 *db)
{
	char *why = fact(db, "probe_unmeasured"), each[IPCT_UNIT_LEN];
	int64_t call_ns = 0, other_ns = 0, added_ns = 0;

	fact_number(db, "probe_call_ns", &call_ns);
	fact_number(db, "probe_other_call_ns", &other_ns);
	fact_number(db, "probe_ns", &added_ns);
	if (why)
		snprintf(cost->probes, IPCT_COST_LEN, "cost not measured: %s", why);
	else if (call_ns > 0 && added_ns > 0)
		probes_all(cost, db, call_ns, added_ns);
	else if (call_ns > 0)
		snprintf(cost->probes, IPCT_COST_LEN, "at least %s a call", unit_ns(each, call_ns));
	else if (other_ns > 0)
		snprintf(cost->probes, IPCT_COST_LEN,
			 "%s a call that is not recorded; for a recorded one it was not measured",
			 unit_ns(each, other_ns));
	free(why);
}

static void slowdown_read(struct cost *cost, sqlite3 *db)
{
	char *ratio = fact(db, "calibrate_ratio"), *least = fact(db, "calibrate_ratio_min");
	char *most = fact(db, "calibrate_ratio_max"), *cpu = fact(db, "calibrate_cpu_ratio");
	int64_t rounds = 0;

	fact_number(db, "calibrate_rounds", &rounds);
	if (ratio && least && most)
		snprintf(cost->slowdown, IPCT_COST_LEN,
			 "%s times as long as unrecorded (%s to %s in %lld rounds)%s%s%s", ratio,
			 least, most, (long long)rounds, cpu ? ", " : "", cpu ? cpu : "",
			 cpu ? " times the CPU time" : "");
	free(ratio);
	free(least);
	free(most);
	free(cpu);
}

void cost_read(sqlite3 *db, struct cost *cost)
{
	*cost->probes = *cost->slowdown = *cost->alert = 0;
	probes_read(cost, db);
	slowdown_read(cost, db);
}
