// SPDX-License-Identifier: BSD-2-Clause
/*
 * The sums of a chain for a reader: in one sentence what the time depended on most, then every hop
 * with the share of the span that it makes, then whose time all of it was.
 */
#include "chain.h"
#include "chain_groups.h"
#include "chain_names.h"
#include "chain_shares.h"
#include "escape.h"
#include "text.h"
#include "units.h"
#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INDENTS_MAX 12  /* hops from here on stand in one column */
#define NUMBERS     25  /* columns of the numbers left of the hops */
#define SMALL       100 /* one part in so many of the span is not worth a line */
#define OTHERS      3   /* threads that are named as worth a look */

struct text {
	const struct chain_file *file;
	const struct chain_question *question;
	const struct terminal *term;
	struct chain_tree tree;
	struct chain_limit limit;
};

static int say_no_memory(void)
{
	say_error("cannot follow the chain: out of memory");
	return 1;
}

/* Who is waited for: one thread, threads of one process, or processes of one name. */
static char *group_whom(const struct text *t, const struct chain_group *group)
{
	const struct chain_node *node = &t->tree.nodes[group->nodes[0]];
	const char *comm = t->file->who[node->thread].comm;
	char *name, *text = NULL, count[IPCT_UNIT_LEN];
	int made;

	if (node->kind == CHAIN_OUTSIDE)
		return chain_name_outside(t->file, node->waker_tid);
	if (group->threads < 2)
		return chain_name_thread(t->file, node->thread);
	if (group->processes < 2) {
		name = chain_name_process(t->file, node->thread);
		made = asprintf(&text, "%s (%s threads)", name ? name : "",
				unit_count(count, (int64_t)group->threads));
	} else {
		name = escape_text(comm ? comm : "?", comm ? strlen(comm) : 1);
		made = asprintf(&text, "%s ×%s", name ? name : "",
				unit_count(count, (int64_t)group->processes));
	}
	free(name);
	return made < 0 ? NULL : text;
}

static char *group_object(const struct text *t, const struct chain_group *group)
{
	const struct chain_node *node = &t->tree.nodes[group->nodes[0]];
	const char *mechanism;
	char *safe, *text = NULL, count[IPCT_UNIT_LEN];
	int made;

	if (group->objects < 2)
		return chain_name_object(t->file, node->object);
	mechanism = chain_mechanism(t->file, node->object);
	safe = escape_text(mechanism, strlen(mechanism));
	made = asprintf(&text, "%s ×%s", safe ? safe : "",
			unit_count(count, (int64_t)group->objects));
	free(safe);
	return made < 0 ? NULL : text;
}

static char *call_name(const struct chain_file *file, const struct chain_node *node)
{
	const char *name = file->calls[node->call];

	return name && *name ? escape_text(name, strlen(name)) : strdup("?");
}

/* What the threads of a group did, as far as names are wanted: `amount` and `whom` may be NULL. */
static char *group_phrase(const struct text *t, const struct chain_group *group, const char *amount,
			  const char *whom, int columns)
{
	const struct chain_node *node = &t->tree.nodes[group->nodes[0]];
	struct chain_words words = {.whom = whom, .amount = amount};
	char *call = node->in_call ? call_name(t->file, node) : NULL;
	char *object = node->in_call ? group_object(t, group) : NULL;
	char *text = NULL;

	words.call = call;
	words.object = object;
	if (!node->in_call || (call && object))
		text = chain_phrase(node->kind, &words, columns);
	free(object);
	free(call);
	return text;
}

static bool is_followed(const struct text *t, const struct chain_group *group)
{
	return t->tree.nodes[group->nodes[0]].kind == CHAIN_FOLLOWED;
}

static int below(struct chain_groups *groups, const struct text *t, const struct chain_group *above)
{
	return chain_groups_make(groups, t->file, &t->tree, above, &t->limit);
}

/*
 * Where the sentence begins: with the longest wait for another thread, if there is one that
 * matters, or else for whatever it was. NULL: it waited for nothing.
 */
static const struct chain_group *first_hop(const struct text *t, const struct chain_groups *groups)
{
	int64_t small_ns = t->tree.nodes[0].time_ns / SMALL;
	const struct chain_group *other = NULL;

	for (size_t i = 0; i < groups->count && groups->groups[i].time_ns >= small_ns; i++) {
		if (is_followed(t, &groups->groups[i]))
			return &groups->groups[i];
		if (!other && t->tree.nodes[groups->groups[i].nodes[0]].kind != CHAIN_RAN)
			other = &groups->groups[i];
	}
	return other;
}

