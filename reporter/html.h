/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the HTML output share: html.c puts the page together, html_json.c makes a
 * trace's strings safe, html_distribution.c and html_latency.c make the histograms, html_heat.c the
 * heat map, html_picked.c picks single messages, html_pack.c packs the data, html_file.c replaces
 * the file.
 */
#ifndef IPCT_HTML_H
#define IPCT_HTML_H

#include "schemas/hist.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>

#define IPCT_HTML_CHARS_MAX 256 /* longer strings are cut */

/*
 * Write `len` bytes of JSON so that they can stand inside a <script> element: '<', '>', '&',
 * U+2028 and U+2029 as \uXXXX, which JSON has inside strings only, and each byte that is not
 * valid UTF-8 as U+FFFD.
 */
void html_json_put(FILE *out, const char *json, size_t len);

enum html_member { HTML_NAME, HTML_VALUE };

/*
 * Write the names or the values of an object's members as a JSON array, likewise. The object is as
 * SQLite's json_object() writes it, without spaces.
 */
void html_members_put(FILE *out, const char *json, size_t len, enum html_member which);

/*
 * Write `len` bytes as the page keeps them: gzip, as base64; the same bytes are always the same
 * text. Returns 0 or -ENOMEM; write errors stay with `out`.
 */
int html_packed_put(FILE *out, const char *data, size_t len);

/*
 * Write the JSON array of the latency distributions in `db`: for each measure (transit, send, recv,
 * wait, wake) and mechanism, and for the objects and edges with the most time in transit; and the
 * number of histograms that could not be read to *unreadable. Returns 0, -ENOMEM, or 1 after an
 * error message.
 */
int html_latency_put(sqlite3 *db, FILE *out, unsigned *unreadable);

/*
 * Write the JSON array of the edges that the page has messages of: [object_id, sender_id,
 * receiver_id, slowest messages, first messages], each message as in html_picked_message.sql.
 * Returns as html_latency_put.
 */
int html_picked_put(sqlite3 *db, FILE *out);

/*
 * Write what the page draws of one distribution, as members of a JSON object: number, mean,
 * percentiles, and for each bin in use its distance from the one before and its count. `h` must
 * hold values.
 */
void html_distribution_put(const struct hist *h, FILE *out);

/* Write the borders of all bins, in nanoseconds, as a JSON array: bin i is from number i to i + 1.
 */
void html_borders_put(FILE *out);

/*
 * Write the heat map of the messages in `db` as a JSON object: a map for each mechanism, of which
 * each cell in use has its distance from the one before, column by column, and its count. Returns
 * 0, -ENOMEM, or 1 after an error message.
 */
int html_heat_put(sqlite3 *db, FILE *out);

/* Write what the page calls the mechanisms, as a JSON array; their order gives each its colour. */
void html_mechanisms_put(FILE *out);

/* What a page's data block, JSON, is made by: `put` returns 0, -errno, or 1 after an error message.
 */
struct html_data {
	int (*put)(void *arg, FILE *out);
	void *arg;
};

/*
 * Write a page that web/build.mjs made, with its data, to `path` (replaced if there). 0, or 1 after
 * an error message.
 */
int html_page_write(const char *page, const struct html_data *data, const char *path);

/*
 * Make `path` a file with these bytes: whole, or not touched at all. A symbolic link is followed;
 * what is no regular file (a terminal, /dev/null) is written to. Returns 0 or -errno.
 */
int html_file_replace(const char *path, const char *data, size_t len);

#endif
