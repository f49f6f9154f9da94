// SPDX-License-Identifier: BSD-2-Clause
/*
 * JSON that is safe inside a <script> element, from JSON whose strings may hold anything: SQLite
 * escapes what JSON demands, but passes markup and broken UTF-8 through.
 */
#include "reporter/html.h"
#include "reporter/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static int is_unsafe(uint32_t code)
{
	return code == '<' || code == '>' || code == '&' || code == 0x2028 || code == 0x2029;
}

void html_json_put(FILE *out, const char *json, size_t len)
{
	for (size_t i = 0, n; i < len; i += n ? n : 1) {
		uint32_t code;

		n = utf8_next(json + i, len - i, &code);
		if (!n)
			fputs(REPLACEMENT, out);
		else if (is_unsafe(code))
			fprintf(out, "\\u%04x", code);
		else
			fwrite(json + i, 1, n, out);
	}
}
