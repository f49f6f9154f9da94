/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the gnuplot output share: gnuplot.c writes the scripts and has them rendered,
 * gnuplot_file.c makes the files, gnuplot_data.c, gnuplot_messages.c, gnuplot_parts.c and
 * gnuplot_transit.c fill the data files, gnuplot_run.c runs the program. Functions return 0 or
 * -errno after an error message.
 */
#ifndef IPCT_GNUPLOT_H
#define IPCT_GNUPLOT_H

#include "reporter/cost.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define IPCT_CAPTION_LEN 1024

struct plots {
	sqlite3 *db;
	const char *dir; /* as the user gave it, for messages */
	int dir_fd;
	FILE *captions;                /* captions.tsv: a row for each plot */
	char losses[IPCT_CAPTION_LEN]; /* what the ledger says, one line */
	struct cost cost;              /* of the recording */
};

/* gnuplot_file.c */

/*
 * Create or empty `name` in the folder. Never follows a symbolic link, never writes to what is no
 * regular file. Returns an fd for the caller to close, or -errno.
 */
int plot_open_fd(const struct plots *plots, const char *name);

/* The same as a stream for plot_close(), or NULL. */
FILE *plot_open(const struct plots *plots, const char *name);

/* Close the stream. `err` is what went wrong before, or 0. Returns it, or the write error. */
int plot_close(const struct plots *plots, const char *name, FILE *file, int err);

/* Log that `name` cannot be written because of `err` (-errno), which it returns. */
int plot_failed(const struct plots *plots, const char *name, int err);

/*
 * A data file with its head: what it holds, the caption, the losses, then `columns` (their names
 * with units, tabs between). The caption also goes to captions.tsv, with the number of `series`
 * and a line about what the plot has no room for, or "".
 */
FILE *plot_open_data(const struct plots *plots, const char *plot, const char *what,
		     const char *caption, const char *left_out, int series, const char *columns);

/* Whether the plot's data file is there. */
bool plot_has_data(const struct plots *plots, const char *plot);

/* Remove the data and pictures that an older report may have left of a plot that has no data. */
void plot_remove(const struct plots *plots, const char *plot);

/*
 * Write a string from the trace, at most `columns` wide, so that gnuplot reads exactly one
 * column of plain text from it: escaped as for a terminal, backslashes doubled, no double quote.
 */
void plot_label(FILE *file, const char *text, int columns);

/* gnuplot_data.c */

/* The rows of a data file, in memory. */
struct plot_rows {
	char *text;
	size_t len;
};

/*
 * Read the rows of `stmt` through `put` into memory, where they wait for the caption that stands
 * above them in the file. The caller frees rows->text. Ends the statement. 0 or -errno.
 */
int plot_rows_read(sqlite3_stmt *stmt, void (*put)(FILE *rows, sqlite3_stmt *stmt, void *total),
		   void *total, struct plot_rows *rows);

/* Write them to the file and close it; NULL is a file that could not be opened. 0 or -errno. */
int plot_rows_write(const struct plots *plots, const struct plot_rows *rows, const char *name,
		    FILE *file);

int plot_losses(struct plots *plots);
int plot_mechanisms(const struct plots *plots);
int plot_matrices(const struct plots *plots); /* flow, wakes, shared */
int plot_calls(const struct plots *plots);

/* gnuplot_transit.c: cdf, percentiles, histogram */
int plot_transit(const struct plots *plots);

/* gnuplot_messages.c: sizes and heat, from single messages */
int plot_messages(const struct plots *plots);

/* gnuplot_parts.c: parts, which older files have none of */
int plot_parts(const struct plots *plots);

/* gnuplot_depth.c */
int plot_depth(const struct plots *plots);

/* gnuplot_run.c */

/* The program `name` in the absolute folders of PATH, for the caller to free(), or NULL. */
char *program_find(const char *name);

/* What a program left. */
struct program_result {
	int status;     /* as wait(2) gives it; -1 if the time ran out */
	char err[2048]; /* the start of what it said on stderr, as it is */
};

/*
 * Run the program at the path argv[0] in the folder `dir_fd`, with nothing on stdin and stdout
 * copied to `out_fd`. Ends it and its children when `timeout_ms` has passed. Returns 0 with
 * *result set, or -errno, if it cannot be started or `out_fd` cannot be written.
 */
int program_run(char *const argv[], int dir_fd, int out_fd, int timeout_ms,
		struct program_result *result);

#endif
