// SPDX-License-Identifier: BSD-2-Clause
/*
 * Messages to a person, on stderr. Each is one write, so that those of several threads and of the
 * traced program do not mix within a line.
 */
#include "say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static bool quiet;

static void say(const char *before, const char *fmt, va_list args)
{
	char line[2048];

	vsnprintf(line, sizeof(line), fmt, args);
	fprintf(stderr, "%s%s\n", before, line);
}

#define SAY(before)                                                                                \
	do {                                                                                       \
		va_list args;                                                                      \
		va_start(args, fmt);                                                               \
		say(before, fmt, args);                                                            \
		va_end(args);                                                                      \
	} while (0)

void say_error(const char *fmt, ...)
{
	SAY("ipctrace: ");
}

void say_warning(const char *fmt, ...)
{
	SAY("ipctrace: warning: ");
}

void say_hint(const char *fmt, ...)
{
	SAY("  hint: ");
}

void say_note(const char *fmt, ...)
{
	if (!quiet)
		SAY("");
}

void say_progress(const char *fmt, ...)
{
	bool terminal = isatty(STDERR_FILENO);

	if (quiet)
		return;
	if (terminal)
		fputs("\r\033[K", stderr);
	if (!fmt)
		return;
	if (!terminal)
		SAY("ipctrace: ");
	else {
		va_list args;

		va_start(args, fmt);
		vfprintf(stderr, fmt, args);
		va_end(args);
	}
}

void say_quiet(void)
{
	quiet = true;
}
