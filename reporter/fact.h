/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts of a recording: rows of `meta`, each of which may be missing or hold anything.
 */
#ifndef IPCT_FACT_H
#define IPCT_FACT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* The fact `key`, safe for a terminal, for the caller to free(); NULL: there is none. */
char *fact(sqlite3 *db, const char *key);

/* Whether the text of a fact, or NULL, is a whole number, and which. */
bool fact_whole(const char *fact, int64_t *value);

/* The same of the fact `key`. */
bool fact_number(sqlite3 *db, const char *key, int64_t *value);

#endif
