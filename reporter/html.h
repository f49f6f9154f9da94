/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the HTML output share: html.c puts the page together, html_json.c makes a
 * trace's strings safe, html_latency.c makes the histograms, html_file.c replaces the file.
 */
#ifndef IPCT_HTML_H
#define IPCT_HTML_H

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

/*
 * Write the JSON array of the latency distributions in `db`, one for each measure (transit, send,
 * recv) and mechanism, and the number of histograms that could not be read to *unreadable.
 * Returns 0, -ENOMEM, or 1 after an error message.
 */
int html_latency_put(sqlite3 *db, FILE *out, unsigned *unreadable);

/* Write what the page calls the mechanisms, as a JSON array and a comma. */
void html_mechanisms_put(FILE *out);

/*
 * Write the template `page` to `path`, with what `put` gives as its data: JSON that is made safe by
 * html_json_put. `put` returns 0, -errno, or 1 after an error message. 0, or 1 after a message.
 */
int html_page_write(sqlite3 *db, const char *path, const char *page,
		    int (*put)(sqlite3 *db, FILE *out));

/*
 * Make `path` a file with these bytes: whole, or not touched at all. A symbolic link is followed;
 * what is no regular file (a terminal, /dev/null) is written to. Returns 0 or -errno.
 */
int html_file_replace(const char *path, const char *data, size_t len);

#endif
