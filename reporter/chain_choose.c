// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which thread to follow, and over which span.
 */
#include "chain_choose.h"
#include "chain_names.h"
#include "query.h"
#include "units.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORTH 10 /* a main thread that waited for one part in so many of its life is followed */

extern const char chain_message_sql[];

/* The whole text as a number above or equal to 0, or -1. */
static int64_t number_of(const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	return end == text || *end || errno || value < 0 ? -1 : value;
}

static bool is_meant(const struct chain_who *who, const struct chain_choice *choice)
{
	const char *process = choice->process;

	if (choice->tid >= 0 && who->tid != choice->tid)
		return false;
	if (!process)
		return true;
	if (*process == '#')
		return who->process_id == number_of(process + 1);
	return (number_of(process) >= 0 && who->pid == number_of(process)) ||
	       (who->comm && !strcmp(who->comm, process));
}

/* Of the threads that can be meant, the one that waited most, or else the first; or CHAIN_NONE. */
static uint32_t longest_waiter(const struct chain_file *file, const struct chain_choice *choice)
{
	uint32_t best = CHAIN_NONE;

	for (uint32_t i = 0; i < file->chain.thread_count; i++)
		if (is_meant(&file->who[i], choice) &&
		    (best == CHAIN_NONE || file->who[i].waiting_ns > file->who[best].waiting_ns))
			best = i;
	return best;
}

/* How many processes the threads are of that can be meant. */
static int64_t processes_meant(const struct chain_file *file, const struct chain_choice *choice)
{
	int64_t count = 0, last = -1;

	for (uint32_t i = 0; i < file->chain.thread_count; i++) {
		if (!is_meant(&file->who[i], choice) || file->who[i].process_id == last)
			continue;
		count++;
		last = file->who[i].process_id;
	}
	return count;
}

/* When the thread lived, as far as that is known. */
static void life_of(const struct chain_file *file, uint32_t thread, int64_t *from_ns,
		    int64_t *to_ns)
{
	const struct chain_thread *t = &file->chain.threads[thread];
	int64_t exit_ns = file->who[thread].exit_ns;

	*from_ns = t->main ? t->start_ns : t->first_ns;
	*to_ns = t->main ? file->end_ns : t->last_ns;
	if (*to_ns > exit_ns)
		*to_ns = exit_ns;
}

static bool is_worth(const struct chain_file *file, uint32_t thread)
{
	int64_t from_ns, to_ns;

	if (thread == CHAIN_NONE || !file->who[thread].waiting_ns)
		return false;
	life_of(file, thread, &from_ns, &to_ns);
	return file->who[thread].waiting_ns >= (to_ns - from_ns) / WORTH;
}

/* The main thread of the first process, which is the program that was recorded. */
static uint32_t recorded_program(const struct chain_file *file)
{
	return file->chain.thread_count
		       ? chain_find(file, file->who[0].process_id, file->who[0].pid)
		       : CHAIN_NONE;
}

static void thread_choose(const struct chain_file *file, const struct chain_choice *choice,
			  struct chain_question *question)
{
	uint32_t longest = longest_waiter(file, choice), main;

	question->thread = longest;
	question->why = NULL;
	if (longest == CHAIN_NONE || choice->tid >= 0)
		return;
	main = choice->process
		       ? chain_find(file, file->who[longest].process_id, file->who[longest].pid)
		       : recorded_program(file);
	if (is_worth(file, main))
		question->thread = main;
	if (choice->process && processes_meant(file, choice) > 1)
		question->why = "of several processes that can be meant, the one that waited most";
	else if (!choice->process && question->thread == main)
		question->why = "the program that was recorded";
	else if (!choice->process)
		question->why = "the thread that waited most in recorded calls";
}

static void say_no_thread(const struct chain_choice *choice)
{
	if (choice->tid >= 0 && choice->process)
		say_error("process '%s' has no thread %lld that made a recorded call",
			  choice->process, (long long)choice->tid);
	else if (choice->tid >= 0)
		say_error("no thread %lld made a recorded call", (long long)choice->tid);
	else if (choice->process)
		say_error("no process '%s' made a recorded call", choice->process);
	else
		say_error("there is no recorded call to follow");
	if (choice->process || choice->tid >= 0)
		say_hint("ipctrace report --csv processes lists the processes");
}

static void say_no_span(const struct chain_file *file, uint32_t thread, int64_t from_ns,
			int64_t to_ns)
{
	char *name = chain_name_thread(file, thread);
	char from[IPCT_UNIT_LEN], to[IPCT_UNIT_LEN];

	say_error("%s has no time there: it is recorded from %s to %s", name ? name : "?",
		  unit_ns(from, from_ns), unit_ns(to, to_ns));
	free(name);
}

int chain_choose(const struct chain_file *file, const struct chain_choice *choice,
		 struct chain_question *question)
{
	int64_t from_ns, to_ns;

	thread_choose(file, choice, question);
	if (question->thread == CHAIN_NONE) {
		say_no_thread(choice);
		return 1;
	}
	life_of(file, question->thread, &from_ns, &to_ns);
	question->from_ns = choice->from_ns > from_ns ? choice->from_ns : from_ns;
	question->to_ns = choice->to_ns >= 0 && choice->to_ns < to_ns ? choice->to_ns : to_ns;
	if (question->from_ns < question->to_ns)
		return 0;
	say_no_span(file, question->thread, from_ns, to_ns);
	return 1;
}

int chain_choose_message(const struct chain_file *file, sqlite3 *db, int64_t message_id,
			 struct chain_question *question)
{
	sqlite3_stmt *rows = query_open(db, chain_message_sql);
	int more;

	question->thread = CHAIN_NONE;
	query_bind(rows, ":message_id", message_id);
	more = query_next(rows);
	if (more > 0) {
		question->from_ns = sqlite3_column_int64(rows, 0);
		question->to_ns = sqlite3_column_int64(rows, 1);
		question->thread = chain_find(file, sqlite3_column_int64(rows, 2),
					      sqlite3_column_int64(rows, 3));
	}
	sqlite3_finalize(rows);
	if (more < 0)
		return 1;
	if (!more)
		say_error("there is no message %lld", (long long)message_id);
	else if (question->thread == CHAIN_NONE)
		say_error("message %lld was received by no recorded call", (long long)message_id);
	else if (question->from_ns < 0 || question->from_ns >= question->to_ns ||
		 question->to_ns > CHAIN_TIME_MAX)
		say_error("message %lld was not on its way for any time", (long long)message_id);
	else
		return 0;
	return 1;
}
