/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers for what many rows have in common: of ops who called what on which object, of messages
 * the object and the ends. A large table then has the number, and a small one what it stands for.
 *
 * Memory is bounded: only the kinds met lately are remembered. One that is met again after that
 * gets a second number, which is as good.
 */
#ifndef IPCT_KINDS_H
#define IPCT_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#define KIND_WORDS_MAX 10

struct kinds;

/* Of kinds with `words` integers each, KIND_WORDS_MAX at most. NULL: no memory. */
struct kinds *kinds_new(int words);

/* The number of the kind, from 1; *is_new: it has just got it. */
int64_t kinds_number(struct kinds *k, const int64_t *kind, bool *is_new);

void kinds_free(struct kinds *k);

#endif
