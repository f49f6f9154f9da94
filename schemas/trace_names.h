/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names behind the numbers of a trace file: mechanisms, system calls, roles, error numbers.
 * They come from the tables that the rest of the program uses, so that a file explains itself.
 */
#ifndef IPCT_TRACE_NAMES_H
#define IPCT_TRACE_NAMES_H

#include <sqlite3.h>

/* Fill the empty name tables of `db`. Returns an SQLite result code. */
int trace_names_put(sqlite3 *db);

#endif
