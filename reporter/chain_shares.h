/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose the time of a span was: each piece belongs to one process.
 */
#ifndef IPCT_CHAIN_SHARES_H
#define IPCT_CHAIN_SHARES_H

#include "chain_read.h"
#include "chain_tree.h"
#include "terminal.h"

/*
 * Print it as a table: a row for each process, or for each name where they are too many. 0 or
 * -ENOMEM.
 */
int chain_shares_write(const struct chain_file *file, const struct chain_tree *tree,
		       const struct terminal *term);

#endif
