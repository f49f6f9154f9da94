/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What SQL alone cannot say: functions for the reports' queries. They read no file and are
 * registered for one connection.
 *
 *	ipct_family(mechanism)   its family in mechanisms.def; 'other' for a name that is not there
 *	ipct_kind(mechanism)     the kind of its edges; 'data' likewise
 *	ipct_end(mechanism)      how its objects end: 'closed', 'removed' or NULL; 'closed' likewise
 *	ipct_keeps(mechanism)    1: bytes that were sent stay in the object until they are received
 *	ipct_hist(ns)            aggregate: the histogram of durations, negative ones as 0; NULL if
 *	                         there is none
 *	ipct_hist_sum(hist)      aggregate: the sum of histograms, as one; NULL if there is none.
 *	                         One that cannot be read counts as none
 *	ipct_hist_at(hist, q)    the quantile q (0..1) of a histogram, in nanoseconds; or NULL
 *	ipct_hist_bins(hist)     a histogram in the bins of bins.h, as a JSON array: for each bin in
 *use its distance from the one before and its count; or NULL
 */
#ifndef IPCT_FUNCTIONS_H
#define IPCT_FUNCTIONS_H

#include <sqlite3.h>

/* 0, or 1 after an error message. */
int functions_add(sqlite3 *db);

#endif
