// SPDX-License-Identifier: BSD-2-Clause
/*
 * --pin: on which CPUs the peers run.
 */
#include "workloads/harness.h"

#include <sched.h>

int pin_choose(struct run *run)
{
	const char *what = run->options->pin == PIN_CROSS ? "--pin cross" : "--pin same";
	int wanted = run->options->pin == PIN_CROSS ? 2 : 1, found = 0;
	cpu_set_t set;

	if (run->options->pin == PIN_NONE)
		return 0;
	if (sched_getaffinity(0, sizeof(set), &set))
		return peer_complain(&run->supervisor, errno, "%s", what);
	for (int cpu = 0; cpu < CPU_SETSIZE && found < wanted; cpu++)
		if (CPU_ISSET(cpu, &set))
			run->cpus[found++] = cpu;
	if (found < wanted)
		return peer_complain(&run->supervisor, EBADMSG,
				     "%s needs two CPUs, and there is only %d to run on", what,
				     found);
	if (run->options->pin == PIN_SAME)
		run->cpus[1] = run->cpus[0];
	return 0;
}

int pin_peer(const struct peer *peer)
{
	const struct run *run = peer->run;
	cpu_set_t set;

	if (run->options->pin == PIN_NONE)
		return 0;
	CPU_ZERO(&set);
	CPU_SET(run->cpus[(peer - run->peers) % 2], &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}
