// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where a text report goes: its width and its colours.
 */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 100
#define COLUMNS_MIN     60
#define COLUMNS_MAX     200

static const char *const codes[] = {
	[STYLE_PLAIN] = "",           [STYLE_BOLD] = "\033[1m",    [STYLE_DIM] = "\033[2m",
	[STYLE_ALERT] = "\033[1;31m", [STYLE_GOOD] = "\033[1;32m",
};

static const char codes_end[] = "\033[0m";

static const struct {
	const char *glyph, *code;
} shades[TERMINAL_SHADES] = {
	{"█", "\033[34m"},
	{"▓", "\033[33m"},
	{"▒", "\033[31m"},
	{"░", "\033[32m"},
};

static bool colour_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && *term && strcmp(term, "dumb");
}

struct terminal terminal_of(FILE *out)
{
	struct terminal term = {.out = out, .columns = COLUMNS_DEFAULT};
	struct winsize size;
	int fd = fileno(out); /* -1 for a stream in memory */

	if (fd < 0 || !isatty(fd))
		return term;
	term.colour = colour_wanted();
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		term.columns = size.ws_col < COLUMNS_MIN   ? COLUMNS_MIN
			       : size.ws_col > COLUMNS_MAX ? COLUMNS_MAX
							   : size.ws_col;
	return term;
}

const char *terminal_shade(int i)
{
	return shades[i].glyph;
}

/* The shade that `text` begins with, or -1. */
static int shade_at(const char *text)
{
	for (int i = 0; i < TERMINAL_SHADES; i++)
		if (!strncmp(text, shades[i].glyph, strlen(shades[i].glyph)))
			return i;
	return -1;
}

/* Write the shades that `text` begins with, all of one colour; returns what follows. */
static const char *shades_put(const struct terminal *term, int shade, const char *text)
{
	fputs(codes_end, term->out);
	fputs(shades[shade].code, term->out);
	for (; shade_at(text) == shade; text += strlen(shades[shade].glyph))
		fputs(shades[shade].glyph, term->out);
	fputs(codes_end, term->out);
	return text;
}

void terminal_put(const struct terminal *term, enum style style, const char *text)
{
	bool coloured = term->colour && style != STYLE_PLAIN && *text;

	if (coloured)
		fputs(codes[style], term->out);
	while (*text) {
		int shade = term->colour ? shade_at(text) : -1;

		if (shade < 0) {
			fputc(*text++, term->out);
			continue;
		}
		text = shades_put(term, shade, text);
		if (coloured)
			fputs(codes[style], term->out);
	}
	if (coloured)
		fputs(codes_end, term->out);
}
