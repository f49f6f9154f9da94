// SPDX-License-Identifier: BSD-2-Clause
/*
 * The files of the gnuplot output. The folder may be one that others can write to, so nothing in
 * it is followed or trusted. Strings from a trace become text that gnuplot cannot take for code.
 */
#include "reporter/gnuplot.h"
#include "reporter/escape.h"
#include "reporter/utf8.h"
#include "schemas/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int plot_failed(const struct plots *plots, const char *name, int err)
{
	say_error("cannot write plot '%s/%s': %s", plots->dir, name, strerror(-err));
	if (err == -ELOOP)
		say_hint("it is a symbolic link, which is not followed here; remove it");
	return err;
}

/* O_NONBLOCK: a FIFO without reader must not hold us. Emptied only when known to be a file. */
static int open_regular(int dir_fd, const char *name)
{
	int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = openat(dir_fd, name, flags, 0666);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if (ftruncate(fd, 0) < 0)
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int plot_open_fd(const struct plots *plots, const char *name)
{
	int fd = open_regular(plots->dir_fd, name);

	return fd < 0 ? plot_failed(plots, name, fd) : fd;
}

FILE *plot_open(const struct plots *plots, const char *name)
{
	int fd = plot_open_fd(plots, name);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !file) {
		plot_failed(plots, name, -errno);
		close(fd);
	}
	return file;
}

int plot_close(const struct plots *plots, const char *name, FILE *file, int err)
{
	int failed = 0;

	/* The first error is the one that says why; a later flush may only repeat it. */
	if (fflush(file))
		failed = -errno;
	else if (ferror(file))
		failed = -EIO;
	if (fclose(file) && !failed)
		failed = -errno;
	if (err)
		return err;
	return failed ? plot_failed(plots, name, failed) : 0;
}

FILE *plot_open_data(const struct plots *plots, const char *plot, const char *what,
		     const char *caption, const char *left_out, int series, const char *columns)
{
	char name[64];
	FILE *file;

	snprintf(name, sizeof(name), "%s.tsv", plot);
	file = plot_open(plots, name);
	if (!file)
		return NULL;
	fprintf(file, "# %s\n# %s\n# %s\n", what, caption, plots->losses);
	if (*plots->cost.probes)
		fprintf(file, "# probes: %s\n", plots->cost.probes);
	if (*left_out)
		fprintf(file, "# %s\n", left_out);
	fprintf(file, "# %s\n", columns);
	/* No column is empty, where gnuplot may see none. */
	fprintf(plots->captions, "%s\t%d\t%s\t%s\t%s\n", plot, series, caption, plots->losses,
		*left_out ? left_out : "-");
	return file;
}

bool plot_has_data(const struct plots *plots, const char *plot)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.tsv", plot);
	return !faccessat(plots->dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

void plot_remove(const struct plots *plots, const char *plot)
{
	static const char *const endings[] = {"tsv", "svg", "png"};
	char name[64];

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(name, sizeof(name), "%s.%s", plot, endings[i]);
		unlinkat(plots->dir_fd, name, 0);
	}
}

/*
 * What every font has. A character that none has is drawn by gnuplot's Cairo terminals as a box
 * larger than the whole picture (seen with gnuplot 5.4), so the others are spelled out.
 */
static int has_glyph(uint32_t code)
{
	return code < 0x250 || (code >= 0x370 && code < 0x500) || code == 0x2026 || code == 0x2192;
}

/* The safe text with the characters that fonts may lack as \u65e5. Caller frees, or NULL. */
static char *spell_out(const char *safe)
{
	char *text = NULL;
	size_t len, text_len, left = strlen(safe);
	FILE *out = open_memstream(&text, &text_len);
	uint32_t code;

	if (!out)
		return NULL;
	for (; (len = utf8_next(safe, left, &code)); safe += len, left -= len) {
		if (has_glyph(code))
			fwrite(safe, 1, len, out);
		else if (code == 0x2192) /* the arrow in the names of connections */
			fputs("->", out);
		else
			fprintf(out, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
	}
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/*
 * gnuplot's data reader undoes C escapes, and a double quote opens a string there. Nothing else
 * is special between two tabs: '#' begins a comment only at the start of a line, where all our
 * files have a number or a plot's name. A column is never empty. The SVG terminal escapes all of
 * XML but the '>' in "]]>", which must not stand in text.
 */
void plot_label(FILE *file, const char *text, int columns)
{
	char *safe = escape_text(text, strlen(text));
	char *spelled = safe ? spell_out(safe) : NULL;
	char *cut = spelled ? escape_cut(spelled, columns, ESCAPE_CUT_END) : NULL;
	const char *c = cut && *cut ? cut : "?";

	for (char before = 0; *c; before = *c++) {
		if (*c == '\\')
			fputc('\\', file);
		if (*c == '>' && before == ']')
			fputc(' ', file);
		fputc(*c == '"' ? '\'' : *c, file);
	}
	free(cut);
	free(spelled);
	free(safe);
}
