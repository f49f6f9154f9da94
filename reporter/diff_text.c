// SPDX-License-Identifier: BSD-2-Clause
/*
 * A comparison for a terminal: the totals, what changed most, what only one side has, and how much
 * was compared and found to be the same.
 */
#include "diff.h"
#include "escape.h"
#include "table.h"
#include "text.h"
#include "units.h"
#include "schemas/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELL_LEN 96

struct writer {
	const struct diff *diff;
	const struct terminal *term;
	size_t top; /* items of a section */
	bool all;
};

/* "+12%", "-50%"; from ten times on "×12". */
static const char *percent_put(char buf[CELL_LEN], double ratio)
{
	if (isnan(ratio))
		return "-";
	if (ratio >= 10)
		snprintf(buf, CELL_LEN, "×%.*f", ratio < 99.5 ? 1 : 0, ratio);
	else if (fabs(ratio - 1) < 0.0005)
		return "0.0%";
	else
		snprintf(buf, CELL_LEN, "%+.*f%%", fabs(ratio - 1) < 0.0995 ? 1 : 0,
			 100 * (ratio - 1));
	return buf;
}

static const char *interval_put(char buf[CELL_LEN], const struct diff_ratio *r)
{
	char low[CELL_LEN], high[CELL_LEN];

	if (isnan(r->low))
		return "-";
	snprintf(buf, CELL_LEN, "%s..%s", percent_put(low, r->low), percent_put(high, r->high));
	return buf;
}

static int64_t whole(double value)
{
	return value < 9e18 ? llround(value) : INT64_MAX;
}

static const char *value_put(char buf[IPCT_UNIT_LEN], double value, enum diff_measure measure)
{
	if (isnan(value))
		return "-";
	if (measure < DIFF_TIMES)
		return unit_ns(buf, whole(value));
	if (measure == DIFF_BYTES || measure == DIFF_SIZE)
		return unit_bytes(buf, whole(value));
	unit_count_short(buf, whole(value));
	return measure == DIFF_RATE ? strcat(buf, "/s") : buf;
}

/* A signed change of two totals. */
static void totals_row(struct table *t, const char *name, double a, double b,
		       enum diff_measure measure)
{
	char buf[IPCT_UNIT_LEN], percent[CELL_LEN];

	table_cell(t, STYLE_PLAIN, name);
	table_cell(t, STYLE_PLAIN, value_put(buf, a, measure));
	table_cell(t, STYLE_PLAIN, value_put(buf, b, measure));
	table_cell(t, STYLE_DIM,
		   a > 0 && b > 0                   ? percent_put(percent, b / a)
		   : isnan(a) || isnan(b) || a == b ? "-"
						    : "");
}

/* The mean of a total over the runs of a side; NAN if one of them does not know it. */
static double total_of(const struct diff *diff, int side, size_t offset)
{
	double sum = 0;

	for (int i = 0; i < diff->input.run_count; i++) {
		const struct diff_run *run = &diff->input.runs[i];
		int64_t value;

		if (run->side != side)
			continue;
		memcpy(&value, (const char *)&run->totals + offset, sizeof(value));
		sum += value < 0 ? NAN : (double)value;
	}
	return sum / diff->runs[side];
}

static const struct {
	const char *name;
	size_t offset;
	enum diff_measure measure;
} totals[] = {
	{"duration", offsetof(struct diff_totals, duration_ns), DIFF_MEAN},
	{"CPU time", offsetof(struct diff_totals, cpu_ns), DIFF_MEAN},
	{"messages", offsetof(struct diff_totals, messages), DIFF_COUNT},
	{"bytes", offsetof(struct diff_totals, bytes), DIFF_BYTES},
	{"calls", offsetof(struct diff_totals, calls), DIFF_COUNT},
	{"lost calls", offsetof(struct diff_totals, lost), DIFF_COUNT},
	{"processes", offsetof(struct diff_totals, processes), DIFF_COUNT},
};

static int finish(struct table *t, const struct writer *w)
{
	int err = table_print(t, w->term);

	table_free(t);
	if (err)
		say_error("cannot write the comparison: out of memory");
	return err ? 1 : 0;
}

static void files_write(const struct writer *w)
{
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < w->diff->input.run_count; i++) {
			const struct diff_run *run = &w->diff->input.runs[i];
			char *path = escape_text(run->path, strlen(run->path));

			if (run->side == side && run->db)
				text_line(w->term, STYLE_BOLD, side ? "B" : "A", "%s",
					  path ? path : "");
			free(path);
		}
}

