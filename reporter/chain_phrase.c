// SPDX-License-Identifier: BSD-2-Clause
/*
 * The words for each kind of time. None claims more than was recorded: what a thread did outside of
 * recorded calls, for instance, can be sleep in a call that is no IPC, or on a private futex.
 */
#include "chain.h"
#include "chain_tree.h"
#include "escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECT_MIN 12 /* an object's name is not cut below this */

/* What stands before call and object, before whom was waited for, and at the end. */
static const struct {
	const char *verb, *to, *end;
} words[] = {
	[CHAIN_RAN] = {"ran", "", ""},
	[CHAIN_RUNQ] = {"was ready and waited for a CPU", "", ""},
	[CHAIN_LOCKED] = {"slept", "", " for a lock, memory or a disk"},
	[CHAIN_AWAY] = {"was off the CPU outside of recorded calls", "", ""},
	[CHAIN_UNSEEN] = {"not recorded: before its first or after its last call", "", ""},
	[CHAIN_UNBORN] = {"was not started yet", "", ""},
	[CHAIN_ON_WAY] = {"waited", "", " for the kernel to deliver"},
	[CHAIN_TIMEOUT] = {"waited", "", " for a time-out"},
	[CHAIN_KERNEL] = {"waited", "", " for a timer, device or network"},
	[CHAIN_OUTSIDE] = {"waited", " for ", " (not traced)"},
	[CHAIN_NEVER] = {"waited", "", ": nothing came before the end"},
	[CHAIN_UNKNOWN] = {"waited", "", ": who ended that is not known"},
	[CHAIN_CIRCLE] = {"waited", "", " for a thread that waited for it"},
	[CHAIN_FOLLOWED] = {"waited", " for ", ""},
};

static char *phrase(unsigned kind, const char *call, const char *object, const char *whom)
{
	char *text = NULL;
	int made;

	if (call)
		made = asprintf(&text, "%s in %s on %s%s%s%s", words[kind].verb, call, object,
				words[kind].to, *words[kind].to ? whom : "", words[kind].end);
	else if (kind == CHAIN_FOLLOWED)
		made = asprintf(&text, "was not started yet by %s", whom);
	else
		made = asprintf(&text, "%s%s", words[kind].verb, words[kind].end);
	return made < 0 ? NULL : text;
}

char *chain_phrase(unsigned kind, const char *call, const char *object, const char *whom,
		   int columns)
{
	char *text = phrase(kind, call, object, whom), *cut = NULL;
	int over = text ? escape_columns(text) - columns : 0, room;

	if (over <= 0)
		return text;
	room = call ? escape_columns(object) - over : 0;
	if (call)
		cut = escape_cut(object, room < OBJECT_MIN ? OBJECT_MIN : room, ESCAPE_CUT_MIDDLE);
	if (cut) {
		free(text);
		text = phrase(kind, call, cut, whom);
		free(cut);
	}
	cut = text ? escape_cut(text, columns < 1 ? 1 : columns, ESCAPE_CUT_END) : NULL;
	free(text);
	return cut;
}