static int indent_of(int depth)
{
	return 2 + 2 * (depth < INDENTS_MAX ? depth : INDENTS_MAX);
}

/* A line of the sentence: what it begins with, and what that did for how long. */
static int hop_put(const struct text *t, const struct chain_group *group, const char *subject,
		   const char *whom, int depth)
{
	char time[IPCT_UNIT_LEN], share[IPCT_UNIT_LEN], amount[2 * IPCT_UNIT_LEN + 8];
	char *phrase;

	snprintf(amount, sizeof(amount), "%s (%s)", unit_ns(time, group->time_ns),
		 unit_share(share, group->time_ns, t->tree.nodes[0].time_ns));
	phrase = group_phrase(t, group, amount, whom,
			      t->term->columns - indent_of(depth) - escape_columns(subject) - 1);
	if (!phrase)
		return -ENOMEM;
	fprintf(t->term->out, "%*s%s ", indent_of(depth), "", subject);
	terminal_put(t->term, depth ? STYLE_PLAIN : STYLE_BOLD, phrase);
	fputc('\n', t->term->out);
	free(phrase);
	return 0;
}

/* That hop, and below it what most of its time depended on in turn. */
static int sentence_put(const struct text *t, const struct chain_group *hop, const char *subject,
			int depth)
{
	bool followed = is_followed(t, hop);
	struct chain_groups groups;
	char *whom = group_whom(t, hop), *next = NULL;
	int err = whom ? hop_put(t, hop, subject, followed ? NULL : whom, depth) : -ENOMEM;

	if (!err && followed) {
		err = below(&groups, t, hop);
		if (!err && asprintf(&next, "for %s, which", whom) < 0)
			err = -ENOMEM;
		if (!err && groups.count)
			err = sentence_put(t, &groups.groups[0], next, depth + 1);
		chain_groups_free(&groups);
	}
	free(next);
	free(whom);
	return err;
}

static int longest_put(const struct text *t, const struct chain_group *top, const char *name)
{
	struct chain_groups groups;
	int err = below(&groups, t, top);
	const struct chain_group *hop = err ? NULL : first_hop(t, &groups);

	if (hop) {
		text_heading(t->term, "THE LONGEST WAIT", "and what it was for");
		err = sentence_put(t, hop, name, 0);
	}
	chain_groups_free(&groups);
	return err;
}

/* A line of the tree: time, share and how often, then `text` as deep as it is. */
static void line_put(const struct text *t, enum style style, int64_t time_ns, int64_t times,
		     int depth, const char *text)
{
	char time[IPCT_UNIT_LEN], share[IPCT_UNIT_LEN], count[IPCT_UNIT_LEN] = "";
	char line[3 * IPCT_UNIT_LEN];
	int indent = indent_of(depth);

	unit_ns(time, time_ns);
	unit_share(share, time_ns, t->tree.nodes[0].time_ns);
	if (times)
		unit_count_short(count, times);
	/* "µ" has two bytes and one column */
	snprintf(line, sizeof(line), "%*s%s  %4s  %7s", 10 - escape_columns(time), "", time, share,
		 count);
	fputs(line, t->term->out);
	fprintf(t->term->out, "%*s", indent, "");
	terminal_put(t->term, style, text);
	fputc('\n', t->term->out);
}

/* What is left out of `groups` from `first` on. */
static void rest_put(const struct text *t, const struct chain_groups *groups, size_t first,
		     int depth)
{
	char text[IPCT_UNIT_LEN + 16], count[IPCT_UNIT_LEN];
	int64_t time_ns = 0;

	for (size_t i = first; i < groups->count; i++)
		time_ns += groups->groups[i].time_ns;
	snprintf(text, sizeof(text), "… and %s more",
		 unit_count(count, (int64_t)(groups->count - first)));
	line_put(t, STYLE_DIM, time_ns, 0, depth, text);
}

