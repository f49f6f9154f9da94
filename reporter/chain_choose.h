/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which thread to follow, and over which span: what the user said, or what is most likely meant.
 */
#ifndef IPCT_CHAIN_CHOOSE_H
#define IPCT_CHAIN_CHOOSE_H

#include "chain.h"

struct chain_choice {
	const char *process;    /* a pid, a name, or # and a process_id; NULL: any */
	int64_t tid;            /* negative: any */
	int64_t from_ns, to_ns; /* negative: from the beginning, to the end of its life */
};

/* Fill the question's thread, span and reason. 0, or 1 after an error message. */
int chain_choose(const struct chain_file *file, const struct chain_choice *choice,
		 struct chain_question *question);

/* The receiver of a message, while that was on its way. 0, or 1 after an error message. */
int chain_choose_message(const struct chain_file *file, sqlite3 *db, int64_t message_id,
			 struct chain_question *question);

#endif
