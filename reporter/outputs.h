/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The outputs of `ipctrace report`, one file each. Every one reads only the database (through the
 * public views and `meta`), treats every string from it as hostile, and gives the same bytes for
 * the same file. Each returns 0, or 1 after an error message.
 */
#ifndef IPCT_OUTPUTS_H
#define IPCT_OUTPUTS_H

#include <sqlite3.h>
#include <stdio.h>

/* A summary that fits a terminal. text.c */
int text_write(sqlite3 *db, FILE *out);

/* One JSON object: meta, and the views that are small in every trace. json.c */
int json_write(sqlite3 *db, FILE *out);

/* The same of a bench, with the views that are named, NULL behind the last. json.c */
int json_bench_write(sqlite3 *db, const char *const *views, FILE *out);

/* The rows of one public view as RFC 4180 CSV with a header line. csv.c */
int csv_write(sqlite3 *db, const char *view, FILE *out);

/* The same of a bench: bench_text.c, json.c, and bench_html.c. */
int bench_text_write(sqlite3 *db, FILE *out);
int bench_json_write(sqlite3 *db, FILE *out);
int bench_html_write(sqlite3 *db, const char *path);

/* One self-contained page at `path` (replaced if there). html.c */
int html_write(sqlite3 *db, const char *path);

/* The flow graph for Graphviz at `path` (replaced if there); "-": on stdout. dot.c */
int dot_write(sqlite3 *db, const char *path);

/*
 * Scripts and data files in the folder `dir` (made if need be), and with gnuplot installed the
 * plots as SVG and PNG. gnuplot.c
 */
int gnuplot_write(sqlite3 *db, const char *dir);

#endif
