// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads the rows of recordings that are to be compared, and what each process is and does.
 */
#include "diff_read.h"
#include "diff_match.h"
#include "query.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 4096 /* longer names are cut: only a forged file has any */
#define DEPTH_MAX    32   /* of parents that are followed; a forged file may have a circle */
#define MUCH_OF      20   /* what a process does less than 1/20 as often is not its role */
#define DOES_KINDS   31   /* mechanisms that have two bits of their own */

extern const char diff_processes_sql[], diff_edges_sql[], diff_calls_sql[], diff_totals_sql[],
	diff_rounds_sql[];

static char *text_of(sqlite3_stmt *rows, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows, column);

	return strndup(text ? text : "", NAME_MAX_LEN);
}

static uint64_t count_of(sqlite3_stmt *rows, int column)
{
	sqlite3_int64 value = sqlite3_column_int64(rows, column);

	return value > 0 ? (uint64_t)value : 0;
}

/* A column that may be NULL: -1 then. */
static int64_t known_of(sqlite3_stmt *rows, int column)
{
	int64_t value = sqlite3_column_int64(rows, column);

	return sqlite3_column_type(rows, column) == SQLITE_NULL || value < 0 ? -1 : value;
}

/* Room for one more element of `size`. 0 or -ENOMEM. */
static int grow(void **all, size_t used, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : 64;
	void *grown;

	if (used < *room)
		return 0;
	grown = reallocarray(*all, wanted, size);
	if (!grown)
		return -ENOMEM;
	*all = grown;
	*room = wanted;
	return 0;
}

static int totals_read(struct diff_totals *t, sqlite3 *db)
{
	int64_t *columns[] = {&t->duration_ns, &t->cpu_ns, &t->messages, &t->bytes,
			      &t->calls,       &t->lost,   &t->processes};
	sqlite3_stmt *rows = query_open(db, diff_totals_sql);
	int more = query_next(rows);

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]) && more > 0; i++)
		*columns[i] = known_of(rows, (int)i);
	sqlite3_finalize(rows);
	return more <= 0;
}

/* "tar"; "(tar)" of one that is not traced; "(outside)" if nobody knows. */
static char *program_of(sqlite3_stmt *rows)
{
	char *comm = text_of(rows, 2), *exe = text_of(rows, 3), *name = NULL, *text = NULL;

	if (comm && exe)
		name = diff_program(comm, exe);
	if (name && sqlite3_column_int(rows, 4))
		text = strdup(name);
	else if (name && asprintf(&text, "(%s)", *comm ? name : "outside") < 0)
		text = NULL;
	free(name);
	free(exe);
	free(comm);
	return text;
}

static int process_add(struct diff_input *input, sqlite3_stmt *rows)
{
	struct diff_process *p;

	if (grow((void **)&input->processes, input->process_count, &input->process_room,
		 sizeof(*p)))
		return -ENOMEM;
	p = &input->processes[input->process_count];
	*p = (struct diff_process){
		.run = input->run_count,
		.process_id = sqlite3_column_int64(rows, 0),
		.parent_id = sqlite3_column_int64(rows, 1),
		.program = program_of(rows),
	};
	if (!p->program)
		return -ENOMEM;
	input->process_count++;
	return 0;
}

