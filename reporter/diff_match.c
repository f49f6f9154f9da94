// SPDX-License-Identifier: BSD-2-Clause
/*
 * Matching by keys, level by level: at each, what is left is sorted by its key.
 */
#include "diff_match.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMM_LEN       15    /* the kernel cuts a comm here */
#define PORT_EPHEMERAL 32768 /* from here on the kernel chooses ports, if nobody said otherwise */

struct entry {
	struct diff_match *thing;
	const char *key;
};

static int by_key(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int order = strcmp(one->key, other->key);

	if (order)
		return order;
	if (one->thing->side != other->thing->side)
		return one->thing->side - other->thing->side;
	return one->thing < other->thing ? -1 : one->thing > other->thing;
}

/* How many entries from `at` on have the same key; the last level tells the sides apart as well. */
static size_t run_length(const struct entry *entries, size_t left, bool by_side)
{
	size_t n = 1;

	while (n < left && !strcmp(entries[n].key, entries[0].key) &&
	       (!by_side || entries[n].thing->side == entries[0].thing->side))
		n++;
	return n;
}

/*
 * One level: number the runs that are on both sides, or with `by_side` all. Returns how many
 * entries are left, which move to the front.
 */
static size_t match_level(struct entry *entries, size_t count, int level, bool by_side,
			  long *classes)
{
	size_t left = 0, n;

	for (size_t i = 0; i < count; i++)
		entries[i].key = entries[i].thing->key[level];
	qsort(entries, count, sizeof(*entries), by_key);
	for (size_t i = 0; i < count; i += n) {
		n = run_length(&entries[i], count - i, by_side);
		if (by_side || entries[i].thing->side != entries[i + n - 1].thing->side) {
			for (size_t j = i; j < i + n; j++) {
				entries[j].thing->class = (uint32_t)*classes;
				entries[j].thing->level = level;
			}
			++*classes;
		} else {
			memmove(&entries[left], &entries[i], n * sizeof(*entries));
			left += n;
		}
	}
	return left;
}

long diff_match(struct diff_match *things, size_t count, int levels)
{
	struct entry *entries = calloc(count + 1, sizeof(*entries));
	size_t left = count;
	long classes = 0;

	if (!entries)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		entries[i].thing = &things[i];
	for (int level = 0; level < levels; level++)
		left = match_level(entries, left, level, false, &classes);
	match_level(entries, left, 0, true, &classes);
	free(entries);
	return classes;
}

/* `name` without "[digits]". */
static char *without_brackets(const char *name)
{
	char *text = strdup(name), *out = text;

	while (text && *name) {
		size_t digits = *name == '[' ? strspn(name + 1, "0123456789") : 0;

		if (digits && name[digits + 1] == ']')
			name += digits + 2;
		else
			*out++ = *name++;
	}
	if (text)
		*out = 0;
	return text;
}

/* Cut a port that the kernel chose from the end of an address, in place. */
static void port_forget(char *address)
{
	char *colon = strrchr(address, ':');

	if (colon && isdigit((unsigned char)colon[1]) &&
	    !colon[1 + strspn(colon + 1, "0123456789")] &&
	    strtol(colon + 1, NULL, 10) >= PORT_EPHEMERAL)
		*colon = 0;
}

/* Of "client → server" the server, in place. */
static void keep_server(char *name)
{
	static const char arrow[] = " → ";
	char *server = strstr(name, arrow);

	if (!server)
		return;
	server += strlen(arrow);
	memmove(name, server, strlen(server) + 1);
}

static bool is_address(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon && colon > name && isdigit((unsigned char)colon[1]) &&
	       (isxdigit((unsigned char)*name) || *name == '[' || *name == ':' || *name == '*');
}

char *diff_object_name(const char *mechanism, const char *name)
{
	char *text = without_brackets(name ? name : "");
	size_t len = strlen(mechanism);

	if (!text)
		return NULL;
	keep_server(text);
	if (is_address(text))
		port_forget(text);
	if (!strncmp(text, mechanism, len) && (!text[len] || !strcmp(text + len, ":")))
		*text = 0;
	if (!strncmp(text, "id ", 3) && !text[3 + strspn(text + 3, "0123456789")])
		*text = 0;
	return text;
}

char *diff_without_digits(const char *name)
{
	char *text = strdup(name), *out = text;

	while (text && *name) {
		size_t digits = strspn(name, "0123456789");

		*out++ = digits ? '#' : *name;
		name += digits ? digits : 1;
	}
	if (text)
		*out = 0;
	return text;
}

char *diff_program(const char *comm, const char *exe)
{
	const char *base = exe ? strrchr(exe, '/') : NULL;

	if (comm && base && strlen(comm) == COMM_LEN && !strncmp(base + 1, comm, COMM_LEN))
		return strdup(base + 1);
	return strdup(comm && *comm ? comm : "?");
}
