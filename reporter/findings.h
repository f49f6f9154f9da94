/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a specialist would point at in a recording: at most one finding of each kind, about the
 * worst case of it. The sentences are made here once, so that all outputs say the same.
 */
#ifndef IPCT_FINDINGS_H
#define IPCT_FINDINGS_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

struct finding {
	const char *kind; /* a fixed word, such as "full" */
	/*
	 * The time that it is about, for comparing: waited, in transit, or (an estimate) on a CPU;
	 * never longer than the recording took for one object. 0: it costs no time that is known.
	 */
	int64_t weight_ns;
	char *text; /* one sentence with its numbers; safe for a terminal, see escape.h */
	char *show; /* options of `ipctrace report` that show what is behind it */
	char *mechanism;
	int64_t object_id, sender_id, receiver_id; /* the worst case; 0: of none, or of several */
	int64_t alike; /* how many cases of this kind are there besides */
};

struct findings {
	struct finding *list; /* the heaviest first, then those without a weight */
	int count;
};

/*
 * What stands out in `db` after its filter (filter_apply()). Reads aggregated views alone. The
 * caller ends it with findings_free(), also after an error. 0, or 1 after an error message.
 */
int findings_read(sqlite3 *db, struct findings *findings);
void findings_free(struct findings *findings);

/* Write them as a JSON array, one finding a line. 0, or 1 after an error message. */
int findings_json_put(sqlite3 *db, FILE *out);

#endif