/* The process of a run, or SIZE_MAX. They are in the order of their ids. */
static size_t process_find(const struct diff_input *input, size_t first, int64_t process_id)
{
	size_t low = first, high = input->process_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (input->processes[middle].process_id < process_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < input->process_count && input->processes[low].process_id == process_id
		       ? low
		       : SIZE_MAX;
}

/* The programs above a process; one that follows itself counts once: a shell that forks. */
static char *path_of(const struct diff_input *input, size_t first, size_t index)
{
	const char *names[DEPTH_MAX], *last = input->processes[index].program;
	size_t depth = 0, len = 0;
	char *path = NULL;
	FILE *out;

	for (int i = 0; i < DEPTH_MAX && index != SIZE_MAX; i++) {
		index = process_find(input, first, input->processes[index].parent_id);
		if (index != SIZE_MAX && strcmp(input->processes[index].program, last))
			last = names[depth++] = input->processes[index].program;
	}
	out = open_memstream(&path, &len);
	if (!out)
		return NULL;
	while (depth)
		fprintf(out, "%s/", names[--depth]);
	if (!fclose(out))
		return path;
	free(path);
	return NULL;
}

static int processes_read(struct diff_input *input, sqlite3 *db)
{
	sqlite3_stmt *rows = query_open(db, diff_processes_sql);
	size_t first = input->process_count;
	int more, err = 0;

	while (!err && (more = query_next(rows)) > 0)
		err = process_add(input, rows);
	sqlite3_finalize(rows);
	if (err || more < 0)
		return err ? err : 1;
	for (size_t i = first; i < input->process_count && !err; i++) {
		input->processes[i].path = path_of(input, first, i);
		err = input->processes[i].path ? 0 : -ENOMEM;
	}
	return err;
}

/* Read a histogram if it can be; what cannot counts as none. 0 or -ENOMEM. */
static int hist_read(struct diff_input *input, struct hist *hist, sqlite3_stmt *rows, int column)
{
	const void *blob = sqlite3_column_blob(rows, column);
	int err;

	if (!blob)
		return 0;
	err = hist_decode(hist, blob, (size_t)sqlite3_column_bytes(rows, column));
	input->unreadable += err == -EINVAL;
	return err == -ENOMEM ? err : 0;
}

static void parts_read(struct diff_sums *sums, sqlite3_stmt *rows, int column, int count)
{
	sums->has_parts = sqlite3_column_type(rows, column) != SQLITE_NULL;
	for (int i = 0; i < count; i++)
		sums->part_ns[i] = count_of(rows, column + i);
}

static int edge_fill(struct diff_input *input, struct diff_row *e, sqlite3_stmt *rows, size_t first)
{
	e->object_id = sqlite3_column_int64(rows, 0);
	e->sender_id = sqlite3_column_int64(rows, 1);
	e->receiver_id = sqlite3_column_int64(rows, 2);
	e->sender = process_find(input, first, e->sender_id);
	e->receiver = process_find(input, first, e->receiver_id);
	e->kind = text_of(rows, 3);
	e->mechanism = text_of(rows, 4);
	e->object = text_of(rows, 5);
	e->sums.count = count_of(rows, 6);
	e->sums.bytes = count_of(rows, 7);
	e->sums.exact = count_of(rows, 8);
	e->sums.inferred = count_of(rows, 9);
	e->sums.ambiguous = count_of(rows, 10);
	e->sums.first_ns = known_of(rows, 11);
	e->sums.last_ns = known_of(rows, 12);
	parts_read(&e->sums, rows, 14, DIFF_PARTS);
	if (!e->kind || !e->mechanism || !e->object)
		return -ENOMEM;
	return hist_read(input, &e->sums.hist, rows, 13);
}

static int call_fill(struct diff_input *input, struct diff_row *c, sqlite3_stmt *rows, size_t first)
{
	c->mechanism = text_of(rows, 0);
	c->role = text_of(rows, 1);
	c->syscall = text_of(rows, 2);
	c->sums.count = count_of(rows, 3);
	c->sums.bytes = count_of(rows, 4);
	c->sums.errors = count_of(rows, 5);
	c->sums.first_ns = c->sums.last_ns = -1;
	parts_read(&c->sums, rows, 7, 3);
	if (!c->mechanism || !c->role || !c->syscall)
		return -ENOMEM;
	return hist_read(input, &c->sums.hist, rows, 6);
}

/* `first` is the first process of this run. */
static int rows_read(struct diff_input *input, struct diff_rows *all, sqlite3 *db, const char *sql,
		     size_t first,
		     int (*fill)(struct diff_input *, struct diff_row *, sqlite3_stmt *, size_t))
{
	sqlite3_stmt *rows = query_open(db, sql);
	int more = 0, err = 0;

	while (!err && (more = query_next(rows)) > 0) {
		err = grow((void **)&all->rows, all->used, &all->room, sizeof(*all->rows));
		if (err)
			break;
		all->rows[all->used] = (struct diff_row){.run = input->run_count};
		err = fill(input, &all->rows[all->used++], rows, first);
	}
	sqlite3_finalize(rows);
	return err ? err : more < 0;
}

/* How often a process used a mechanism in one direction. */
struct use {
	size_t process;
	unsigned bit;
	uint64_t count;
};

static int by_process_and_bit(const void *a, const void *b)
{
	const struct use *one = a, *other = b;

	if (one->process != other->process)
		return one->process < other->process ? -1 : 1;
	return one->bit < other->bit ? -1 : one->bit > other->bit;
}

static unsigned mechanism_number(const char *name)
{
	for (unsigned i = 1; i < IPCT_MECH_COUNT && i < DOES_KINDS; i++)
		if (!strcmp(mechanisms[i].name, name))
			return i;
	return 0;
}

/* The bits of one process, whose uses are sorted: how often in all, then what is much of it. */
static uint64_t does_of(const struct use *uses, size_t count)
{
	uint64_t sums[2 * (DOES_KINDS + 1)] = {0}, most = 0, does = 0;

	for (size_t i = 0; i < count; i++)
		if (__builtin_add_overflow(sums[uses[i].bit], uses[i].count, &sums[uses[i].bit]))
			sums[uses[i].bit] = UINT64_MAX;
	for (size_t i = 0; i < 2 * (DOES_KINDS + 1); i++)
		most = sums[i] > most ? sums[i] : most;
	for (size_t i = 0; i < 2 * (DOES_KINDS + 1); i++)
		if (sums[i] && sums[i] >= most / MUCH_OF)
			does |= UINT64_C(1) << i;
	return does;
}

/* What each process does, from the edges of this run that begin at `from`. */
static int roles_find(struct diff_input *input, size_t from)
{
	size_t count = 2 * (input->edges.used - from), used = 0, n;
	struct use *uses = calloc(count + 1, sizeof(*uses));

	if (!uses)
		return -ENOMEM;
	for (size_t i = from; i < input->edges.used; i++) {
		const struct diff_row *e = &input->edges.rows[i];
		unsigned bit = 2 * mechanism_number(e->mechanism);

		if (e->sender != SIZE_MAX)
			uses[used++] = (struct use){e->sender, bit, e->sums.count};
		if (e->receiver != SIZE_MAX)
			uses[used++] = (struct use){e->receiver, bit + 1, e->sums.count};
	}
	qsort(uses, used, sizeof(*uses), by_process_and_bit);
	for (size_t i = 0; i < used; i += n) {
		for (n = 1; i + n < used && uses[i + n].process == uses[i].process;)
			n++;
		input->processes[uses[i].process].does = does_of(&uses[i], n);
	}
	free(uses);
	return 0;
}

int diff_input_add(struct diff_input *input, const char *path, sqlite3 *db, int side)
{
	struct diff_run *run = &input->runs[input->run_count];
	size_t process = input->process_count, edge = input->edges.used;
	int err;

	*run = (struct diff_run){.path = path, .db = db, .side = side};
	err = totals_read(&run->totals, db);
	if (!err)
		err = processes_read(input, db);
	if (!err)
		err = rows_read(input, &input->edges, db, diff_edges_sql, process, edge_fill);
	if (!err)
		err = rows_read(input, &input->calls, db, diff_calls_sql, process, call_fill);
	if (!err)
		err = roles_find(input, edge);
	input->run_count++;
	if (err < 0)
		say_error("cannot compare '%s': %s", path, strerror(-err));
	return err ? 1 : 0;
}

static int case_fill(struct diff_row *c, sqlite3_stmt *rows)
{
	c->mechanism = text_of(rows, 0);
	c->role = text_of(rows, 1);
	c->syscall = text_of(rows, 2);
	c->size = sqlite3_column_int64(rows, 3);
	c->sums.count = count_of(rows, 5);
	c->sums.bytes = count_of(rows, 6);
	c->sums.first_ns = 0;
	c->sums.last_ns = known_of(rows, 7);
	return c->mechanism && c->role && c->syscall ? 0 : -ENOMEM;
}

/* The run that a round is, made if need be: rounds come in order. Negative: there are too many. */
static int round_run(struct diff_input *input, int first, const struct diff_run *run,
		     sqlite3_int64 round)
{
	if (round < 1 || round > DIFF_RUNS_MAX || first + round > 2 * DIFF_RUNS_MAX)
		return -1;
	while (input->run_count < first + round) {
		input->runs[input->run_count] = *run;
		if (input->run_count++ > first)
			input->runs[input->run_count - 1].db = NULL;
	}
	return first + (int)round - 1;
}

static int case_add(struct diff_input *input, int run, sqlite3_stmt *rows)
{
	struct diff_rows *all = &input->cases;
	struct diff_row *row;
	int err = grow((void **)&all->rows, all->used, &all->room, sizeof(*all->rows));

	if (err)
		return err;
	row = &all->rows[all->used++];
	*row = (struct diff_row){.run = run};
	err = case_fill(row, rows);
	return err ? err : hist_read(input, &row->sums.hist, rows, 8);
}

int diff_input_add_bench(struct diff_input *input, const char *path, sqlite3 *db, int side)
{
	const struct diff_totals unknown = {-1, -1, -1, -1, -1, -1, -1};
	struct diff_run run = {.path = path, .db = db, .side = side, .totals = unknown};
	sqlite3_stmt *rows = query_open(db, diff_rounds_sql);
	int first = input->run_count, more = 0, err = 0;

	input->benches = true;
	round_run(input, first, &run, 1); /* also of a bench without a round: it has to be closed */
	while (!err && (more = query_next(rows)) > 0) {
		int of = round_run(input, first, &run, sqlite3_column_int64(rows, 4));

		err = of < 0 ? 0 : case_add(input, of, rows);
	}
	sqlite3_finalize(rows);
	if (err)
		say_error("cannot compare '%s': %s", path, strerror(-err));
	return err || more < 0;
}

static void rows_free(struct diff_rows *all)
{
	for (size_t i = 0; i < all->used; i++) {
		struct diff_row *row = &all->rows[i];

		free(row->mechanism);
		free(row->kind);
		free(row->object);
		free(row->role);
		free(row->syscall);
		hist_clear(&row->sums.hist);
	}
	free(all->rows);
}

void diff_input_free(struct diff_input *input)
{
	for (size_t i = 0; i < input->process_count; i++) {
		free(input->processes[i].program);
		free(input->processes[i].path);
	}
	free(input->processes);
	rows_free(&input->edges);
	rows_free(&input->calls);
	rows_free(&input->cases);
	for (int i = 0; i < input->run_count; i++)
		sqlite3_close(input->runs[i].db);
	*input = (struct diff_input){0};
}

static int by_numbers(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int edge_order(const void *key, const void *element)
{
	const struct diff_row *one = key, *other = element;
	int order = by_numbers(one->run, other->run);

	if (!order)
		order = by_numbers(one->object_id, other->object_id);
	if (!order)
		order = by_numbers(one->sender_id, other->sender_id);
	return order ? order : by_numbers(one->receiver_id, other->receiver_id);
}

static int call_order(const void *key, const void *element)
{
	const struct diff_row *one = key, *other = element;
	int order = by_numbers(one->run, other->run);

	if (!order)
		order = strcmp(one->mechanism, other->mechanism);
	if (!order)
		order = strcmp(one->role, other->role);
	return order ? order : strcmp(one->syscall, other->syscall);
}

struct diff_row *diff_edge_find(const struct diff_input *input, int run, int64_t object_id,
				int64_t sender_id, int64_t receiver_id)
{
	struct diff_row key = {.run = run,
			       .object_id = object_id,
			       .sender_id = sender_id,
			       .receiver_id = receiver_id};

	return bsearch(&key, input->edges.rows, input->edges.used, sizeof(key), edge_order);
}

struct diff_row *diff_call_find(const struct diff_input *input, int run, const char *mechanism,
				const char *role, const char *syscall)
{
	struct diff_row key = {.run = run,
			       .mechanism = (char *)mechanism,
			       .role = (char *)role,
			       .syscall = (char *)syscall};

	return bsearch(&key, input->calls.rows, input->calls.used, sizeof(key), call_order);
}

static void add_to(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT64_MAX;
}

int diff_sums_add(struct diff_sums *to, const struct diff_sums *from)
{
	add_to(&to->count, from->count);
	add_to(&to->bytes, from->bytes);
	add_to(&to->errors, from->errors);
	add_to(&to->exact, from->exact);
	add_to(&to->inferred, from->inferred);
	add_to(&to->ambiguous, from->ambiguous);
	for (int i = 0; i < DIFF_PARTS; i++)
		add_to(&to->part_ns[i], from->part_ns[i]);
	to->has_parts |= from->has_parts;
	if (from->first_ns >= 0 && (to->first_ns < 0 || from->first_ns < to->first_ns))
		to->first_ns = from->first_ns;
	if (from->last_ns > to->last_ns)
		to->last_ns = from->last_ns;
	return hist_merge(&to->hist, &from->hist) == -ENOMEM ? -ENOMEM : 0;
}