static void note_write(void *arg, const char *safe)
{
	const struct writer *w = arg;

	text_line(w->term, STYLE_ALERT, NULL, "! %s", safe);
}

static int totals_write(const struct writer *w)
{
	static const struct column columns[] = {
		{"", 0}, {"A", COLUMN_RIGHT}, {"B", COLUMN_RIGHT}, {"change", COLUMN_RIGHT}};
	struct table *t = table_new(columns, 4);

	if (w->diff->input.benches) {
		table_free(t);
		return 0;
	}
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		double a = total_of(w->diff, 0, totals[i].offset);
		double b = total_of(w->diff, 1, totals[i].offset);

		if (!isnan(a) || !isnan(b))
			totals_row(t, totals[i].name, a, b, totals[i].measure);
	}
	return finish(t, w);
}

static char *safe_of(const char *text)
{
	return escape_text(text, strlen(text));
}

static const char *label_of(const struct diff *diff, uint32_t group)
{
	return group == UINT32_MAX ? "?" : diff->groups[group].label;
}

/* Who and where: two texts that the caller frees; either may be NULL. */
static void item_titles(const struct diff *diff, const struct diff_item *item, char **who,
			char **where)
{
	char *text = NULL, size[IPCT_UNIT_LEN];
	size_t len = strlen(item->mechanism);
	int made;

	*who = *where = NULL;
	if (item->level == DIFF_MECHANISM)
		made = asprintf(&text, "all %s edges", item->mechanism);
	else if (item->level == DIFF_CALL)
		made = asprintf(&text, "%s on %s", item->syscall, item->mechanism);
	else if (item->level == DIFF_CASE)
		made = asprintf(&text, "%s %s of %s", item->mechanism, item->role,
				unit_bytes(size, item->size));
	else
		made = asprintf(&text, "%s → %s", label_of(diff, item->sender),
				label_of(diff, item->receiver));
	*who = made < 0 ? NULL : safe_of(text);
	if (made >= 0)
		free(text);
	if (item->level == DIFF_CASE)
		*where = safe_of(item->syscall);
	if (item->level != DIFF_EDGE)
		return;
	if (!strncmp(item->object, item->mechanism, len))
		made = asprintf(&text, "%s", item->object);
	else
		made = asprintf(&text, "%s%s%s", item->mechanism, *item->object ? " " : "",
				item->object);
	*where = made < 0 ? NULL : safe_of(text);
	if (made >= 0)
		free(text);
}

/* The measure's name: of calls and of messages. */
static const char *measure_title(const struct diff_item *item, enum diff_measure measure)
{
	static const char *const messages[] = {"p50",   "p99",  "mean", "messages",
					       "bytes", "size", "rate", "errors"};

	return item->level == DIFF_CALL && measure == DIFF_COUNT ? "calls" : messages[measure];
}

static enum style change_style(const struct diff_change *c)
{
	if (!c->significant)
		return STYLE_DIM;
	return c->worse > 0 ? STYLE_ALERT : c->worse < 0 ? STYLE_GOOD : STYLE_BOLD;
}

static const char *q_put(char buf[CELL_LEN], const struct diff_change *c, enum diff_measure measure)
{
	if (isnan(c->q))
		return measure < DIFF_TIMES ? "too few" : "-";
	if (c->q < 0.0001)
		return "<0.0001";
	snprintf(buf, CELL_LEN, "%.4f", c->q);
	return buf;
}

static void change_row(struct table *t, const struct diff_item *item, enum diff_measure measure,
		       const char *what, enum style style)
{
	const struct diff_change *c = &item->changes[measure];
	const char *arrow = !c->significant ? "" : c->ratio.ratio > 1 ? "▲ " : "▼ ";
	char buf[IPCT_UNIT_LEN], cell[CELL_LEN];

	table_cell(t, style, what);
	table_cell(t, STYLE_PLAIN, measure_title(item, measure));
	table_cell(t, STYLE_PLAIN, value_put(buf, c->a, measure));
	table_cell(t, STYLE_PLAIN, value_put(buf, c->b, measure));
	table_cellf(t, change_style(c), "%s%s", arrow, percent_put(cell, c->ratio.ratio));
	table_cell(t, STYLE_DIM, interval_put(cell, &c->ratio));
	table_cell(t, STYLE_DIM, q_put(cell, c, measure));
}

static void empty_row(struct table *t, const char *what, enum style style)
{
	table_cell(t, style, what);
	for (int i = 0; i < 6; i++)
		table_cell(t, STYLE_PLAIN, "");
}

