/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A comparison as JSON, for --json and for the page.
 */
#ifndef IPCT_DIFF_JSON_H
#define IPCT_DIFF_JSON_H

#include "diff.h"

/* Write it, with the distributions of the first `curves` items. */
void diff_json_put(const struct diff *diff, size_t curves, FILE *out);

#endif
