// SPDX-License-Identifier: BSD-2-Clause
/*
 * The pieces of a span one by one, for spans short enough to read them. Pieces that follow each
 * other and say the same are one line.
 */
#include "chain.h"
#include "chain_names.h"
#include "chain_tree.h"
#include "escape.h"
#include "units.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS     25 /* columns of the numbers */
#define INDENTS_MAX 12 /* waits within waits from here on stand in one column */

struct list {
	const struct chain_file *file;
	const struct terminal *term;
	uint32_t stack[CHAIN_DEPTH + 1]; /* who waits, and last who is waited for */
	int depth;
	struct chain_piece piece; /* not yet printed; empty: none */
	int piece_depth;
};

/* Does it say of the time after `a` what `a` says? */
static bool goes_on(const struct list *list, const struct chain_piece *b)
{
	const struct chain_piece *a = &list->piece;
	bool same_call = a->op == b->op || b->kind == CHAIN_RAN || b->kind == CHAIN_RUNQ;

	return a->from_ns < a->to_ns && a->to_ns == b->from_ns &&
	       list->piece_depth == list->depth && a->thread == b->thread && a->kind == b->kind &&
	       same_call;
}

/* What a thread did in `op`, or in no recorded call if that is NULL. Caller frees. */
static char *phrase_of(const struct list *list, unsigned kind, const struct chain_op *op,
		       const char *whom, int columns)
{
	const char *call = op ? list->file->calls[op->call] : NULL;
	char *object = op ? chain_name_object(list->file, op->object) : NULL;
	char *safe = escape_text(call ? call : "?", call ? strlen(call) : 1);
	char *text = NULL;

	if (safe && (!op || object))
		text = chain_phrase(kind,
				    &(struct chain_words){op ? safe : NULL, object, whom, NULL},
				    columns);
	free(safe);
	free(object);
	return text;
}

static char *piece_phrase(const struct list *list, const struct chain_piece *piece, int columns)
{
	bool in_call = piece->kind != CHAIN_RAN && piece->kind != CHAIN_RUNQ;
	char *whom = NULL, *text;

	if (piece->kind == CHAIN_OUTSIDE)
		whom = chain_name_outside(list->file, piece->op->waker_tid);
	text = phrase_of(list, piece->kind, in_call ? piece->op : NULL, whom, columns);
	free(whom);
	return text;
}

static int indent_of(int depth)
{
	return 2 + 2 * (depth < INDENTS_MAX ? depth : INDENTS_MAX);
}

static int piece_put(const struct list *list, const struct chain_piece *piece, int depth)
{
	char *name = chain_name_thread(list->file, piece->thread), *phrase = NULL;
	int room = list->term->columns - NUMBERS - indent_of(depth) - 1;
	char time[IPCT_UNIT_LEN];

	if (name)
		phrase = piece_phrase(list, piece, room - escape_columns(name));
	if (phrase) {
		unit_ns(time, piece->to_ns - piece->from_ns);
		fprintf(list->term->out, "%7lld.%06lld%*s%s%*s%s ",
			(long long)piece->from_ns / 1000000, (long long)piece->from_ns % 1000000,
			11 - escape_columns(time), "", time, indent_of(depth), "", name);
		terminal_put(list->term, piece->kind == CHAIN_RAN ? STYLE_BOLD : STYLE_PLAIN,
			     phrase);
		fputc('\n', list->term->out);
	}
	free(name);
	free(phrase);
	return phrase ? 0 : -ENOMEM;
}

static int flush(struct list *list)
{
	int err = 0;

	if (list->piece.from_ns < list->piece.to_ns)
		err = piece_put(list, &list->piece, list->piece_depth);
	list->piece.to_ns = list->piece.from_ns;
	return err;
}

/* Who waited for whom, above what went on there meanwhile: it has no time of its own. */
static int hop_put(const struct list *list, const struct chain_op *op, uint32_t waker)
{
	char *name = chain_name_thread(list->file, list->stack[list->depth]);
	char *whom = chain_name_thread(list->file, waker), *phrase = NULL;
	int room = list->term->columns - NUMBERS - indent_of(list->depth) - 2;

	if (name && whom)
		phrase = phrase_of(list, CHAIN_FOLLOWED, op, whom, room - escape_columns(name));
	if (phrase) {
		fprintf(list->term->out, "%*s%s ", NUMBERS + indent_of(list->depth), "", name);
		terminal_put(list->term, STYLE_DIM, phrase);
		fputs(":\n", list->term->out);
	}
	free(phrase);
	free(whom);
	free(name);
	return phrase ? 0 : -ENOMEM;
}

static int take_enter(void *arg, const struct chain_op *op, uint32_t thread)
{
	struct list *list = arg;
	int err = flush(list) ?: hop_put(list, op, thread);

	list->stack[++list->depth] = thread;
	return err;
}

static void take_leave(void *arg)
{
	struct list *list = arg;

	list->depth--;
}

static int take_piece(void *arg, const struct chain_piece *piece)
{
	struct list *list = arg;
	int err;

	if (goes_on(list, piece)) {
		list->piece.to_ns = piece->to_ns;
		return 0;
	}
	err = flush(list);
	list->piece = *piece;
	list->piece_depth = list->depth;
	return err;
}

int chain_list_write(const struct chain_file *file, const struct chain_question *question,
		     const struct terminal *term)
{
	struct list list = {.file = file, .term = term, .stack = {question->thread}};
	struct chain_sink sink = {
		.enter = take_enter,
		.leave = take_leave,
		.piece = take_piece,
		.arg = &list,
	};
	int err;

	terminal_put(term, STYLE_DIM, "        at, ms       time\n");
	err = chain_walk(&file->chain, question->thread, question->from_ns, question->to_ns, &sink);
	err = err ?: flush(&list);
	if (err)
		say_error("cannot follow the chain: out of memory");
	return err ? 1 : 0;
}
