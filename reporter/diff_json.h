/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A comparison as JSON, for --json and for the page.
 */
#ifndef IPCT_DIFF_JSON_H
#define IPCT_DIFF_JSON_H

#include "diff.h"

/* Write it, with the histograms of both sides if they are wanted. */
void diff_json_put(const struct diff *diff, bool hists, FILE *out);

#endif
