// SPDX-License-Identifier: BSD-2-Clause
/*
 * UTF-8, decoded strictly, and the width of its characters by glibc's tables. Neither depends on
 * the locale that the program was started in, so that a report is the same everywhere.
 */
#include "utf8.h"

#include <locale.h>
#include <wchar.h>

size_t utf8_next(const char *text, size_t len, uint32_t *code)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	size_t need;

	if (!len || (s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4)
		return 0;
	need = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < need)
		return 0;
	*code = need == 1 ? s[0] : s[0] & (0x7f >> need);
	for (size_t i = 1; i < need; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < smallest[need] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return need;
}

int utf8_columns(uint32_t code)
{
	static locale_t utf8;
	locale_t before;
	int columns;

	if (code < 0x80)
		return code >= 0x20 && code < 0x7f;
	if (!utf8)
		utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	/* U+00AD, the soft hyphen, takes a column in some terminals and none in others. */
	if (!utf8 || code == 0xad)
		return 0;
	before = uselocale(utf8);
	columns = wcwidth((wchar_t)code);
	uselocale(before);
	return columns > 0 ? columns : 0;
}
