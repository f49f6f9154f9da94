/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `report --filter KEY=VALUE`: what of a recording the outputs are about. They all read the public
 * views; a filter stands before these with views of the same names that have fewer rows, so that no
 * output need know of it. Several keys must all hold, several values of one key are alternatives.
 *
 *	mechanism=NAME,...   names and families of mechanisms
 *	process=WHO          a pid, a name or pattern (GLOB), or # and a process_id: at either end
 *	object=NAME          a name or pattern, or # and an object_id
 *	from=TIME, to=TIME   messages that were sent, and calls that began, in this span
 *	latency=TIME         messages with a transit, and calls with a duration, of at least TIME
 *
 * The ledger and `meta` stay those of the whole recording.
 */
#ifndef IPCT_FILTER_H
#define IPCT_FILTER_H

#include <sqlite3.h>
#include <stdint.h>

#define IPCT_FILTER_WHY_LEN 256

struct filter_term {
	const char *key;
	char *value;
};

/* All zeros is a filter that leaves everything; filter_clear() ends it. */
struct filter {
	struct filter_term *terms;
	int count;
	int64_t from_ns, to_ns, least_ns;
	unsigned given; /* which of the times: bits of enum filter_time */
	char *words;    /* as it was given; NULL: nothing was */
};

/*
 * Add one KEY=VALUE. 0, -ENOMEM, or -EINVAL with what is wrong, and what is right, in `why`.
 */
int filter_add(struct filter *filter, const char *text, char why[IPCT_FILTER_WHY_LEN]);

/*
 * Put the filtered views before those of `db`; without a filter, only those that reports read in
 * either case: whole_objects, whole_edges, whole_processes, whole_latency, and report_filter
 * (words), which has a row if there is a filter. Needs functions_add(). 0, or 1 after an error
 * message.
 */
int filter_apply(const struct filter *filter, sqlite3 *db);

/* The filter of `db` in words, for the caller to free; NULL: there is none. */
char *filter_words(sqlite3 *db);

void filter_clear(struct filter *filter);

#endif
