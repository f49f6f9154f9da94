// SPDX-License-Identifier: BSD-2-Clause
/*
 * Quoting for the shell: nothing for plain words, single quotes for others.
 */
#include "collector/quote.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool plain(const char *word)
{
	if (!*word)
		return false;
	for (; *word; word++)
		if (!isalnum((unsigned char)*word) && !strchr("%+,-./:=@_", *word))
			return false;
	return true;
}

void word_quote(FILE *out, const char *word)
{
	if (plain(word)) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	fputc('\'', out);
}
