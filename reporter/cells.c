// SPDX-License-Identifier: BSD-2-Clause
/*
 * Cells of a table from the columns of a query's row: the one place where a report's names for
 * processes and objects are made.
 */
#include "cells.h"
#include "escape.h"
#include "units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_null(sqlite3_stmt *rows, int column)
{
	return sqlite3_column_type(rows, column) == SQLITE_NULL;
}

char *cell_text(sqlite3_stmt *rows, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows, column);
	int len = sqlite3_column_bytes(rows, column);

	return text && len ? escape_text(text, (size_t)len) : strdup("?");
}

void cell_put_text(struct table *table, sqlite3_stmt *rows, int column)
{
	char *text = cell_text(rows, column);

	table_cell(table, STYLE_PLAIN, text);
	free(text);
}

char *cell_process(sqlite3_stmt *rows, int column)
{
	char *comm = cell_text(rows, column + 1), *text = NULL;
	bool named = comm && strcmp(comm, "?");
	char pid[24] = "?";
	int made;

	if (!is_null(rows, column))
		snprintf(pid, sizeof(pid), "%lld", sqlite3_column_int64(rows, column));
	if (sqlite3_column_int(rows, column + 2))
		made = asprintf(&text, "%s[%s]", comm ? comm : "", pid);
	else if (named && *pid == '?')
		made = asprintf(&text, "(%s)", comm);
	else if (named)
		made = asprintf(&text, "(%s[%s])", comm, pid);
	else
		made = *pid == '?' ? asprintf(&text, "(outside)")
				   : asprintf(&text, "(pid %s)", pid);
	free(comm);
	return made < 0 ? NULL : text;
}

void cell_put_process(struct table *table, sqlite3_stmt *rows, int column)
{
	char *text = cell_process(rows, column);

	table_cell(table, sqlite3_column_int(rows, column + 2) ? STYLE_PLAIN : STYLE_DIM,
		   text ? text : "");
	free(text);
}

void cell_put_processes(struct table *table, sqlite3_stmt *rows, int column)
{
	sqlite3_int64 count = sqlite3_column_int64(rows, column + 3);
	char *comm, buf[IPCT_UNIT_LEN];

	if (count < 2) {
		cell_put_process(table, rows, column);
		return;
	}
	comm = cell_text(rows, column + 1);
	unit_count(buf, count);
	if (sqlite3_column_int(rows, column + 2))
		table_cellf(table, STYLE_PLAIN, "%s ×%s", comm ? comm : "", buf);
	else
		table_cellf(table, STYLE_DIM, "(%s ×%s)",
			    comm && strcmp(comm, "?") ? comm : "outside", buf);
	free(comm);
}

void cell_put_objects(struct table *table, sqlite3_stmt *rows, int column)
{
	sqlite3_int64 count = sqlite3_column_int64(rows, column + 3);
	char *mechanism, buf[IPCT_UNIT_LEN];

	if (count < 2) {
		cell_put_object(table, rows, column);
		return;
	}
	mechanism = cell_text(rows, column);
	table_cellf(table, STYLE_PLAIN, "%s ×%s", mechanism ? mechanism : "",
		    unit_count(buf, count));
	free(mechanism);
}

char *cell_object(sqlite3_stmt *rows, int column)
{
	char *mechanism = cell_text(rows, column);
	char *name = cell_text(rows, column + 1);
	size_t len = mechanism ? strlen(mechanism) : 0;
	char *text = NULL;
	int made;

	if (!sqlite3_column_bytes(rows, column + 1))
		made = asprintf(&text, "%s #%lld", mechanism ? mechanism : "",
				sqlite3_column_int64(rows, column + 2));
	else if (name && mechanism && !strncmp(name, mechanism, len) &&
		 (!name[len] || name[len] == ':'))
		made = asprintf(&text, "%s", name);
	else
		made = asprintf(&text, "%s %s", mechanism ? mechanism : "", name ? name : "");
	free(name);
	free(mechanism);
	return made < 0 ? NULL : text;
}

void cell_put_object(struct table *table, sqlite3_stmt *rows, int column)
{
	char *text = cell_object(rows, column);

	table_cell(table, STYLE_PLAIN, text ? text : "");
	free(text);
}

static void put_unit(struct table *table, sqlite3_stmt *rows, int column,
		     char *(*unit)(char *, int64_t))
{
	char buf[IPCT_UNIT_LEN];

	if (is_null(rows, column))
		table_cell(table, STYLE_DIM, "-");
	else
		table_cell(table, STYLE_PLAIN, unit(buf, sqlite3_column_int64(rows, column)));
}

void cell_put_ns(struct table *table, sqlite3_stmt *rows, int column)
{
	put_unit(table, rows, column, unit_ns);
}

void cell_put_bytes(struct table *table, sqlite3_stmt *rows, int column)
{
	put_unit(table, rows, column, unit_bytes);
}

void cell_put_count(struct table *table, sqlite3_stmt *rows, int column)
{
	put_unit(table, rows, column, unit_count_short);
}

void cell_put_share(struct table *table, sqlite3_stmt *rows, int part, int whole)
{
	char buf[IPCT_UNIT_LEN] = "-";

	if (!is_null(rows, part))
		unit_share(buf, sqlite3_column_int64(rows, part),
			   sqlite3_column_int64(rows, whole));
	table_cell(table, *buf == '-' ? STYLE_DIM : STYLE_PLAIN, buf);
}
