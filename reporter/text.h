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

/* What was recorded, what is wrong with it, and the ledger. text_summary.c */
int text_summary(sqlite3 *db, const struct terminal *term);

/* The processes as a tree, those that moved the most bytes. text_processes.c */
int text_processes(sqlite3 *db, const struct terminal *term);

/* A section's heading, after an empty line. text.c */
void text_heading(const struct terminal *term, const char *title, const char *note);

/* "... 3 more: --csv VIEW has them all" if `all` is above `shown`. text.c */
void text_more(const struct terminal *term, sqlite3_int64 shown, sqlite3_int64 all,
	       const char *view);

#endif
