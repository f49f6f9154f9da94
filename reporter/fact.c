// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading `meta` for people.
 */
#include "fact.h"
#include "escape.h"
#include "schemas/trace_db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *fact(sqlite3 *db, const char *key)
{
	char *value = trace_db_meta(db, key);
	char *safe = value && *value ? escape_text(value, strlen(value)) : NULL;

	free(value);
	return safe;
}

bool fact_whole(const char *fact, int64_t *value)
{
	char *end;

	if (!fact)
		return false;
	errno = 0;
	*value = strtoll(fact, &end, 10);
	return end != fact && !*end && !errno;
}

bool fact_number(sqlite3 *db, const char *key, int64_t *value)
{
	char *text = fact(db, key);
	bool got = fact_whole(text, value);

	free(text);
	return got;
}
