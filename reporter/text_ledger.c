// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ledger in the text report: each mechanism's balance, and above everything else what was
 * lost and why.
 */
#include "text.h"
#include "cells.h"
#include "query.h"
#include "units.h"
#include "schemas/say.h"

#include <stdlib.h>
#include <string.h>

#define LOSSES       5 /* reasons that are named */
#define BALANCES     4 /* mechanisms that the summary has room for */
#define IDLE         3 /* mechanisms without a call that are named */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern const char text_ledger_sql[], text_losses_sql[];

/* Why calls are missing, and what helps; docs/trace-file.md has the long form. */
static const struct {
	const char *reason, *words;
} reasons[] = {
	{"ring_full", "the ring buffer was full; record with a larger --ring"},
	{"spool_full", "storing could not keep up and memory for the rest ran out"},
	{"objects_full", "more objects than a recording can tell apart"},
	{"compat_32bit", "calls of 32-bit programs are not decoded"},
	{"threads_not_followed", "new threads for which the kernel had no memory"},
	{"process_records_ring_full",
	 "records of processes: the ring buffer was full; use a larger --ring"},
	{"process_records_spool_full", "records of processes: storing could not keep up"},
	{"disk_full", "no space was left for the trace file"},
	{"store_failed", "the trace file could not be written"},
};

static const struct column ledger_columns[] = {
	{"", 0},
	{"", COLUMN_CUT_END | COLUMN_TIGHT},
	{"", COLUMN_RIGHT},
	{"", COLUMN_RIGHT | COLUMN_TIGHT},
	{"", COLUMN_RIGHT | COLUMN_TIGHT},
};

/* The sum over all mechanisms, and its rows as a table. */
struct text_ledger {
	struct table *table;
	int64_t seen, stored, lost;
	int64_t under_way; /* of `lost`: not stored yet when the file was last written */
	bool holds;
	int rows;
	const char *label; /* before the first row */
	char idle[256];    /* mechanisms that were watched and not seen */
	int idle_count;
};

/* Sums of a hostile file may overflow: then they wrap, and do not balance. */
static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void ledger_idle(struct text_ledger *ledger, sqlite3_stmt *rows)
{
	char *mechanism = cell_text(rows, 0);
	size_t used = strlen(ledger->idle);

	ledger->idle_count++;

	/* Whole names only: half a character must not reach the terminal. */
	if (mechanism && used + strlen(mechanism) + sizeof(", ") <= sizeof(ledger->idle))
		snprintf(ledger->idle + used, sizeof(ledger->idle) - used, "%s%s", used ? ", " : "",
			 mechanism);
	free(mechanism);
}

static void ledger_row(struct text_ledger *ledger, sqlite3_stmt *rows)
{
	char text[IPCT_UNIT_LEN];
	int64_t seen = sqlite3_column_int64(rows, 1), stored = sqlite3_column_int64(rows, 2);
	int64_t lost = sqlite3_column_int64(rows, 3);

	ledger->seen = plus(ledger->seen, seen);
	ledger->stored = plus(ledger->stored, stored);
	ledger->lost = plus(ledger->lost, lost);
	ledger->under_way = plus(ledger->under_way, sqlite3_column_int64(rows, 4));
	ledger->holds &= seen == plus(stored, lost);
	if (!seen && !stored && !lost) {
		ledger_idle(ledger, rows);
		return;
	}
	table_cell(ledger->table, STYLE_DIM, ledger->rows++ ? "" : ledger->label);
	cell_put_text(ledger->table, rows, 0);
	table_cellf(ledger->table, STYLE_PLAIN, "%s seen =", unit_count(text, seen));
	table_cellf(ledger->table, STYLE_PLAIN, "%s stored +", unit_count(text, stored));
	table_cellf(ledger->table, lost ? STYLE_ALERT : STYLE_PLAIN, "%s lost",
		    unit_count(text, lost));
}

struct text_ledger *text_ledger_read(sqlite3 *db, const char *label)
{
	struct text_ledger *ledger = calloc(1, sizeof(*ledger));
	sqlite3_stmt *rows = ledger ? query_open(db, text_ledger_sql) : NULL;
	int more;

