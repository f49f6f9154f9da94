// SPDX-License-Identifier: BSD-2-Clause
/*
 * Single messages of the page's strongest edges: the slowest ones and the first ones of each. They
 * are found in one pass over the messages of these edges' objects; nothing of them is sorted or
 * kept but what is the slowest or the first so far, for there can be very many.
 */
#include "reporter/html.h"
#include "reporter/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EDGES_MAX 80
#define SLOWEST   8
#define FIRST     4

extern const char html_picked_edges_sql[], html_picked_messages_sql[], html_picked_message_sql[];

/* The messages with the largest ranks, the largest first; of equal ones the first in the file. */
struct top {
	sqlite3_int64 rank[SLOWEST], message_id[SLOWEST];
	int count;
};

struct edge {
	sqlite3_int64 object_id, sender_id, receiver_id;
	struct top slowest, first;
};

struct picked {
	struct edge edges[EDGES_MAX];
	int count;
};

static void top_add(struct top *top, int most, sqlite3_int64 rank, sqlite3_int64 message_id)
{
	int place = top->count;

	while (place && top->rank[place - 1] < rank)
		place--;
	if (place >= most)
		return;
	if (top->count < most)
		top->count++;
	for (int i = top->count - 1; i > place; i--) {
		top->rank[i] = top->rank[i - 1];
		top->message_id[i] = top->message_id[i - 1];
	}
	top->rank[place] = rank;
	top->message_id[place] = message_id;
}

static int number_compare(sqlite3_int64 a, sqlite3_int64 b)
{
	return (a > b) - (a < b);
}

static int edge_compare(const void *one, const void *other)
{
	const struct edge *a = one, *b = other;
	int by_object = number_compare(a->object_id, b->object_id);
	int by_sender = number_compare(a->sender_id, b->sender_id);

	if (by_object)
		return by_object;
	return by_sender ? by_sender : number_compare(a->receiver_id, b->receiver_id);
}

/* The edge that the first three columns name. */
static struct edge edge_of(sqlite3_stmt *row)
{
	return (struct edge){
		.object_id = sqlite3_column_int64(row, 0),
		.sender_id = sqlite3_column_int64(row, 1),
		.receiver_id = sqlite3_column_int64(row, 2),
	};
}

/* 0, or 1 after an error message. */
static int edges_pick(sqlite3 *db, struct picked *picked)
{
	sqlite3_stmt *rows = query_open(db, html_picked_edges_sql);
	int more;

	query_bind(rows, ":edges", EDGES_MAX);
	while ((more = query_next(rows)) > 0 && picked->count < EDGES_MAX)
		picked->edges[picked->count++] = edge_of(rows);
	sqlite3_finalize(rows);
	qsort(picked->edges, picked->count, sizeof(picked->edges[0]), edge_compare);
	return more < 0;
}

/* The objects of all edges as a JSON array, which the caller frees; or NULL. */
static char *objects_list(const struct picked *picked)
{
	char *list = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&list, &len);

	if (!out)
		return NULL;
	for (int i = 0; i < picked->count; i++)
		fprintf(out, "%s%lld", i ? "," : "[", picked->edges[i].object_id);
	fputc(']', out);
	if (fclose(out)) {
		free(list);
		return NULL;
	}
	return list;
}

static void message_pick(struct picked *picked, sqlite3_stmt *row)
{
	struct edge key = edge_of(row);
	struct edge *edge = bsearch(&key, picked->edges, picked->count, sizeof(key), edge_compare);
	sqlite3_int64 message_id = sqlite3_column_int64(row, 3);

	if (!edge)
		return;
	top_add(&edge->slowest, SLOWEST, sqlite3_column_int64(row, 5), message_id);
	top_add(&edge->first, FIRST, -sqlite3_column_int64(row, 4), message_id);
}

/* 0, -ENOMEM, or 1 after an error message. */
static int messages_pick(sqlite3 *db, struct picked *picked)
{
	char *objects = objects_list(picked);
	sqlite3_stmt *rows;
	int more;

	if (!objects)
		return -ENOMEM;
	rows = query_open(db, html_picked_messages_sql);
	query_bind_text(rows, ":objects", objects);
	while ((more = query_next(rows)) > 0)
		message_pick(picked, rows);
	sqlite3_finalize(rows);
	free(objects);
	return more < 0;
}

static int top_put(const struct top *top, sqlite3_stmt *row, FILE *out)
{
	for (int i = 0; i < top->count; i++) {
		const char *json;

		query_bind(row, ":message", top->message_id[i]);
		if (query_next(row) < 0)
			return 1;
		json = (const char *)sqlite3_column_text(row, 0);
		if (!json)
			return -ENOMEM;
		fputs(i ? "," : "[", out);
		html_json_put(out, json, sqlite3_column_bytes(row, 0));
		sqlite3_reset(row);
	}
	fputs(top->count ? "]" : "[]", out);
	return 0;
}

static int edge_put(const struct edge *edge, sqlite3_stmt *row, FILE *out)
{
	int err;

	fprintf(out, "[%lld,%lld,%lld,", edge->object_id, edge->sender_id, edge->receiver_id);
	err = top_put(&edge->slowest, row, out);
	fputc(',', out);
	if (!err)
		err = top_put(&edge->first, row, out);
	fputc(']', out);
	return err;
}

static int picked_put(sqlite3 *db, const struct picked *picked, FILE *out)
{
	sqlite3_stmt *row = query_open(db, html_picked_message_sql);
	int err = row ? 0 : 1;

	query_bind(row, ":cut", IPCT_HTML_CHARS_MAX);
	fputc('[', out);
	for (int i = 0; !err && i < picked->count; i++) {
		fputs(i ? ",\n" : "", out);
		err = edge_put(&picked->edges[i], row, out);
	}
	fputc(']', out);
	sqlite3_finalize(row);
	return err;
}

int html_picked_put(sqlite3 *db, FILE *out)
{
	struct picked *picked = calloc(1, sizeof(*picked));
	int err = picked ? edges_pick(db, picked) : -ENOMEM;

	if (!err && picked->count)
		err = messages_pick(db, picked);
	if (!err)
		err = picked_put(db, picked, out);
	free(picked);
	return err;
}
