// SPDX-License-Identifier: BSD-2-Clause
#include "reporter/heat.h"
#include "reporter/query.h"

#include <errno.h>
#include <math.h>

extern const char heat_span_sql[];

static int bin_of(double value, int bins)
{
	return value < 0 ? 0 : value >= bins ? bins - 1 : (int)value;
}

/* The row's least transit; a hair's breadth puts powers of ten where they belong. */
static int row_of(int64_t transit_ns)
{
	if (transit_ns < 1)
		return 0;
	return bin_of(floor(log10((double)transit_ns) * IPCT_HEAT_ROWS_DECADE + 1e-9),
		      IPCT_HEAT_ROWS);
}

static int column_of(const struct heat_span *span, int64_t sent_ns)
{
	double whole = (double)span->last_ns - (double)span->first_ns;
	double place = whole > 0 ? ((double)sent_ns - (double)span->first_ns) / whole : 0;

	return bin_of(place * IPCT_HEAT_COLUMNS, IPCT_HEAT_COLUMNS);
}

int heat_span_read(sqlite3 *db, struct heat_span *span)
{
	sqlite3_stmt *stmt = query_open(db, heat_span_sql);
	int more = query_next(stmt);

	span->first_ns = more > 0 ? sqlite3_column_int64(stmt, 0) : 0;
	span->last_ns = more > 0 ? sqlite3_column_int64(stmt, 1) : 0;
	sqlite3_finalize(stmt);
	return more < 0 ? -EIO : 0;
}

/* An ambiguous pairing can have received before it sent. */
void heat_add(struct heat *heat, const struct heat_span *span, int64_t sent_ns, int64_t transit_ns)
{
	heat->cells[column_of(span, sent_ns)][row_of(transit_ns)]++;
	heat->messages++;
}

double heat_column_ns(const struct heat_span *span)
{
	return ((double)span->last_ns - (double)span->first_ns) / IPCT_HEAT_COLUMNS;
}
