// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs a section's query, groups its rows where they are too many to read, and prints them.
 */
#include "text_section.h"
#include "query.h"
#include "text.h"
#include "schemas/say.h"

/* A section's rows as a table. */
struct filled {
	struct table *table;
	sqlite3_int64 shown, all;
	bool remark, grouped;
};

sqlite3_int64 section_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *rows = query_open(db, sql);
	sqlite3_int64 value = query_next(rows) > 0 ? sqlite3_column_int64(rows, 0) : -1;

	sqlite3_finalize(rows);
	return value;
}

static sqlite3_stmt *section_open(sqlite3 *db, const struct section *s, bool grouped)
{
	sqlite3_stmt *rows = query_open(db, s->sql);

	query_bind(rows, ":rows", query_rows(s->rows ? s->rows : IPCT_TEXT_ROWS));
	query_bind(rows, ":grouped", grouped);
	query_bind(rows, ":timed", s->timed);
	if (s->family)
		query_bind_text(rows, ":family", s->family);
	if (s->kind)
		query_bind_text(rows, ":kind", s->kind);
	return rows;
}

/* Fill `f`, whose table the caller frees. 0 or 1. */
static int section_fill(sqlite3 *db, const struct section *s, bool grouped, struct filled *f)
{
	sqlite3_stmt *rows = section_open(db, s, grouped);
	int more = -1;

	*f = (struct filled){.table = table_new(s->columns, s->column_count), .grouped = grouped};
	while (rows && (more = query_next(rows)) > 0) {
		f->remark |= s->row(f->table, rows);
		if (!s->count_sql)
			f->all = sqlite3_column_int64(rows, sqlite3_column_count(rows) - 1);
		f->shown++;
	}
	sqlite3_finalize(rows);
	if (more < 0)
		return 1;
	if (s->count_sql)
		f->all = section_number(db, s->count_sql);
	return f->all < 0;
}

static int section_print(const struct section *s, const struct filled *f,
			 const struct terminal *term)
{
	int err;

	if (!f->all && !s->none)
		return 0;
	text_heading(term, s->title, s->note);
	if (!f->all) {
		fprintf(term->out, "  %s\n", s->none);
		return 0;
	}
	err = table_print(f->table, term);
	text_more(term, f->shown, f->all, s->view);
	if (f->grouped)
		text_line(term, STYLE_DIM, NULL, IPCT_TEXT_ALIKE, s->view);
	if (f->remark && s->remark)
		fprintf(term->out, "  %s\n", s->remark);
	if (err)
		say_error("cannot write the report: out of memory");
	return err ? 1 : 0;
}

int section_write(sqlite3 *db, const struct section *s, const struct terminal *term)
{
	struct filled f;
	int failed = section_fill(db, s, false, &f);

	if (!failed && s->groups && f.all > f.shown) {
		table_free(f.table);
		failed = section_fill(db, s, true, &f);
	}
	if (!failed)
		failed = section_print(s, &f, term);
	table_free(f.table);
	return failed;
}
