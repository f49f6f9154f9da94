/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings from a trace made fit for a terminal: process names and paths may hold control
 * characters, escape sequences, newlines and bytes that are no UTF-8. What comes out of
 * escape_text() is "safe": valid UTF-8 in which every character takes one or two columns.
 */
#ifndef IPCT_ESCAPE_H
#define IPCT_ESCAPE_H

#include <stddef.h>

/* Longer strings end in an ellipsis here: no row of a report shows more. */
#define IPCT_ESCAPE_MAX 8192

enum escape_cut {
	ESCAPE_CUT_END,    /* "tar c /usr/sh…": what comes first says most */
	ESCAPE_CUT_MIDDLE, /* "/var/l…/queue": both ends count */
};

/*
 * The first `len` bytes of `text` as safe text: controls as \n, \t, \e, \x07, other characters
 * without a column as \u202e, bytes that are no UTF-8 as \xff. A backslash stays as it is: the
 * text is for reading, the JSON output has the exact one. Caller frees; NULL if memory is out.
 */
char *escape_text(const char *text, size_t len);

/* Columns that the safe text takes. */
int escape_columns(const char *safe);

/*
 * The safe text in at most `columns` (at least 1) columns, with an ellipsis where something is
 * missing. Caller frees; NULL if memory is out.
 */
char *escape_cut(const char *safe, int columns, enum escape_cut cut);

#endif
