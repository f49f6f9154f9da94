// SPDX-License-Identifier: BSD-2-Clause
/*
 * Strings from a trace made fit for a terminal, and cut to a number of its columns.
 */
#include "escape.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "…"

static void put_byte(FILE *out, unsigned char byte)
{
	switch (byte) {
	case '\n':
		fputs("\\n", out);
		break;
	case '\t':
		fputs("\\t", out);
		break;
	case '\r':
		fputs("\\r", out);
		break;
	case '\033':
		fputs("\\e", out);
		break;
	default:
		fprintf(out, "\\x%02x", byte);
	}
}

/* Write the character that begins at `text`, or its first byte; returns the bytes used. */
static size_t put_char(FILE *out, const char *text, size_t len)
{
	uint32_t code;
	size_t n = utf8_next(text, len, &code);

	if (n && utf8_columns(code))
		fwrite(text, 1, n, out);
	else if (n < 2)
		put_byte(out, (unsigned char)*text);
	else
		fprintf(out, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
	return n ? n : 1;
}

char *escape_text(const char *text, size_t len)
{
	char *safe = NULL;
	size_t size = 0, end = len > IPCT_ESCAPE_MAX ? IPCT_ESCAPE_MAX : len;
	FILE *out = open_memstream(&safe, &size);
	int failed;

	if (!out)
		return NULL;
	for (size_t at = 0; at < end;)
		at += put_char(out, text + at, len - at);
	if (end < len)
		fputs(ELLIPSIS, out);
	failed = ferror(out);
	if (fclose(out) || failed) {
		free(safe);
		return NULL;
	}
	return safe;
}

/* Length in bytes of the character at `safe`, and its columns; a stray byte counts one. */
static size_t char_next(const char *safe, int *columns)
{
	uint32_t code = 0;
	size_t n = utf8_next(safe, strlen(safe), &code);

	*columns = n ? utf8_columns(code) : 1;
	return n ? n : 1;
}

int escape_columns(const char *safe)
{
	int all = 0, columns;

	while (*safe) {
		safe += char_next(safe, &columns);
		all += columns;
	}
	return all;
}

/* Bytes of the longest start of `safe` that takes at most `room` columns. */
static size_t head_len(const char *safe, int room)
{
	const char *at = safe;
	int columns;

	while (*at) {
		size_t n = char_next(at, &columns);

		if (columns > room)
			break;
		room -= columns;
		at += n;
	}
	return (size_t)(at - safe);
}

/* The longest end of `safe`, `all` columns wide, that takes at most `room` columns. */
static const char *tail(const char *safe, int all, int room)
{
	int columns;

	while (all > room) {
		safe += char_next(safe, &columns);
		all -= columns;
	}
	return safe;
}

char *escape_cut(const char *safe, int columns, enum escape_cut cut)
{
	int all = escape_columns(safe);
	int behind = cut == ESCAPE_CUT_MIDDLE ? columns / 2 : 0;
	char *text = NULL;

	if (all <= columns)
		return strdup(safe);
	if (asprintf(&text, "%.*s" ELLIPSIS "%s", (int)head_len(safe, columns - 1 - behind), safe,
		     tail(safe, all, behind)) < 0)
		return NULL;
	return text;
}
