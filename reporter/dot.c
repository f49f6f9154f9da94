// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace report --dot FILE`: the flow graph in Graphviz's language. Processes are boxes; what
 * went from one to another over one mechanism is an arrow, in the page's colour for it and the
 * thicker the more bytes went, or messages where there are no bytes.
 * Memory that several share is an ellipse.
 */
#include "escape.h"
#include "filter.h"
#include "html.h"
#include "outputs.h"
#include "query.h"
#include "units.h"
#include "schemas/say.h"
#include "schemas/tables.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX     40 /* single processes, and */
#define PAIRS_MAX     60 /* links between them; where there are more they are grouped */
#define LINKS_MAX     120
#define NAME_COLUMNS  40
#define LABEL_COLUMNS 100
#define WIDTH_MAX     6.0 /* points */

extern const char dot_sql[];

/* --mechanism-N of web/page.css, which begins with 0. */
static const char *const colours[IPCT_MECH_COUNT] = {
	"#8a9099", "#2f74c0", "#74a9dd", "#2e8b57", "#7fb83d", "#b5541c", "#e0863b",
	"#d9a66b", "#7d7415", "#bfae2c", "#8e4fb3", "#bb86dd", "#5b2f8a", "#c2358a",
	"#e583bd", "#16929c", "#0c5f6e", "#4dbfae", "#6f9aa6", "#5c6b7a", "#c23b4e",
};

enum { IS_LINK, FROM, TO, MECHANISM, KIND, OBJECTS, OBJECT, MESSAGES, BYTES, P99, LINKS };
enum { NODE = 1, NAME, COUNT, PID, TRACED, MEMORY };

/* The largest numbers so far are those of the first links; widths are relative to them. */
struct graph {
	FILE *out;
	int64_t most_bytes, most_messages, links, shown;
};

/*
 * A text inside a quoted string: what is no printable text as escape_text() writes it. In a label a
 * backslash begins an escape and an ampersand an entity.
 */
static void put_text(FILE *out, const char *text, int columns)
{
	char *safe = escape_text(text, strlen(text));
	char *cut = safe ? escape_cut(safe, columns, ESCAPE_CUT_MIDDLE) : NULL;

	for (const char *c = cut; c && *c; c++) {
		if (*c == '&')
			fputs("&amp;", out);
		else if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else
			fputc(*c, out);
	}
	free(cut);
	free(safe);
}

static void put_column(FILE *out, sqlite3_stmt *rows, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows, column);

	put_text(out, text && *text ? text : "?", NAME_COLUMNS);
}

static const char *colour_of(const char *mechanism)
{
	for (int i = 1; i < IPCT_MECH_COUNT; i++)
		if (!strcmp(mechanisms[i].name, mechanism))
			return colours[i];
	return colours[0];
}

/* What it goes over, or what is shared: the one object that has a name of its own, or how many. */
static void put_over(FILE *out, const char *mechanism, const char *object, int64_t count)
{
	char buf[IPCT_UNIT_LEN];

	put_text(out, mechanism, NAME_COLUMNS);
	if (count > 1) {
		fprintf(out, " × %s", unit_count(buf, count));
	} else if (object && (*object == '/' || *object == '@')) {
		fputs("\\n", out);
		put_text(out, object, NAME_COLUMNS);
	}
}

static void memory_put(struct graph *graph, sqlite3_stmt *rows)
{
	const char *mechanism = (const char *)sqlite3_column_text(rows, MEMORY);

	fprintf(graph->out, "\tn%lld [shape=ellipse, style=filled, color=\"%s\", label=\"",
		sqlite3_column_int64(rows, NODE), colour_of(mechanism));
	put_over(graph->out, mechanism, (const char *)sqlite3_column_text(rows, NAME),
		 sqlite3_column_int64(rows, COUNT));
	fputs("\"];\n", graph->out);
}

static void node_put(struct graph *graph, sqlite3_stmt *rows)
{
	char buf[IPCT_UNIT_LEN];
	bool traced = sqlite3_column_int(rows, TRACED);
	bool known = sqlite3_column_bytes(rows, NAME) > 0;

	fprintf(graph->out, "\tn%lld [label=\"", sqlite3_column_int64(rows, NODE));
	if (traced || known)
		put_column(graph->out, rows, NAME);
	else
		fputs("outside", graph->out);
	if (sqlite3_column_int64(rows, COUNT) > 1)
		fprintf(graph->out, "\\n× %s", unit_count(buf, sqlite3_column_int64(rows, COUNT)));
	else if (sqlite3_column_type(rows, PID) != SQLITE_NULL)
		fprintf(graph->out, "\\n%lld", sqlite3_column_int64(rows, PID));
	fprintf(graph->out, "\"%s];\n",
		traced ? "" : ", style=\"rounded,dashed\", fontcolor=\"#666666\"");
}

/* Logarithmic: from a thousandth of the largest on. */
static double width_of(int64_t value, int64_t most)
{
	double share = value > 0 && most > 0 ? (double)value / (double)most : 0;

	return share > 0 ? fmax(1, WIDTH_MAX * (1 + log10(share) / 3)) : 1;
}

/* "400 messages, 1.20 KiB" */
static void put_amount(struct graph *graph, sqlite3_stmt *rows, bool data)
{
	int64_t messages = sqlite3_column_int64(rows, MESSAGES);
	char buf[2][IPCT_UNIT_LEN];

	if (data)
		fprintf(graph->out, "\\n%s in %s",
			unit_bytes(buf[0], sqlite3_column_int64(rows, BYTES)),
			unit_count_short(buf[1], messages));
	else
		fprintf(graph->out, "\\n%s wake-up%s", unit_count_short(buf[0], messages),
			messages == 1 ? "" : "s");
	if (sqlite3_column_type(rows, P99) != SQLITE_NULL)
		fprintf(graph->out, "\\np99 %s", unit_ns(buf[0], sqlite3_column_int64(rows, P99)));
}

