/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The heat map: messages counted by when they were sent and by how long they took, for the plot and
 * for the page.
 */
#ifndef IPCT_HEAT_H
#define IPCT_HEAT_H

#include <sqlite3.h>
#include <stdint.h>

#define IPCT_HEAT_COLUMNS     100 /* spans of time of the same length */
#define IPCT_HEAT_ROWS        200 /* bins of the transit: 2^63 ns is less than 10^20 */
#define IPCT_HEAT_ROWS_DECADE 10

/* The time that a heat map shows: from the first send to the last receive. */
struct heat_span {
	int64_t first_ns, last_ns; /* from the start of the recording */
};

/* One that is zeroed is empty. */
struct heat {
	int64_t messages;
	int64_t cells[IPCT_HEAT_COLUMNS][IPCT_HEAT_ROWS];
};

/*
 * The span of all messages with a known transit; zeros if there are none. 0, or -EIO after an error
 * message.
 */
int heat_span_read(sqlite3 *db, struct heat_span *span);

/* Count a message that was sent at `sent_ns`. A transit below zero counts as none. */
void heat_add(struct heat *heat, const struct heat_span *span, int64_t sent_ns, int64_t transit_ns);

/* How wide a column is, in nanoseconds. */
double heat_column_ns(const struct heat_span *span);

#endif
