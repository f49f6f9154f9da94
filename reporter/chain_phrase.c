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
} kinds[] = {
	[CHAIN_RAN] = {"ran", "", ""},
	[CHAIN_RUNQ] = {"was ready and waited for a CPU", "", ""},
	[CHAIN_LOCKED] = {"slept", "", " for a lock, memory or a disk"},
	[CHAIN_AWAY] = {"was asleep or preempted outside of recorded calls", "", ""},
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

/* `before` and the text behind it, or nothing. */
#define WITH(before, text) (text) ? (before) : "", (text) ? (text) : ""

static char *phrase(unsigned kind, const struct chain_words *words)
{
	const char *verb = kinds[kind].verb, *whom = *kinds[kind].to ? words->whom : NULL;
	char *text = NULL;
	int made;

	if (kind == CHAIN_FOLLOWED && !words->call)
		verb = "was not started yet";
	made = asprintf(&text, "%s%s%s%s%s%s%s%s%s%s", verb,
			WITH(strchr(verb, ' ') ? ", " : " ", words->amount),
			WITH(" in ", words->call), WITH(" on ", words->object),
			WITH(words->call ? kinds[kind].to : " by ", whom), kinds[kind].end);
	return made < 0 ? NULL : text;
}

char *chain_phrase(unsigned kind, const struct chain_words *words, int columns)
{
	char *text = phrase(kind, words), *cut = NULL;
	int over = text ? escape_columns(text) - columns : 0, room;
	struct chain_words shorter = *words;

	if (over <= 0)
		return text;
	room = words->object ? escape_columns(words->object) - over : 0;
	if (words->object)
		cut = escape_cut(words->object, room < OBJECT_MIN ? OBJECT_MIN : room,
				 ESCAPE_CUT_MIDDLE);
	if (cut) {
		free(text);
		shorter.object = cut;
		text = phrase(kind, &shorter);
		free(cut);
	}
	cut = text ? escape_cut(text, columns < 1 ? 1 : columns, ESCAPE_CUT_END) : NULL;
	free(text);
	return cut;
}