	if (!ledger) {
		say_error("cannot write the report: out of memory");
		return NULL;
	}
	ledger->table = table_new(ledger_columns, COUNT(ledger_columns));
	ledger->holds = true;
	ledger->label = label;
	while ((more = query_next(rows)) > 0)
		ledger_row(ledger, rows);
	sqlite3_finalize(rows);
	if (!more)
		return ledger;
	text_ledger_free(ledger);
	return NULL;
}

void text_ledger_free(struct text_ledger *ledger)
{
	if (ledger)
		table_free(ledger->table);
	free(ledger);
}

/* All of them are in the CSV; the summary has other news. */
static void idle_print(const struct text_ledger *ledger, const struct terminal *term)
{
	const char *label = ledger->rows ? "" : "ledger";

	if (ledger->idle_count > IDLE)
		text_line(term, STYLE_PLAIN, label, "nothing seen on %s %d that were watched",
			  ledger->rows ? "the other" : "any of the", ledger->idle_count);
	else if (ledger->idle_count)
		text_line(term, STYLE_PLAIN, label, "nothing seen on %s", ledger->idle);
}

int text_ledger_print(const struct text_ledger *ledger, const struct terminal *term)
{
	char seen[IPCT_UNIT_LEN], stored[IPCT_UNIT_LEN], lost[IPCT_UNIT_LEN];

	if (!ledger->rows && !ledger->idle_count)
		text_line(term, STYLE_PLAIN, "ledger", "no entries in this file");
	if (ledger->rows > BALANCES)
		text_line(term, STYLE_PLAIN, "ledger",
			  "%d mechanisms: %s seen = %s stored + %s lost; each below", ledger->rows,
			  unit_count(seen, ledger->seen), unit_count(stored, ledger->stored),
			  unit_count(lost, ledger->lost));
	else if (ledger->rows && table_print(ledger->table, term)) {
		say_error("cannot write the report: out of memory");
		return 1;
	}
	idle_print(ledger, term);
	return 0;
}

int text_ledger(sqlite3 *db, const struct terminal *term)
{
	struct text_ledger *ledger = text_ledger_read(db, "");
	int err = ledger ? 0 : 1;

	if (ledger && ledger->rows > BALANCES) {
		text_heading(term, "LEDGER", "what the probes saw is stored or lost");
		err = table_print(ledger->table, term);
		if (err)
			say_error("cannot write the report: out of memory");
	}
	text_ledger_free(ledger);
	return err ? 1 : 0;
}

static const char *reason_words(const char *reason)
{
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (!strcmp(reasons[i].reason, reason))
			return reasons[i].words;
	return NULL;
}

/* Each reason with its count. */
static int losses(sqlite3 *db, const struct terminal *term)
{
	sqlite3_stmt *rows = query_open(db, text_losses_sql);
	char count[IPCT_UNIT_LEN];
	int more;

	query_bind(rows, ":rows", LOSSES);
	while ((more = query_next(rows)) > 0) {
		char *mechanism = cell_text(rows, 0), *reason = cell_text(rows, 1);
		const char *words = reason ? reason_words(reason) : NULL;

		text_line(term, STYLE_ALERT, NULL, "!   %s on %s: %s%s%s",
			  unit_count(count, sqlite3_column_int64(rows, 2)),
			  mechanism ? mechanism : "", reason ? reason : "", words ? ": " : "",
			  words ? words : "");
		free(reason);
		free(mechanism);
	}
	sqlite3_finalize(rows);
	return more < 0;
}

int text_ledger_alerts(const struct text_ledger *ledger, sqlite3 *db, const struct terminal *term)
{
	char part[IPCT_UNIT_LEN], seen[IPCT_UNIT_LEN], share[IPCT_UNIT_LEN];
	int64_t lost = (int64_t)((uint64_t)ledger->lost - (uint64_t)ledger->under_way);

	unit_count(seen, ledger->seen);
	if (!ledger->holds)
		text_line(term, STYLE_ALERT, NULL,
			  "! the ledger does not balance: seen is not stored + lost");
	if (ledger->under_way)
		text_line(term, STYLE_ALERT, NULL,
			  "! %s of %s calls were under way when the file was last written",
			  unit_count(part, ledger->under_way), seen);
	if (!lost)
		return 0;
	text_line(term, STYLE_ALERT, NULL,
		  "! LOST %s of %s calls (%s): counts are too low, messages are missing",
		  unit_count(part, lost), seen, unit_share(share, lost, ledger->seen));
	return losses(db, term);
}
