/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words as a shell would take them.
 */
#ifndef IPCT_QUOTE_H
#define IPCT_QUOTE_H

#include <stdio.h>

/* Write `word` to `out`, in quotes where a shell needs them. */
void word_quote(FILE *out, const char *word);

#endif
