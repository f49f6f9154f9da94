// SPDX-License-Identifier: BSD-2-Clause
/*
 * The heat map of the page: for each of the mechanisms with the most messages how many messages
 * took how long when, and one for all others. Of very many messages only some are counted, because
 * each has to be looked up; the page says of how many.
 */
#include "reporter/heat.h"
#include "reporter/html.h"
#include "reporter/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAPS_MAX    8
#define COUNTED_MIN 250000 /* messages; of twice as many about every second one is counted */

extern const char html_heat_sql[], heat_messages_sql[];

struct map {
	char *mechanism; /* NULL: all others */
	char *quoted;    /* the same as JSON */
	struct heat heat;
};

struct maps {
	struct map map[MAPS_MAX + 1];
	int count;        /* that have a mechanism */
	int64_t messages; /* of all */
	struct heat_span span;
};

static int map_begin(struct map *map, const char *mechanism, const char *quoted)
{
	map->mechanism = strdup(mechanism);
	map->quoted = strdup(quoted);
	return map->mechanism && map->quoted ? 0 : -ENOMEM;
}

/* The mechanisms that have a map. 0, -ENOMEM, or 1 after an error message. */
static int mechanisms_read(sqlite3 *db, struct maps *maps)
{
	sqlite3_stmt *rows = query_open(db, html_heat_sql);
	int more, err = 0;

	query_bind(rows, ":cut", IPCT_HTML_CHARS_MAX);
	while (!err && (more = query_next(rows)) > 0) {
		const char *name = (const char *)sqlite3_column_text(rows, 0);
		const char *quoted = (const char *)sqlite3_column_text(rows, 1);

		maps->messages += sqlite3_column_int64(rows, 2);
		if (name && quoted && maps->count < MAPS_MAX)
			err = map_begin(&maps->map[maps->count++], name, quoted);
	}
	sqlite3_finalize(rows);
	return err ? err : more < 0;
}

static struct heat *heat_of(struct maps *maps, const char *mechanism)
{
	int i = 0;

	while (i < maps->count && (!mechanism || strcmp(maps->map[i].mechanism, mechanism)))
		i++;
	return &maps->map[i].heat;
}

static int messages_read(sqlite3 *db, struct maps *maps, int64_t every)
{
	sqlite3_stmt *rows = query_open(db, heat_messages_sql);
	int more;

	query_bind(rows, ":every", every);
	while ((more = query_next(rows)) > 0)
		heat_add(heat_of(maps, (const char *)sqlite3_column_text(rows, 0)), &maps->span,
			 sqlite3_column_int64(rows, 2), sqlite3_column_int64(rows, 3));
	sqlite3_finalize(rows);
	return more < 0;
}

/* For each cell in use its distance from the one before, column by column, and its count. */
static void cells_put(const struct heat *heat, FILE *out)
{
	const int64_t *cells = heat->cells[0];
	int before = 0;
	const char *comma = "";

	for (int i = 0; i < IPCT_HEAT_COLUMNS * IPCT_HEAT_ROWS; i++) {
		if (!cells[i])
			continue;
		fprintf(out, "%s%d,%lld", comma, i - before, (long long)cells[i]);
		before = i;
		comma = ",";
	}
}

static void map_put(const struct map *map, FILE *out)
{
	fputs("{\"mechanism\":", out);
	if (map->quoted)
		html_json_put(out, map->quoted, strlen(map->quoted));
	else
		fputs("null", out);
	fprintf(out, ",\"n\":%lld,\"cells\":[", (long long)map->heat.messages);
	cells_put(&map->heat, out);
	fputs("]}", out);
}

static void maps_put(const struct maps *maps, int64_t every, FILE *out)
{
	const char *comma = "";

	fprintf(out, "{\"first_ns\":%lld,\"column_ns\":%.10g,\"rows\":%d,\"rows_decade\":%d,",
		(long long)maps->span.first_ns, heat_column_ns(&maps->span), IPCT_HEAT_ROWS,
		IPCT_HEAT_ROWS_DECADE);
	fprintf(out, "\"columns\":%d,\"all\":%lld,\"every\":%lld,\"maps\":[", IPCT_HEAT_COLUMNS,
		(long long)maps->messages, (long long)every);
	for (int i = 0; i <= maps->count; i++) {
		if (!maps->map[i].heat.messages)
			continue;
		fputs(comma, out);
		map_put(&maps->map[i], out);
		comma = ",\n";
	}
	fputs("]}", out);
}

static void maps_free(struct maps *maps)
{
	for (int i = 0; maps && i < maps->count; i++) {
		free(maps->map[i].mechanism);
		free(maps->map[i].quoted);
	}
	free(maps);
}

int html_heat_put(sqlite3 *db, FILE *out)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	int64_t every = 1;
	int err = maps ? mechanisms_read(db, maps) : -ENOMEM;

	if (!err && maps->messages > COUNTED_MIN)
		every = maps->messages / COUNTED_MIN;
	if (!err && heat_span_read(db, &maps->span))
		err = 1;
	if (!err)
		err = messages_read(db, maps, every);
	if (!err)
		maps_put(maps, every, out);
	maps_free(maps);
	return err;
}
