// SPDX-License-Identifier: BSD-2-Clause
/*
 * A chain as one JSON object: the sums, each node as it is, and the pieces if they are wanted.
 */
#include "chain.h"
#include "chain_tree.h"
#include "json_put.h"
#include "query.h"
#include "schemas/say.h"

#include <string.h>

static const char *const kinds[] = {
	[CHAIN_RAN] = "ran",
	[CHAIN_RUNQ] = "run_queue",
	[CHAIN_LOCKED] = "locked",
	[CHAIN_AWAY] = "away",
	[CHAIN_UNSEEN] = "not_recorded",
	[CHAIN_UNBORN] = "not_started",
	[CHAIN_ON_WAY] = "delivery",
	[CHAIN_TIMEOUT] = "timeout",
	[CHAIN_KERNEL] = "kernel",
	[CHAIN_OUTSIDE] = "untraced",
	[CHAIN_NEVER] = "not_ended",
	[CHAIN_UNKNOWN] = "unknown",
	[CHAIN_CIRCLE] = "circle",
	[CHAIN_FOLLOWED] = "waited",
};

struct json {
	const struct chain_file *file;
	FILE *out;
	struct chain_tree tree;
	int depth, pieces;
};

static void put_thread(const struct json *j, uint32_t thread)
{
	const struct chain_who *who = &j->file->who[thread];

	fprintf(j->out, "{\"process_id\": %lld, \"pid\": %lld, \"tid\": %lld",
		(long long)who->process_id, (long long)who->pid, (long long)who->tid);
	json_put_text(j->out, "comm", who->comm);
	fputc('}', j->out);
}

/* Call and object of a wait. */
static void put_call(const struct json *j, uint16_t call, uint32_t object)
{
	sqlite3_stmt *row = j->file->objects;
	bool known;

	json_put_text(j->out, "call", j->file->calls[call]);
	sqlite3_reset(row);
	query_bind(row, ":object_id", object);
	known = query_next(row) > 0;
	json_put_text(j->out, "mechanism",
		      known ? (const char *)sqlite3_column_text(row, 0) : NULL);
	json_put_text(j->out, "object", known ? (const char *)sqlite3_column_text(row, 1) : NULL);
	fprintf(j->out, ", \"object_id\": %u", object);
}

static void put_node(const struct json *j, uint32_t index);

static void put_below(const struct json *j, uint32_t index)
{
	const struct chain_tree *tree = &j->tree;
	uint32_t node = tree->nodes[index].child;

	fputs(", \"parts\": [", j->out);
	for (; node != CHAIN_NONE; node = tree->nodes[node].brother) {
		fputc('\n', j->out);
		put_node(j, node);
		fputs(tree->nodes[node].brother == CHAIN_NONE ? "" : ",", j->out);
	}
	fputc(']', j->out);
}

static void put_node(const struct json *j, uint32_t index)
{
	const struct chain_node *node = &j->tree.nodes[index];

	fprintf(j->out, "{\"kind\": \"%s\", \"time_ns\": %lld, \"count\": %lld", kinds[node->kind],
		(long long)node->time_ns, (long long)node->count);
	if (node->in_call)
		put_call(j, node->call, node->object);
	if (node->kind == CHAIN_OUTSIDE)
		fprintf(j->out, ", \"for_tid\": %u", node->waker_tid);
	if (node->kind == CHAIN_FOLLOWED) {
		fputs(", \"for\": ", j->out);
		put_thread(j, node->thread);
		put_below(j, index);
	}
	fputc('}', j->out);
}

static int take_enter(void *arg, const struct chain_op *op, uint32_t thread)
{
	struct json *j = arg;

	j->depth++;
	return 0;
}

static void take_leave(void *arg)
{
	struct json *j = arg;

	j->depth--;
}

static int take_piece(void *arg, const struct chain_piece *piece)
{
	struct json *j = arg;

	fprintf(j->out,
		"%s\n{\"from_ns\": %lld, \"to_ns\": %lld, \"depth\": %d, \"kind\": \"%s\", ",
		j->pieces++ ? "," : "", (long long)piece->from_ns, (long long)piece->to_ns,
		j->depth, kinds[piece->kind]);
	fputs("\"thread\": ", j->out);
	put_thread(j, piece->thread);
	if (piece->op)
		put_call(j, piece->op->call, piece->op->object);
	fputc('}', j->out);
	return 0;
}

static int put_pieces(struct json *j, const struct chain_question *question)
{
	struct chain_sink sink = {
		.enter = take_enter,
		.leave = take_leave,
		.piece = take_piece,
		.arg = j,
	};
	int err;

	fputs(",\n\"pieces\": [", j->out);
	err = chain_walk(&j->file->chain, question->thread, question->from_ns, question->to_ns,
			 &sink);
	fputs("\n]", j->out);
	return err;
}

int chain_json_write(const struct chain_file *file, const struct chain_question *question,
		     bool pieces, FILE *out)
{
	struct json j = {.file = file, .out = out};
	int err = chain_tree_make(&j.tree, &file->chain, question->thread, question->from_ns,
				  question->to_ns);

	if (!err) {
		fputs("{\n\"thread\": ", out);
		put_thread(&j, question->thread);
		fprintf(out, ",\n\"from_ns\": %lld,\n\"to_ns\": %lld,\n\"time_ns\": %lld",
			(long long)question->from_ns, (long long)question->to_ns,
			(long long)j.tree.nodes[0].time_ns);
		put_below(&j, 0);
		err = pieces ? put_pieces(&j, question) : 0;
		fputs("\n}\n", out);
	}
	if (err)
		say_error("cannot follow the chain: out of memory");
	chain_tree_free(&j.tree);
	return err ? 1 : 0;
}
