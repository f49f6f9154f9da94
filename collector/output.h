/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files that a recording leaves: who owns them, and what becomes of an older one.
 */
#ifndef IPCT_OUTPUT_H
#define IPCT_OUTPUT_H

/*
 * Keep an older file at `path` as `path`.old, with the log that a killed recorder left beside it.
 * 0, also if there is none, or -errno after an error message.
 */
int output_keep_old(const char *path);

/* Under sudo, the file (and SQLite's beside it) goes to the user who called. */
void output_give(const char *path);

#endif
