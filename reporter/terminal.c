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
	[STYLE_PLAIN] = "",
	[STYLE_BOLD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
	[STYLE_ALERT] = "\033[1;31m",
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

void terminal_put(const struct terminal *term, enum style style, const char *text)
{
	bool coloured = term->colour && style != STYLE_PLAIN && *text;

	if (coloured)
		fputs(codes[style], term->out);
	fputs(text, term->out);
	if (coloured)
		fputs("\033[0m", term->out);
}
