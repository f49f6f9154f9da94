// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whose the time of a span was.
 */
#include "chain_shares.h"
#include "chain_names.h"
#include "escape.h"
#include "table.h"
#include "text.h"
#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 10

/* What a process's time was spent on; columns of the table. */
enum spent { RAN, RUNQ, WAITED, ASLEEP, UNSEEN, SPENT };

static const enum spent spent_on[] = {
	[CHAIN_RAN] = RAN,        [CHAIN_RUNQ] = RUNQ,      [CHAIN_LOCKED] = ASLEEP,
	[CHAIN_AWAY] = ASLEEP,    [CHAIN_UNSEEN] = UNSEEN,  [CHAIN_UNBORN] = UNSEEN,
	[CHAIN_ON_WAY] = WAITED,  [CHAIN_TIMEOUT] = WAITED, [CHAIN_KERNEL] = WAITED,
	[CHAIN_OUTSIDE] = WAITED, [CHAIN_NEVER] = WAITED,   [CHAIN_UNKNOWN] = WAITED,
	[CHAIN_CIRCLE] = WAITED,
};

static const struct column columns[] = {
	{"process", COLUMN_CUT_MIDDLE},
	{"time", COLUMN_RIGHT},
	{"share", COLUMN_RIGHT},
	{"ran", COLUMN_RIGHT},
	{"for a CPU", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"for others", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"off CPU", COLUMN_RIGHT | COLUMN_IF_ANY},
	{"not seen", COLUMN_RIGHT | COLUMN_IF_ANY},
};

struct share {
	uint32_t thread; /* one of its process */
	int64_t process_id;
	const char *comm;
	int64_t processes; /* that are together here */
	int64_t all_ns, ns[SPENT];
};

static int by_process(const void *a, const void *b)
{
	const struct share *one = a, *other = b;

	return (one->process_id > other->process_id) - (one->process_id < other->process_id);
}

static int by_comm(const void *a, const void *b)
{
	const struct share *one = a, *other = b;

	return strcmp(one->comm, other->comm) ?: by_process(a, b);
}

static int by_time(const void *a, const void *b)
{
	const struct share *one = a, *other = b;

	if (one->all_ns != other->all_ns)
		return one->all_ns < other->all_ns ? 1 : -1;
	return by_process(a, b);
}

/* Sort the shares and put those together that `same` says are of one; returns how many are left. */
static size_t merge(struct share *shares, size_t count, int (*order)(const void *, const void *),
		    bool (*same)(const struct share *, const struct share *))
{
	size_t kept = 0;

	qsort(shares, count, sizeof(*shares), order);
	for (size_t i = 0; i < count; i++) {
		struct share *last = kept ? &shares[kept - 1] : NULL;

		if (!last || !same(last, &shares[i])) {
			shares[kept++] = shares[i];
			continue;
		}
		last->processes += last->process_id != shares[i].process_id;
		last->all_ns += shares[i].all_ns;
		for (int k = 0; k < SPENT; k++)
			last->ns[k] += shares[i].ns[k];
	}
	return kept;
}

static bool same_process(const struct share *a, const struct share *b)
{
	return a->process_id == b->process_id;
}

static bool same_comm(const struct share *a, const struct share *b)
{
	return !strcmp(a->comm, b->comm);
}

/* One for each node whose time is its own. */
static size_t shares_fill(struct share *shares, const struct chain_file *file,
			  const struct chain_tree *tree)
{
	size_t count = 0;

	for (uint32_t i = 0; i < tree->count; i++) {
		const struct chain_node *node = &tree->nodes[i];
		const struct chain_who *who = &file->who[node->thread];
		struct share *share;

		if (node->kind == CHAIN_FOLLOWED)
			continue;
		share = &shares[count++];
		*share = (struct share){
			.thread = node->thread,
			.process_id = who->process_id,
			.comm = who->comm ? who->comm : "?",
			.processes = 1,
			.all_ns = node->time_ns,
		};
		share->ns[spent_on[node->kind]] = node->time_ns;
	}
	return count;
}

static void put_ns(struct table *table, int64_t ns)
{
	char buf[IPCT_UNIT_LEN];

	table_cell(table, ns ? STYLE_PLAIN : STYLE_DIM, ns ? unit_ns(buf, ns) : "-");
}

static void share_put(struct table *table, const struct chain_file *file, const struct share *share,
		      int64_t span_ns)
{
	char buf[IPCT_UNIT_LEN], *name;

	if (share->processes < 2) {
		name = chain_name_process(file, share->thread);
		table_cell(table, STYLE_PLAIN, name ? name : "");
	} else {
		name = escape_text(share->comm, strlen(share->comm));
		table_cellf(table, STYLE_PLAIN, "%s ×%s", name ? name : "",
			    unit_count(buf, share->processes));
	}
	free(name);
	put_ns(table, share->all_ns);
	table_cell(table, STYLE_PLAIN, unit_share(buf, share->all_ns, span_ns));
	for (int k = 0; k < SPENT; k++)
		put_ns(table, share->ns[k]);
}

int chain_shares_write(const struct chain_file *file, const struct chain_tree *tree,
		       const struct terminal *term)
{
	struct share *shares = calloc(tree->count, sizeof(*shares));
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	size_t count, rows;
	int err = -ENOMEM;

	if (!shares)
		goto out;
	count = merge(shares, shares_fill(shares, file, tree), by_process, same_process);
	if (count > ROWS)
		count = merge(shares, count, by_comm, same_comm);
	qsort(shares, count, sizeof(*shares), by_time);
	rows = count < ROWS ? count : ROWS;
	for (size_t i = 0; i < rows; i++)
		share_put(table, file, &shares[i], tree->nodes[0].time_ns);
	text_heading(term, "WHOSE TIME IT WAS", "each moment of the span once");
	err = table_print(table, term);
out:
	table_free(table);
	free(shares);
	return err;
}
