// SPDX-License-Identifier: BSD-2-Clause
/*
 * Comparing runs. Each traced run is compared with the untraced one just before it, as both have
 * met the same weather; with so few rounds all that can be said of the spread is its range.
 */
#include "collector/calibration.h"

#include <stdlib.h>
#include <string.h>

bool calibration_complete(const struct calibration *c)
{
	return c->traced_count == c->rounds && c->untraced_count == c->rounds;
}

static int order(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

/* Sorts them. Of an even number it is the mean of the two in the middle. */
static int64_t median(int64_t *values, int count)
{
	qsort(values, count, sizeof(*values), order);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* In thousandths; 0: there is no telling. */
static int64_t ratio(int64_t traced_ns, int64_t untraced_ns)
{
	return untraced_ns > 0 ? (int64_t)((double)traced_ns / (double)untraced_ns * 1000 + 0.5)
			       : 0;
}

void calibration_sum(const struct calibration *c, struct ipct_calibration *out)
{
	int64_t untraced[IPCT_ROUNDS_MAX], traced[IPCT_ROUNDS_MAX];
	int64_t wall[IPCT_ROUNDS_MAX], cpu[IPCT_ROUNDS_MAX];

	for (int i = 0; i < c->rounds; i++) {
		untraced[i] = c->untraced[i].wall_ns;
		traced[i] = c->traced[i].wall_ns;
		wall[i] = ratio(traced[i], untraced[i]);
		cpu[i] = ratio(c->traced[i].cpu_ns, c->untraced[i].cpu_ns);
	}
	memset(out, 0, sizeof(*out));
	out->head.len = sizeof(*out);
	out->head.type = IPCT_EV_CALIBRATION;
	out->rounds = c->rounds;
	out->untraced_ns = median(untraced, c->rounds);
	out->traced_ns = median(traced, c->rounds);
	out->ratio = median(wall, c->rounds); /* sorted from here on */
	out->ratio_min = wall[0];
	out->ratio_max = wall[c->rounds - 1];
	out->cpu_ratio = median(cpu, c->rounds);
	out->cpu_ratio_min = cpu[0];
	out->cpu_ratio_max = cpu[c->rounds - 1];
}
