// SPDX-License-Identifier: BSD-2-Clause
/*
 * Strings of a trace as JSON.
 */
#include "json_put.h"
#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* Write the character that begins at `text`; returns the bytes used. */
static size_t put_char(FILE *out, const char *text, size_t len)
{
	uint32_t code;
	size_t n = utf8_next(text, len, &code);

	if (!n)
		fputs("\357\277\275", out);
	else if (code == '"' || code == '\\')
		fprintf(out, "\\%c", (char)code);
	else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		fprintf(out, "\\u%04x", code);
	else
		fwrite(text, 1, n, out);
	return n ? n : 1;
}

void json_put_string(FILE *out, const char *text, size_t len)
{
	fputc('"', out);
	for (size_t at = 0; at < len;)
		at += put_char(out, text + at, len - at);
	fputc('"', out);
}

void json_put_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, ", \"%s\": ", name);
	if (text)
		json_put_string(out, text, strlen(text));
	else
		fputs("null", out);
}