static void link_put(struct graph *graph, sqlite3_stmt *rows)
{
	const char *mechanism = (const char *)sqlite3_column_text(rows, MECHANISM);
	const char *kind = (const char *)sqlite3_column_text(rows, KIND);
	int64_t bytes = sqlite3_column_int64(rows, BYTES);
	int64_t messages = sqlite3_column_int64(rows, MESSAGES);
	bool data;

	mechanism = mechanism ? mechanism : "?";
	kind = kind ? kind : "";
	data = !strcmp(kind, "data");
	graph->links = sqlite3_column_int64(rows, LINKS);
	graph->shown++;
	fprintf(graph->out, "\tn%lld -> n%lld [color=\"%s\", penwidth=%.2f",
		sqlite3_column_int64(rows, FROM), sqlite3_column_int64(rows, TO),
		colour_of(mechanism),
		data ? width_of(bytes, graph->most_bytes)
		     : width_of(messages, graph->most_messages));
	if (!strcmp(kind, "shared")) {
		fputs(", dir=none, style=dotted];\n", graph->out);
		return;
	}
	fputs(data ? ", label=\"" : ", style=dashed, label=\"", graph->out);
	put_over(graph->out, mechanism, (const char *)sqlite3_column_text(rows, OBJECT),
		 sqlite3_column_int64(rows, OBJECTS));
	put_amount(graph, rows, data);
	fputs("\"];\n", graph->out);
}

/* What all widths are relative to. */
static int most_read(struct graph *graph, sqlite3_stmt *rows)
{
	int more;

	while ((more = query_next(rows)) > 0) {
		int64_t bytes = sqlite3_column_int64(rows, BYTES);
		int64_t messages = sqlite3_column_int64(rows, MESSAGES);

		if (!sqlite3_column_int(rows, IS_LINK))
			continue;
		if (bytes > graph->most_bytes)
			graph->most_bytes = bytes;
		if (messages > graph->most_messages)
			graph->most_messages = messages;
	}
	return more;
}

static int rows_put(struct graph *graph, sqlite3 *db)
{
	sqlite3_stmt *rows = query_open(db, dot_sql);
	int more;

	query_bind(rows, ":nodes", NODES_MAX);
	query_bind(rows, ":links", PAIRS_MAX);
	query_bind(rows, ":rows", query_rows_at_most(LINKS_MAX));
	more = most_read(graph, rows);
	if (!more)
		sqlite3_reset(rows);
	while (!more && (more = query_next(rows)) > 0) {
		if (sqlite3_column_int(rows, IS_LINK))
			link_put(graph, rows);
		else if (sqlite3_column_type(rows, MEMORY) != SQLITE_NULL)
			memory_put(graph, rows);
		else
			node_put(graph, rows);
		more = 0;
	}
	sqlite3_finalize(rows);
	return more < 0;
}

/* The command, the filter, and what has no room, below the graph. */
static void caption_put(struct graph *graph, sqlite3 *db)
{
	char *command = trace_db_meta(db, "command"), *filter = filter_words(db);
	char shown[IPCT_UNIT_LEN], links[IPCT_UNIT_LEN];

	fputs("\tlabel=\"", graph->out);
	put_text(graph->out, command ? command : "(unknown command)", LABEL_COLUMNS);
	if (filter) {
		fputs("\\nonly ", graph->out);
		put_text(graph->out, filter, LABEL_COLUMNS);
	}
	if (!graph->links)
		fputs("\\nnothing passed from one process to another", graph->out);
	else if (graph->links > graph->shown)
		fprintf(graph->out, "\\nthe top %s of %s arrows by %s",
			unit_count(shown, graph->shown), unit_count(links, graph->links),
			query_sort() ? query_sort() : "bytes");
	fputs("\";\n", graph->out);
	free(filter);
	free(command);
}

static int graph_put(sqlite3 *db, FILE *out)
{
	struct graph graph = {.out = out};
	int failed;

	fputs("digraph ipctrace {\n"
	      "\t// Boxes are processes, dashed ones outside the recording; ellipses are memory "
	      "that\n"
	      "\t// several map. Arrows are data, dashed ones wake-ups.\n"
	      "\tcharset=\"utf-8\"; rankdir=LR; ranksep=1.1; nodesep=0.3; bgcolor=white;\n"
	      "\tfontname=\"Helvetica,Arial,sans-serif\"; fontsize=11; fontcolor=\"#666666\"; "
	      "labeljust=l;\n"
	      "\tnode [shape=box, style=\"rounded,filled\", fillcolor=\"#f4f5f7\",\n"
	      "\t\tcolor=\"#8a9099\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=12];\n"
	      "\tedge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=9,\n"
	      "\t\tfontcolor=\"#444444\", arrowsize=0.8];\n",
	      out);
	failed = rows_put(&graph, db);
	caption_put(&graph, db);
	fputs("}\n", out);
	return failed;
}

int dot_write(sqlite3 *db, const char *path)
{
	char *graph = NULL;
	size_t len = 0;
	FILE *out;
	int failed;

	if (!strcmp(path, "-"))
		return graph_put(db, stdout);
	out = open_memstream(&graph, &len);
	failed = out ? graph_put(db, out) : -errno;
	if (out && fclose(out) && !failed)
		failed = -errno;
	if (!failed)
		failed = html_file_replace(path, graph, len);
	if (failed < 0)
		say_error("cannot write graph '%s': %s", path, strerror(-failed));
	free(graph);
	return failed ? 1 : 0;
}
