// SPDX-License-Identifier: BSD-2-Clause
/*
 * Counters of system calls by mechanism and role; see tally.h.
 */
#include "workloads/tally.h"

static const char *const role_names[IPCT_ROLE_COUNT] = {
	[IPCT_ROLE_CREATE] = "create", [IPCT_ROLE_OPEN] = "open",   [IPCT_ROLE_SEND] = "send",
	[IPCT_ROLE_RECV] = "recv",     [IPCT_ROLE_WAIT] = "wait",   [IPCT_ROLE_WAKE] = "wake",
	[IPCT_ROLE_MAP] = "map",       [IPCT_ROLE_UNMAP] = "unmap", [IPCT_ROLE_CONTROL] = "control",
	[IPCT_ROLE_CLOSE] = "close",
};

static const char *const mechanism_names[IPCT_MECH_COUNT] = {
#define MECHANISM(id, name, ...) [IPCT_MECH_##id] = name,
#include "schemas/mechanisms.def"
#undef MECHANISM
};

void tally_begin(struct tally *tally, enum ipct_mechanism mechanism, enum ipct_role role)
{
	tally->ops[mechanism][role].count++;
	tally->ops[mechanism][role].unfinished++;
}

void tally_end(struct tally *tally, enum ipct_mechanism mechanism, enum ipct_role role,
	       int64_t result)
{
	tally->ops[mechanism][role].unfinished--;
	if (result > 0)
		tally->ops[mechanism][role].bytes += (uint64_t)result;
}

void tally_add_mechanism(struct tally *into, const struct tally *from, enum ipct_mechanism m)
{
	for (int r = 0; r < IPCT_ROLE_COUNT; r++) {
		into->ops[m][r].count += from->ops[m][r].count;
		into->ops[m][r].bytes += from->ops[m][r].bytes;
		into->ops[m][r].unfinished += from->ops[m][r].unfinished;
	}
	into->messages[m].count += from->messages[m].count;
	into->messages[m].bytes += from->messages[m].bytes;
}

void tally_add(struct tally *into, const struct tally *from)
{
	for (int m = 0; m < IPCT_MECH_COUNT; m++)
		tally_add_mechanism(into, from, m);
	for (int side = 0; side < 2; side++)
		into->parts[side] += from->parts[side];
}

int tally_has(const struct tally *tally, enum ipct_mechanism mechanism)
{
	for (int r = 0; r < IPCT_ROLE_COUNT; r++)
		if (tally->ops[mechanism][r].count)
			return 1;
	return 0;
}

const char *mechanism_name(enum ipct_mechanism mechanism)
{
	return mechanism_names[mechanism];
}

const char *role_name(enum ipct_role role)
{
	return role_names[role];
}
