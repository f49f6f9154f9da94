// SPDX-License-Identifier: BSD-2-Clause
/*
 * The order in which outputs show items.
 */
#include "diff.h"

#include <math.h>
#include <stdlib.h>

/* How large the largest change is: of what is significant, or of all. */
static double size_of(const struct diff_item *item)
{
	bool changed = diff_item_changed(item);
	double size = 0;

	for (int m = 0; m < DIFF_MEASURES; m++) {
		const struct diff_change *c = &item->changes[m];

		if ((c->significant || !changed) && c->ratio.ratio > 0)
			size = fmax(size, fabs(log(c->ratio.ratio)));
	}
	return size;
}

/* Whether a time or the errors became worse, or better, than chance would make them. */
static int verdict_of(const struct diff_item *item)
{
	int verdict = 0;

	for (int m = 0; m < DIFF_MEASURES; m++)
		if (item->changes[m].significant && item->changes[m].worse)
			verdict = item->changes[m].worse > 0 || verdict > 0 ? 1 : -1;
	return verdict;
}

/* What is worse first, then what is better, then the rest; each by size. */
static int by_importance(const void *a, const void *b)
{
	static const int order[] = {1, 2, 0}; /* of better, neither, worse */
	const struct diff_item *one = a, *other = b;
	int common = (other->on[0] && other->on[1]) - (one->on[0] && one->on[1]);
	int changed = diff_item_changed(other) - diff_item_changed(one);
	int verdict = order[verdict_of(one) + 1] - order[verdict_of(other) + 1];
	double size = size_of(one) - size_of(other);

	if (common || changed || verdict)
		return common ? common : changed ? changed : verdict;
	if (size != 0)
		return size < 0 ? 1 : -1;
	return one->number < other->number ? -1 : one->number > other->number;
}

void diff_order(struct diff *diff)
{
	for (size_t i = 0; i < diff->item_count; i++)
		diff->items[i].number = i;
	if (diff->item_count)
		qsort(diff->items, diff->item_count, sizeof(*diff->items), by_importance);
}
