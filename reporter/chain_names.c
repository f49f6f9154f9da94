// SPDX-License-Identifier: BSD-2-Clause
/*
 * What threads and objects are called, looked up one at a time: few of a trace's are ever shown.
 */
#include "chain_names.h"
#include "cells.h"
#include "escape.h"
#include "query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *chain_name_process(const struct chain_file *file, uint32_t thread)
{
	const struct chain_who *who = &file->who[thread];
	char *comm = escape_text(who->comm ? who->comm : "?", who->comm ? strlen(who->comm) : 1);
	char *name = NULL;

	if (!comm || asprintf(&name, "%s[%lld]", comm, (long long)who->pid) < 0)
		name = NULL;
	free(comm);
	return name;
}

char *chain_name_thread(const struct chain_file *file, uint32_t thread)
{
	const struct chain_who *who = &file->who[thread];
	char *process = chain_name_process(file, thread), *name = NULL;

	if (!process || who->tid == who->pid)
		return process;
	if (asprintf(&name, "%s thread %lld", process, (long long)who->tid) < 0)
		name = NULL;
	free(process);
	return name;
}

/* A row of mechanism, name and object_id. */
static bool object_seek(const struct chain_file *file, uint32_t object)
{
	sqlite3_reset(file->objects);
	query_bind(file->objects, ":object_id", object);
	return query_next(file->objects) > 0;
}

char *chain_name_object(const struct chain_file *file, uint32_t object)
{
	return object_seek(file, object) ? cell_object(file->objects, 0) : strdup("?");
}

const char *chain_mechanism(const struct chain_file *file, uint32_t object)
{
	const char *name = NULL;

	if (object_seek(file, object))
		name = (const char *)sqlite3_column_text(file->objects, 0);
	return name ? name : "";
}

char *chain_name_outside(const struct chain_file *file, uint32_t tid)
{
	char *comm = NULL, *name = NULL;
	int made;

	sqlite3_reset(file->outside);
	query_bind(file->outside, ":pid", tid);
	if (query_next(file->outside) > 0)
		comm = cell_text(file->outside, 0);
	if (comm)
		made = asprintf(&name, "%s[%u]", comm, tid);
	else
		made = asprintf(&name, "thread %u", tid);
	free(comm);
	return made < 0 ? NULL : name;
}
