// SPDX-License-Identifier: BSD-2-Clause
/*
 * What makes two recordings hard to compare: another machine, other mechanisms watched, a recording
 * that is not whole.
 */
#include "diff.h"
#include "escape.h"
#include "fact.h"
#include "units.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACT_COLUMNS 60 /* longer ones are cut */

struct notes {
	void (*say)(void *arg, const char *safe);
	void *arg;
};

static void __attribute__((format(printf, 2, 3)))
say(const struct notes *notes, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		notes->say(notes->arg, text);
	free(text);
}

/* Facts that should be the same. */
static const struct {
	const char *key, *title;
} facts[] = {
	{"host", "host"},           {"kernel", "kernel"},
	{"cpus", "number of CPUs"}, {"mechanisms", "watched mechanisms"},
	{"version", "ipctrace"},
};

static void differ_say(const struct notes *notes, const char *title, const char *a, const char *b)
{
	char *of_a = escape_cut(a, FACT_COLUMNS, ESCAPE_CUT_END);
	char *of_b = escape_cut(b, FACT_COLUMNS, ESCAPE_CUT_END);

	if (of_a && of_b)
		say(notes, "another %s: %s; %s", title, of_a, of_b);
	free(of_a);
	free(of_b);
}

static void facts_compare(const struct diff *diff, const struct notes *notes)
{
	const struct diff_run *a = &diff->input.runs[0], *b = a;

	while (!b->side)
		b++;
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		char *of_a = fact(a->db, facts[i].key), *of_b = fact(b->db, facts[i].key);

		if (of_a && of_b && strcmp(of_a, of_b))
			differ_say(notes, facts[i].title, of_a, of_b);
		free(of_a);
		free(of_b);
	}
}

static void whole_check(const struct diff_run *run, const struct notes *notes)
{
	const char *side = run->side ? "B" : "A";
	char *complete = fact(run->db, "complete");
	char count[IPCT_UNIT_LEN];

	if (!complete || strcmp(complete, "1"))
		say(notes, "%s was cut off, or still runs", side);
	if (run->totals.lost > 0)
		say(notes, "%s lost %s calls: its counts are too small", side,
		    unit_count(count, run->totals.lost));
	free(complete);
}

void diff_notes(const struct diff *diff, void (*tell)(void *arg, const char *safe), void *arg)
{
	struct notes notes = {tell, arg};

	facts_compare(diff, &notes);
	for (int i = 0; i < diff->input.run_count; i++)
		if (!diff->input.benches)
			whole_check(&diff->input.runs[i], &notes);
	if (diff->input.unreadable)
		say(&notes, "%u histograms could not be read", diff->input.unreadable);
}
