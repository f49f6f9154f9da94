// SPDX-License-Identifier: BSD-2-Clause
/*
 * A table of text with aligned columns that fits a terminal. It holds its cells until it is
 * printed, because a column is as wide as its widest cell: callers limit the rows.
 */
#include "table.h"
#include "escape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define INDENT    2
#define WIDTH_MIN 8 /* no column is cut below this */
#define WIDE      100

struct cell {
	char *text;
	int columns;
	enum style style;
};

struct table {
	const struct column *columns;
	int count;
	struct cell *cells;
	size_t used, room;
	bool failed;
};

/* The table as it is printed: a width of 0 leaves a column out. */
struct layout {
	int *width;
	int gap;
};

struct table *table_new(const struct column *columns, int count)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table) {
		table->columns = columns;
		table->count = count;
	}
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->used; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
}

void table_cell(struct table *table, enum style style, const char *safe)
{
	struct cell *cells, *cell;

	if (!table || table->failed)
		return;
	if (table->used == table->room) {
		size_t room = table->room ? 2 * table->room : 64;

		cells = reallocarray(table->cells, room, sizeof(*cells));
		table->failed = !cells;
		if (!cells)
			return;
		table->cells = cells;
		table->room = room;
	}
	cell = &table->cells[table->used];
	cell->text = strdup(safe ? safe : "");
	cell->style = style;
	table->failed = !cell->text;
	if (!cell->text)
		return;
	cell->columns = escape_columns(cell->text);
	table->used++;
}

void table_cellf(struct table *table, enum style style, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		table_cell(table, style, text);
	else if (table)
		table->failed = true;
	free(text);
}

static int gap_before(const struct table *table, const struct layout *layout, int column)
{
	int before = column - 1;

	while (before >= 0 && !layout->width[before])
		before--;
	if (before < 0)
		return 0;
	return table->columns[column].flags & COLUMN_TIGHT ? 1 : layout->gap;
}

static int total_width(const struct table *table, const struct layout *layout)
{
	int total = INDENT;

	for (int i = 0; i < table->count; i++)
		if (layout->width[i])
			total += layout->width[i] + gap_before(table, layout, i);
	return total;
}

/* Whether a cell of the column says something. */
static bool has_any(const struct table *table, int column)
{
	for (size_t i = (size_t)column; i < table->used; i += (size_t)table->count)
		if (*table->cells[i].text && strcmp(table->cells[i].text, "-"))
			return true;
	return false;
}

static void layout_natural(const struct table *table, struct layout *layout)
{
	for (int i = 0; i < table->count; i++)
		layout->width[i] = escape_columns(table->columns[i].title);
	for (size_t i = 0; i < table->used; i++) {
		int *width = &layout->width[i % (size_t)table->count];

		if (table->cells[i].columns > *width)
			*width = table->cells[i].columns;
	}
	for (int i = 0; i < table->count; i++)
		if (table->columns[i].flags & COLUMN_IF_ANY && !has_any(table, i))
			layout->width[i] = 0;
}

/* The widest column that may still be cut, or -1. */
static int widest(const struct table *table, const struct layout *layout)
{
	int found = -1, width = WIDTH_MIN;

	for (int i = 0; i < table->count; i++) {
		if (!(table->columns[i].flags & (COLUMN_CUT_END | COLUMN_CUT_MIDDLE)))
			continue;
		if (layout->width[i] > width) {
			width = layout->width[i];
			found = i;
		}
	}
	return found;
}

/* Two blanks between columns, or one where that is too wide for a narrow terminal. */
static void gap_choose(const struct table *table, struct layout *layout, int columns)
{
	layout->gap = 2;
	if (total_width(table, layout) > columns && columns < WIDE)
		layout->gap = 1;
}

static void layout_fit(const struct table *table, struct layout *layout, int columns)
{
	int cut;

	for (int i = 0; i < table->count; i++)
		if (table->columns[i].flags & COLUMN_WIDE && columns < WIDE)
			layout->width[i] = 0;
	gap_choose(table, layout, columns);
	for (int i = 0; i < table->count; i++)
		if (table->columns[i].flags & COLUMN_OPTIONAL &&
		    total_width(table, layout) > columns)
			layout->width[i] = 0;
	gap_choose(table, layout, columns);
	while (total_width(table, layout) > columns && (cut = widest(table, layout)) >= 0)
		layout->width[cut]--;
}

/* One cell in its place. Blanks behind the last cell of a row are never written. */
static int cell_print(const struct table *table, const struct layout *layout, int column,
		      const struct cell *cell, int *behind, const struct terminal *term)
{
	unsigned flags = table->columns[column].flags;
	enum escape_cut how = flags & COLUMN_CUT_MIDDLE ? ESCAPE_CUT_MIDDLE : ESCAPE_CUT_END;
	char *text = escape_cut(cell->text, layout->width[column], how);
	int blanks;

	if (!text)
		return -ENOMEM;
	blanks = layout->width[column] - escape_columns(text);
	*behind += gap_before(table, layout, column) + (flags & COLUMN_RIGHT ? blanks : 0);
	if (*text) {
		fprintf(term->out, "%*s", *behind, "");
		terminal_put(term, cell->style, text);
		*behind = 0;
	} else {
		*behind += layout->width[column] - blanks;
	}
	*behind += flags & COLUMN_RIGHT ? 0 : blanks;
	free(text);
	return 0;
}

/* A row of cells, or the titles where `cells` is NULL. */
static int row_print(const struct table *table, const struct layout *layout,
		     const struct cell *cells, const struct terminal *term)
{
	int err = 0, behind = INDENT;

	for (int i = 0; i < table->count && !err; i++) {
		struct cell title = {(char *)table->columns[i].title, 0, STYLE_DIM};

		if (layout->width[i])
			err = cell_print(table, layout, i, cells ? &cells[i] : &title, &behind,
					 term);
	}
	fputc('\n', term->out);
	return err;
}

static bool has_titles(const struct table *table)
{
	for (int i = 0; i < table->count; i++)
		if (*table->columns[i].title)
			return true;
	return false;
}

int table_print(const struct table *table, const struct terminal *term)
{
	struct layout layout;
	int err = 0;

	if (!table || table->failed)
		return -ENOMEM;
	layout.width = calloc((size_t)table->count, sizeof(*layout.width));
	if (!layout.width)
		return -ENOMEM;
	layout_natural(table, &layout);
	layout_fit(table, &layout, term->columns);
	if (has_titles(table))
		err = row_print(table, &layout, NULL, term);
	for (size_t i = 0; i + (size_t)table->count <= table->used && !err;
	     i += (size_t)table->count)
		err = row_print(table, &layout, &table->cells[i], term);
	free(layout.width);
	return err;
}
