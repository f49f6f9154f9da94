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

/* How long the name or value is that `json` begins with: up to what follows it in its object. */
static size_t token_len(const char *json, size_t len)
{
	int depth = 0, in_string = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		char c = json[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (in_string)
			continue;
		else if (!depth && (c == ':' || c == ',' || c == '}'))
			break;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
	}
	return i < len ? i : len;
}

void html_members_put(FILE *out, const char *json, size_t len, enum html_member which)
{
	const char *comma = "";
	enum html_member place = HTML_NAME;

	fputc('[', out);
	for (size_t i = 1, n; i + 1 < len; i += n + 1) {
		n = token_len(json + i, len - i);
		if (place == which) {
			fputs(comma, out);
			html_json_put(out, json + i, n);
			comma = ",";
		}
		place = place == HTML_NAME ? HTML_VALUE : HTML_NAME;
	}
	fputc(']', out);
}
