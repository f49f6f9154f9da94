// SPDX-License-Identifier: BSD-2-Clause
/*
 * A cache of sets with a few places each, the latest first, as that of a CPU.
 */
#include "collector/kinds.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SETS (1u << 14)
#define WAYS 4

struct slot {
	int64_t number; /* 0: empty */
	int64_t kind[KIND_WORDS_MAX];
};

struct kinds {
	int words;
	int64_t last; /* number given */
	struct slot slot[SETS][WAYS];
};

struct kinds *kinds_new(int words)
{
	struct kinds *k = calloc(1, sizeof(*k)); /* what is not used takes no memory */

	assert(words <= KIND_WORDS_MAX);
	if (k)
		k->words = words;
	return k;
}

static unsigned set_of(const struct kinds *k, const int64_t *kind)
{
	uint64_t hash = 0;

	for (int i = 0; i < k->words; i++) {
		hash = (hash ^ (uint64_t)kind[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash % SETS;
}

static bool kind_equal(const struct kinds *k, const int64_t *a, const int64_t *b)
{
	for (int i = 0; i < k->words; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

int64_t kinds_number(struct kinds *k, const int64_t *kind, bool *is_new)
{
	struct slot *set = k->slot[set_of(k, kind)];
	struct slot found;
	int way;

	*is_new = false;
	if (set[0].number && kind_equal(k, set[0].kind, kind))
		return set[0].number;
	for (way = 1; way < WAYS - 1; way++)
		if (set[way].number && kind_equal(k, set[way].kind, kind))
			break;
	found = set[way];
	if (!found.number || !kind_equal(k, found.kind, kind)) {
		*is_new = true;
		found.number = ++k->last;
		memcpy(found.kind, kind, k->words * sizeof(*kind));
	}
	memmove(&set[1], &set[0], way * sizeof(*set));
	set[0] = found;
	return found.number;
}

void kinds_free(struct kinds *k)
{
	free(k);
}
