/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The outputs of `ipctrace chain`. Each returns 0, or 1 after an error message.
 */
#ifndef IPCT_CHAIN_H
#define IPCT_CHAIN_H

#include "chain_read.h"
#include "terminal.h"

/* What was asked for. */
struct chain_question {
	uint32_t thread;
	int64_t from_ns, to_ns;
	const char *why; /* that thread; NULL: the user named it */
	size_t top;      /* branches to show below each hop */
};

/* The sums, as a tree. chain_text.c */
int chain_text_write(const struct chain_file *file, const struct chain_question *question,
		     sqlite3 *db, const struct terminal *term);

/* Every piece, in the order of time, a line for each. chain_list.c */
int chain_list_write(const struct chain_file *file, const struct chain_question *question,
		     const struct terminal *term);

/* The sums as one JSON object, and with `pieces` every piece. chain_json.c */
int chain_json_write(const struct chain_file *file, const struct chain_question *question,
		     bool pieces, FILE *out);

/* What a phrase is made of, safe for a terminal. NULL: it is left out. */
struct chain_words {
	const char *call, *object; /* both or none */
	const char *whom;          /* who was waited for */
	const char *amount;        /* how long */
};

/*
 * What a thread did, in words that stand behind its name: "waited 12 ms in read on pipe:[4711] for
 * gzip[4712]". The object's name is cut if the text would take more than `columns` else. Caller
 * frees; NULL if memory is out.
 */
char *chain_phrase(unsigned kind, const struct chain_words *words, int columns);

#endif
