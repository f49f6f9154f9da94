// SPDX-License-Identifier: BSD-2-Clause
#include "duration.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fifty years: no recording is longer, and sums of such times do not overflow. */
#define LONGEST_NS 1577880000e9

static const struct {
	const char *name;
	double ns;
} units[] = {{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}, {"µs", 1e3}, {"ns", 1}};

int duration_parse(const char *text, int64_t *ns)
{
	char *unit;
	double value = strtod(text, &unit);

	if (unit == text || !isdigit((unsigned char)*text))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(unit + strspn(unit, " "), units[i].name) ||
		    value * units[i].ns >= LONGEST_NS)
			continue;
		*ns = llround(value * units[i].ns);
		return 0;
	}
	return -EINVAL;
}