/* Whether a measure of an item is shown. */
static bool is_shown(const struct writer *w, const struct diff_item *item, enum diff_measure m)
{
	const struct diff_change *c = &item->changes[m];

	if (c->significant)
		return true;
	return w->all && !isnan(c->a) && !isnan(c->b) && c->a + c->b > 0;
}

/* An item's rows: the measures on the right, beside them who, where and why. */
static void item_rows(const struct writer *w, struct table *t, const struct diff_item *item)
{
	char *lines[3] = {NULL}, *where;
	double share;
	const char *cause = diff_item_cause(item, &share);
	int count = 1, used = 0;

	item_titles(w->diff, item, &lines[0], &where);
	if (where)
		lines[count++] = where;
	if (cause &&
	    (item->changes[DIFF_MEAN].significant || item->changes[DIFF_P50].significant ||
	     item->changes[DIFF_P99].significant) &&
	    asprintf(&lines[count], "mostly %s", cause) >= 0)
		count++;
	for (int m = 0; m < DIFF_MEASURES; m++) {
		if (!is_shown(w, item, m))
			continue;
		change_row(t, item, m, used < count && lines[used] ? lines[used] : "",
			   used ? STYLE_DIM : STYLE_PLAIN);
		used++;
	}
	for (; used < count; used++)
		empty_row(t, lines[used] ? lines[used] : "", STYLE_DIM);
	for (int i = 0; i < count; i++)
		free(lines[i]);
}

/* Items that are on both sides, in order; the changed ones are first. NULL: no memory. */
static const struct diff_item **common_items(const struct diff *diff, size_t *count)
{
	const struct diff_item **items =
		calloc(diff->item_count + 1, sizeof(const struct diff_item *));

	*count = 0;
	for (size_t i = 0; items && i < diff->item_count; i++)
		if (diff->items[i].on[0] && diff->items[i].on[1])
			items[(*count)++] = &diff->items[i];
	return items;
}

static void more_write(const struct writer *w, size_t shown, size_t all)
{
	char buf[IPCT_UNIT_LEN];

	if (all > shown)
		text_line(w->term, STYLE_DIM, NULL, "  ... %s more: --top 0 shows all of them",
			  unit_count(buf, (int64_t)(all - shown)));
}

static int changes_table(const struct writer *w, const struct diff_item **items, size_t count)
{
	static const struct column columns[] = {
		{"", COLUMN_CUT_MIDDLE},
		{"", 0},
		{"A", COLUMN_RIGHT},
		{"B", COLUMN_RIGHT},
		{"change", COLUMN_RIGHT},
		{"95% interval", COLUMN_RIGHT},
		{"q", COLUMN_RIGHT | COLUMN_WIDE},
	};
	struct table *t = table_new(columns, 7);
	size_t shown = count < w->top ? count : w->top;

	for (size_t i = 0; i < shown; i++)
		item_rows(w, t, items[i]);
	if (finish(t, w))
		return 1;
	more_write(w, shown, count);
	return 0;
}

static int changes_write(const struct writer *w)
{
	char note[CELL_LEN];
	size_t count, changed = 0;
	const struct diff_item **items = common_items(w->diff, &count);
	int failed = !items;

	while (!failed && changed < count && diff_item_changed(items[changed]))
		changed++;
	if (failed)
		say_error("cannot write the comparison: out of memory");
	snprintf(note, sizeof(note), "beyond %g%% and beyond noise (q < %g)", 100 * w->diff->effect,
		 DIFF_SIGNIFICANCE);
	if (!failed && changed) {
		text_heading(w->term, "WHAT CHANGED", note);
		failed = changes_table(w, items, changed);
	}
	if (!failed && w->all && changed < count) {
		text_heading(w->term, "WHAT DID NOT CHANGE", "as far as one can tell");
		failed = changes_table(w, items + changed, count - changed);
	}
	free(items);
	return failed;
}

