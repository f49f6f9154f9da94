/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comparison of two recordings: groups of processes, items that are compared, what changed in
 * each, and the outputs. It is made in this order: diff_groups_make(), diff_items_make(),
 * diff_samples_read(), diff_judge(), diff_order(). Each returns 0, or 1 after an error message.
 */
#ifndef IPCT_DIFF_H
#define IPCT_DIFF_H

#include "diff_read.h"
#include "diff_test.h"
#include "terminal.h"

#define DIFF_BINS         20   /* stretches of time in which events are counted */
#define DIFF_EFFECT       0.05 /* changes within this are none, if nothing else is asked for */
#define DIFF_RUN_NOISE    0.10 /* how medians of runs differ, if there is one of each side */
#define DIFF_SIGNIFICANCE 0.01 /* share of false ones among the changes that are reported */

enum diff_level { DIFF_MECHANISM, DIFF_EDGE, DIFF_CALL, DIFF_CASE };

enum diff_measure {
	DIFF_P50,
	DIFF_P99,
	DIFF_MEAN,
	DIFF_COUNT, /* messages or calls */
	DIFF_BYTES,
	DIFF_SIZE, /* mean bytes of a message or call */
	DIFF_RATE, /* messages per second, while there were any; tested on several runs alone */
	DIFF_ERRORS,
	DIFF_MEASURES,
};
#define DIFF_TIMES 3 /* the first measures are times */

/* How a change was tested. */
enum diff_method {
	DIFF_UNTESTED, /* too few values */
	DIFF_BLOCKS,   /* blocks of one run each */
	DIFF_RUNS,     /* several runs */
	DIFF_RANKS,    /* all values, as if they were independent: there are few */
	DIFF_EVENTS,   /* a count, with the dispersion of its events */
};

struct diff_change {
	double a, b; /* ns, numbers, bytes, 1/s; NAN: there is none */
	struct diff_ratio ratio;
	double q; /* of the p-value among all; NAN: not tested */
	enum diff_method method;
	bool significant;
	int worse; /* 1: B is worse; -1: better; 0: nobody can say */
};

/* Processes that are the same on both sides. */
struct diff_group {
	char *label; /* the program, and what tells it from others of this name */
	const char *program, *path;
	uint64_t does;
	size_t processes[2]; /* of all runs of a side */
};

/* What one run has of an item. */
struct diff_sample {
	struct diff_sums sums;
	double *values; /* transits or durations in the order of time */
	double *bytes;  /* of the same messages or calls */
	size_t used, room;
	double bins[DIFF_BINS]; /* events by time, from sums.first_ns to sums.last_ns */
	double bytes_squared;   /* sum of the squares of the events' bytes */
};

struct diff_item {
	enum diff_level level;
	const char *mechanism;
	/* Of an edge: */
	const char *kind;
	char *object;              /* its lasting name; empty: it has none */
	uint32_t sender, receiver; /* groups; UINT32_MAX: not known */
	/* Of a call; of a case, its pattern and setting: */
	const char *role, *syscall;
	int64_t size; /* of a case */
	bool on[2];   /* whether a side has it at all */
	size_t objects[2];
	struct diff_sums sums[2];
	struct diff_sample *samples; /* one for each run */
	uint32_t above;              /* the item of an edge's mechanism; UINT32_MAX: none */
	size_t number;               /* of the match, which decides between equals */
	double superiority;          /* probability that one of B takes longer; NAN: not known */
	struct diff_change changes[DIFF_MEASURES];
};

struct diff {
	struct diff_input input;
	int runs[2]; /* of each side */
	double effect, run_noise;
	struct diff_group *groups;
	size_t group_count;
	struct diff_item *items;
	size_t item_count;
	uint64_t sampled; /* one of so many messages or calls was looked at in the order of time */
	size_t comparisons;
};

/* Match processes. diff_group.c */
int diff_groups_make(struct diff *diff);

/* Match edges and calls, and add up what each side has of them. diff_items.c */
int diff_items_make(struct diff *diff);

/* Read transits and durations in the order of time. diff_sample.c */
int diff_samples_read(struct diff *diff);

/* Find out what changed. diff_judge.c */
int diff_judge(struct diff *diff);

/*
 * Put the items in the order of what matters: what both sides have first, of that what changed, of
 * that what became worse, then what became better; each by size. Rows do not lead to their items
 * any more then. diff_order.c
 */
void diff_order(struct diff *diff);

/* Free all of it, and close the files. diff_items.c */
void diff_free(struct diff *diff);

/* Whether any change of an item is significant. */
bool diff_item_changed(const struct diff_item *item);

/*
 * The part of the time in which most of the change of the mean is, and its share of the change
 * (0..1); NULL if no part has half of it.
 */
const char *diff_item_cause(const struct diff_item *item, double *share);

/* Outputs. diff_text.c, diff_json.c, diff_html.c */
int diff_text_write(const struct diff *diff, size_t top, bool all, FILE *out);
int diff_json_write(const struct diff *diff, FILE *out);
int diff_html_write(const struct diff *diff, const char *path);

/* What makes the two sides hard to compare, a line each; `tell` gets it. diff_notes.c */
void diff_notes(const struct diff *diff, void (*tell)(void *arg, const char *safe), void *arg);

/* Names in outputs. */
extern const char *const diff_level_names[], *const diff_measure_names[],
						     *const diff_method_names[];

#endif
