/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `ipctrace diff` needs of the recordings of both sides. Numbers and strings come from files
 * that anybody may have written.
 */
#ifndef IPCT_DIFF_READ_H
#define IPCT_DIFF_READ_H

#include "schemas/hist.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIFF_PARTS    4  /* of a message's transit; a call's duration has three */
#define DIFF_RUNS_MAX 64 /* recordings of one side */

/* Sums of a recording; negative: not known. */
struct diff_totals {
	int64_t duration_ns, cpu_ns, messages, bytes, calls, lost, processes;
};

/* One recording, or one round of a bench. */
struct diff_run {
	const char *path;
	sqlite3 *db; /* NULL: that of the round before */
	int side;    /* 0: A; 1: B */
	struct diff_totals totals;
};

struct diff_process {
	int run;
	int64_t process_id, parent_id; /* parent_id 0: not recorded */
	char *program;                 /* its name; of one that is not traced, in brackets */
	char *path;                    /* the programs of its parents, the first one first */
	uint64_t does;  /* a bit for each mechanism and direction that it uses much */
	uint32_t group; /* its class in the match */
};

/* What an edge or a kind of call adds up to. */
struct diff_sums {
	uint64_t count, bytes, errors;
	uint64_t exact, inferred, ambiguous;
	uint64_t part_ns[DIFF_PARTS];
	bool has_parts;
	int64_t first_ns, last_ns; /* -1: not known */
	struct hist hist;
};

/* Messages of an edge, calls of one kind, or messages of one case of a bench. */
struct diff_row {
	int run;
	char *mechanism;
	/* Of an edge: */
	int64_t object_id;
	size_t sender, receiver; /* indices of processes; SIZE_MAX: not in the file */
	int64_t sender_id, receiver_id;
	char *kind, *object;
	/* Of a call; of a case, its pattern and setting: */
	char *role, *syscall;
	int64_t size; /* of a case */
	struct diff_sums sums;
	uint32_t item; /* its class in the match */
};

struct diff_rows {
	struct diff_row *rows;
	size_t used, room;
};

struct diff_input {
	struct diff_run runs[2 * DIFF_RUNS_MAX];
	int run_count;
	struct diff_process *processes;
	size_t process_count, process_room;
	struct diff_rows edges, calls, cases;
	bool benches;        /* cases are all there is */
	unsigned unreadable; /* histograms that could not be read */
};

/* Add what `db` holds, which stays open until diff_input_free(). 0, or 1 after an error message. */
int diff_input_add(struct diff_input *input, const char *path, sqlite3 *db, int side);

/* The same of a bench: each round becomes a run. */
int diff_input_add_bench(struct diff_input *input, const char *path, sqlite3 *db, int side);

/* Close the files and free all. */
void diff_input_free(struct diff_input *input);

/*
 * The row of `run` that a message or an op belongs to, or NULL. Rows of a run are in the order of
 * their queries.
 */
struct diff_row *diff_edge_find(const struct diff_input *input, int run, int64_t object_id,
				int64_t sender_id, int64_t receiver_id);
struct diff_row *diff_call_find(const struct diff_input *input, int run, const char *mechanism,
				const char *role, const char *syscall);

/* Add up; -ENOMEM or 0. Sums stay at their largest value once they are there. */
int diff_sums_add(struct diff_sums *to, const struct diff_sums *from);

#endif