/* What one side alone has. */
static int alone_write(const struct writer *w, int side)
{
	static const struct column columns[] = {
		{"", COLUMN_CUT_MIDDLE},
		{"", COLUMN_CUT_MIDDLE},
		{"messages", COLUMN_RIGHT},
		{"bytes", COLUMN_RIGHT | COLUMN_IF_ANY},
		{"p50", COLUMN_RIGHT | COLUMN_IF_ANY},
	};
	struct table *t = table_new(columns, 5);
	size_t shown = 0, count = 0;
	char buf[IPCT_UNIT_LEN];

	for (size_t i = 0; i < w->diff->item_count; i++) {
		const struct diff_item *item = &w->diff->items[i];
		char *who, *where;

		if (item->on[!side] || item->level == DIFF_MECHANISM || count++ >= w->top)
			continue;
		item_titles(w->diff, item, &who, &where);
		table_cell(t, STYLE_PLAIN, who ? who : "");
		table_cell(t, STYLE_DIM, where ? where : "");
		table_cell(t, STYLE_PLAIN,
			   value_put(buf, (double)item->sums[side].count, DIFF_COUNT));
		table_cell(t, STYLE_PLAIN,
			   item->sums[side].bytes
				   ? value_put(buf, (double)item->sums[side].bytes, DIFF_BYTES)
				   : "-");
		table_cell(t, STYLE_PLAIN,
			   value_put(buf,
				     side ? item->changes[DIFF_P50].b : item->changes[DIFF_P50].a,
				     DIFF_P50));
		free(where);
		free(who);
		shown++;
	}
	if (!count) {
		table_free(t);
		return 0;
	}
	text_heading(w->term, side ? "NEW" : "GONE", side ? "only B has it" : "only A has it");
	if (finish(t, w))
		return 1;
	more_write(w, shown, count);
	return 0;
}

/* Programs of which the sides have different numbers of processes. */
static int processes_write(const struct writer *w)
{
	static const struct column columns[] = {{"", COLUMN_CUT_MIDDLE},
						{"A", COLUMN_RIGHT},
						{"B", COLUMN_RIGHT}};
	struct table *t = table_new(columns, 3);
	size_t shown = 0, count = 0;
	char buf[IPCT_UNIT_LEN];

	for (size_t i = 0; i < w->diff->group_count; i++) {
		const struct diff_group *g = &w->diff->groups[i];
		double a = (double)g->processes[0] / w->diff->runs[0];
		double b = (double)g->processes[1] / w->diff->runs[1];
		char *label;

		if (a == b || count++ >= w->top)
			continue;
		label = safe_of(g->label);
		table_cell(t, STYLE_PLAIN, label ? label : "");
		table_cell(t, STYLE_PLAIN, g->processes[0] ? value_put(buf, a, DIFF_COUNT) : "-");
		table_cell(t, STYLE_PLAIN, g->processes[1] ? value_put(buf, b, DIFF_COUNT) : "-");
		free(label);
		shown++;
	}
	if (!count) {
		table_free(t);
		return 0;
	}
	text_heading(w->term, "PROCESSES", "of which there are more, or fewer");
	if (finish(t, w))
		return 1;
	more_write(w, shown, count);
	return 0;
}

/* How much was compared, and that the rest is noise or the same. */
static void verdict_write(const struct writer *w)
{
	char buf[3][IPCT_UNIT_LEN];
	size_t same = 0, both = 0;

	for (size_t i = 0; i < w->diff->item_count; i++) {
		const struct diff_item *item = &w->diff->items[i];

		both += item->on[0] && item->on[1];
		same += item->on[0] && item->on[1] && !diff_item_changed(item);
	}
	text_heading(w->term, same == both ? "NO SIGNIFICANT CHANGE" : "THE REST IS NOISE",
		     same == both && !both ? "there is nothing that both have" : "");
	text_line(w->term, STYLE_PLAIN, NULL, "  %s of %s %s did not change, in %s comparisons.",
		  unit_count(buf[0], (int64_t)same), unit_count(buf[1], (int64_t)both),
		  w->diff->input.benches ? "cases" : "edges, mechanisms and calls",
		  unit_count(buf[2], (int64_t)w->diff->comparisons));
	if (!w->all && same)
		text_line(w->term, STYLE_DIM, NULL, "  --all shows them.");
	if (w->diff->runs[0] + w->diff->runs[1] == 2)
		text_line(w->term, STYLE_DIM, NULL,
			  "  One run of each cannot show how runs differ; %g%% is taken for it. "
			  "--also-a FILE adds one.",
			  100 * w->diff->run_noise);
}

int diff_text_write(const struct diff *diff, size_t top, bool all, FILE *out)
{
	struct terminal term = terminal_of(out);
	struct writer w = {diff, &term, top, all};

	files_write(&w);
	diff_notes(diff, note_write, &w);
	if (totals_write(&w) || changes_write(&w) || alone_write(&w, 0) || alone_write(&w, 1) ||
	    processes_write(&w))
		return 1;
	verdict_write(&w);
	return 0;
}