static int tree_put(const struct text *t, const struct chain_group *above, int depth)
{
	struct chain_groups groups;
	int err = below(&groups, t, above);
	size_t shown = err ? 0 : chain_groups_shown(&groups, &t->limit);

	for (size_t i = 0; i < shown && !err; i++) {
		const struct chain_group *group = &groups.groups[i];
		bool followed = is_followed(t, group);
		char *whom = group_whom(t, group);
		char *phrase = group_phrase(t, group, NULL, whom,
					    t->term->columns - NUMBERS - indent_of(depth));

		free(whom);
		if (!phrase) {
			err = -ENOMEM;
			break;
		}
		line_put(t, followed ? STYLE_PLAIN : STYLE_BOLD, group->time_ns,
			 followed ? group->times : 0, depth, phrase);
		free(phrase);
		if (followed)
			err = tree_put(t, group, depth + 1);
	}
	if (!err && shown < groups.count)
		rest_put(t, &groups, shown, depth);
	chain_groups_free(&groups);
	return err;
}

static void others_line(const struct text *t, const uint32_t *threads, size_t count)
{
	char *line = NULL;
	size_t len;
	FILE *out = count ? open_memstream(&line, &len) : NULL;

	for (size_t i = 0; out && i < count; i++) {
		char *name = chain_name_thread(t->file, threads[i]), time[IPCT_UNIT_LEN];

		fprintf(out, "%s%s waited %s", i ? ", " : "", name ? name : "",
			unit_ns(time, t->file->who[threads[i]].waiting_ns));
		free(name);
	}
	if (out && !fclose(out))
		text_line(t->term, STYLE_PLAIN, "others", "%s", line);
	free(line);
}

/* Other threads that waited long: what one may want to ask for next. */
static void others_put(const struct text *t)
{
	uint32_t best[OTHERS];
	size_t found = 0;

	for (uint32_t i = 0; i < t->file->chain.thread_count; i++) {
		size_t at = found < OTHERS ? found : OTHERS - 1;

		if (i == t->question->thread || !t->file->who[i].waiting_ns ||
		    (found == OTHERS &&
		     t->file->who[i].waiting_ns <= t->file->who[best[OTHERS - 1]].waiting_ns))
			continue;
		for (; at && t->file->who[best[at - 1]].waiting_ns < t->file->who[i].waiting_ns;
		     at--)
			best[at] = best[at - 1];
		best[at] = i;
		found += found < OTHERS;
	}
	others_line(t, best, found);
}

static int head_put(const struct text *t, sqlite3 *db)
{
	const struct chain_question *question = t->question;
	struct text_ledger *ledger = text_ledger_read(db, "ledger   ");
	char *name = chain_name_thread(t->file, question->thread);
	char from[IPCT_UNIT_LEN], to[IPCT_UNIT_LEN], span[IPCT_UNIT_LEN];
	int failed = !ledger;

	text_line(t->term, STYLE_BOLD, NULL, "%s: %s, from %s to %s of the recording",
		  name ? name : "", unit_ns(span, question->to_ns - question->from_ns),
		  unit_ns(from, question->from_ns), unit_ns(to, question->to_ns));
	if (!failed)
		failed = text_ledger_alerts(ledger, db, t->term);
	if (question->why)
		text_line(t->term, STYLE_PLAIN, "chosen", "%s", question->why);
	if (question->why)
		others_put(t);
	text_ledger_free(ledger);
	free(name);
	return failed;
}

static int body_put(const struct text *t)
{
	uint32_t root = 0;
	struct chain_group top = {.nodes = &root, .count = 1};
	char *name = chain_name_thread(t->file, t->question->thread);
	int err = name ? longest_put(t, &top, name) : -ENOMEM;

	text_heading(t->term, "WHERE THE TIME WENT", "below a wait: what its waker did meanwhile");
	terminal_put(t->term, STYLE_DIM, "      time share    times\n");
	if (!err) {
		line_put(t, STYLE_BOLD, t->tree.nodes[0].time_ns, 0, 0, name);
		err = tree_put(t, &top, 1);
	}
	if (!err)
		err = chain_shares_write(t->file, &t->tree, t->term);
	free(name);
	return err;
}

int chain_text_write(const struct chain_file *file, const struct chain_question *question,
		     sqlite3 *db, const struct terminal *term)
{
	struct text t = {.file = file, .question = question, .term = term};
	int err = chain_tree_make(&t.tree, &file->chain, question->thread, question->from_ns,
				  question->to_ns);
	int failed = err ? say_no_memory() : head_put(&t, db);

	t.limit.top = question->top;
	if (question->top != SIZE_MAX)
		t.limit.small_ns = (question->to_ns - question->from_ns) / SMALL;
	if (!failed && body_put(&t))
		failed = say_no_memory();
	chain_tree_free(&t.tree);
	return failed;
}
