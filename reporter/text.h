/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of the text report that have a file of their own. Each returns 0, or 1 after an
 * error message.
 */
#ifndef IPCT_TEXT_H
#define IPCT_TEXT_H

#include "terminal.h"

#include <sqlite3.h>

/* Rows of a table that are shown; how to get the others is said below it. */
#define IPCT_TEXT_ROWS 20

/* Below a table in which like rows are one; with the view that has each. */
#define IPCT_TEXT_ALIKE "  ×: so many of the same name together; ipctrace report --csv %s has each"

/* What was recorded, what is wrong with it, and the ledger. text_summary.c */
int text_summary(sqlite3 *db, const struct terminal *term);

/*
 * The ledger, with `label` before its first row. text_ledger_read's caller ends it with
 * text_ledger_free(); NULL after an error message. Alerts are what was lost, and print is the
 * balance. text_ledger.c
 */
struct text_ledger;
struct text_ledger *text_ledger_read(sqlite3 *db, const char *label);
int text_ledger_alerts(const struct text_ledger *ledger, sqlite3 *db, const struct terminal *term);
int text_ledger_print(const struct text_ledger *ledger, const struct terminal *term);
void text_ledger_free(struct text_ledger *ledger);

/* The balance of every mechanism, where the summary had room for the sum only. text_ledger.c */
int text_ledger(sqlite3 *db, const struct terminal *term);

/* What stands out, if anything does. text_findings.c */
int text_findings(sqlite3 *db, const struct terminal *term);

/* Who talks to whom: an overview, then family by family. text_edges.c */
int text_edges(sqlite3 *db, const struct terminal *term);

/*
 * Where the transit of messages went: by mechanism and edge; and as one line of the summary.
 * text_parts.c
 */
int text_parts(sqlite3 *db, const struct terminal *term);
int text_parts_line(sqlite3 *db, const struct terminal *term);

/* Who maps what of one family, under `title`; what outlived its processes. text_shared.c */
int text_shared(sqlite3 *db, const char *family, const char *title, const struct terminal *term);
int text_left(sqlite3 *db, const struct terminal *term);

/* Whose senders waited because it was full, and how full it was over time. text_pressure.c */
int text_pressure(sqlite3 *db, const struct terminal *term);

/* The processes as a tree, those that moved the most bytes. text_processes.c */
int text_processes(sqlite3 *db, const struct terminal *term);

/*
 * A line that is cut at the terminal's edge: two columns in behind `label`, or at the margin
 * where that is NULL. text.c
 */
void text_line(const struct terminal *term, enum style style, const char *label, const char *fmt,
	       ...) __attribute__((format(printf, 4, 5)));

/* A section's heading, after an empty line. text.c */
void text_heading(const struct terminal *term, const char *title, const char *note);

/* "... 3 more: --csv VIEW has them all" if `all` is above `shown`. text.c */
void text_more(const struct terminal *term, sqlite3_int64 shown, sqlite3_int64 all,
	       const char *view);

#endif
