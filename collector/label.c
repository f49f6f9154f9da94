// SPDX-License-Identifier: BSD-2-Clause
/*
 * A hash table of ends that wait for their partner, with a list by age to forget the oldest.
 */
#include "collector/label.h"

#include <errno.h>
#include <stdlib.h>

#define BUCKETS_FIRST 1024 /* a power of two */

struct waiting {
	struct waiting *next;            /* in its bucket */
	struct waiting *older, *younger; /* by age */
	struct label label;
	struct span span;
	bool sends;
};

struct labels {
	struct waiting **bucket;
	size_t buckets, count, limit;
	struct waiting *oldest, *youngest;
};

struct labels *labels_new(size_t limit)
{
	struct labels *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->limit = limit;
	l->buckets = BUCKETS_FIRST;
	l->bucket = calloc(l->buckets, sizeof(struct waiting *));
	if (!l->bucket) {
		free(l);
		return NULL;
	}
	return l;
}

void labels_free(struct labels *l)
{
	struct waiting *w, *younger;

	if (!l)
		return;
	for (w = l->oldest; w; w = younger) {
		younger = w->younger;
		free(w);
	}
	free(l->bucket);
	free(l);
}

/* A multiplier for each part, then the high bits: Knuth, TAOCP 6.4. */
static size_t label_hash(const struct label *label, size_t buckets)
{
	uint64_t h = label->number * 0x9e3779b97f4a7c15u + label->key * 0xc2b2ae3d27d4eb4fu +
		     label->scope * 0x165667b19e3779f9u;

	return (h ^ h >> 32) & (buckets - 1);
}

static bool label_same(const struct label *a, const struct label *b)
{
	return a->number == b->number && a->key == b->key && a->scope == b->scope;
}

static void waiting_link(struct labels *l, struct waiting *w)
{
	struct waiting **head = &l->bucket[label_hash(&w->label, l->buckets)];

	w->next = *head;
	*head = w;
}

static void labels_grow(struct labels *l)
{
	size_t buckets = l->buckets * 2;
	struct waiting **bucket = calloc(buckets, sizeof(struct waiting *));

	if (!bucket)
		return; /* slower, not wrong */
	free(l->bucket);
	l->bucket = bucket;
	l->buckets = buckets;
	for (struct waiting *w = l->oldest; w; w = w->younger)
		waiting_link(l, w);
}

static void waiting_remove(struct labels *l, struct waiting *w)
{
	struct waiting **at = &l->bucket[label_hash(&w->label, l->buckets)];

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	*(w->older ? &w->older->younger : &l->oldest) = w->younger;
	*(w->younger ? &w->younger->older : &l->youngest) = w->older;
	l->count--;
	free(w);
}

static int waiting_add(struct labels *l, const struct label *label, const struct span *span,
		       bool sends)
{
	struct waiting *w = malloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = (struct waiting){.label = *label, .span = *span, .sends = sends, .older = l->youngest};
	*(l->youngest ? &l->youngest->younger : &l->oldest) = w;
	l->youngest = w;
	waiting_link(l, w);
	if (++l->count > l->buckets)
		labels_grow(l);
	if (l->count > l->limit && l->oldest)
		waiting_remove(l, l->oldest);
	return 0;
}

/* Of several that wait under one label, the one that came first. */
static struct waiting *waiting_find(const struct labels *l, const struct label *label, bool sends)
{
	struct waiting *found = NULL;

	for (struct waiting *w = l->bucket[label_hash(label, l->buckets)]; w; w = w->next)
		if (w->sends == sends && label_same(&w->label, label))
			found = w;
	return found;
}

static void label_emit(const struct span *send, const struct span *recv, message_fn fn, void *arg)
{
	struct message m = {
		.send = send,
		.recv = recv,
		.bytes = recv->end - recv->start,
		.confidence =
			send->confidence > recv->confidence ? send->confidence : recv->confidence,
	};

	fn(&m, arg);
}

int label_send(struct labels *l, const struct label *label, const struct span *span, message_fn fn,
	       void *arg)
{
	struct waiting *recv;

	while ((recv = waiting_find(l, label, false))) {
		/* one takes the message out; peeks and wake-ups leave it for others */
		bool taken = label->scope && !recv->span.peek;

		label_emit(span, &recv->span, fn, arg);
		waiting_remove(l, recv);
		if (taken)
			return 0;
	}
	return waiting_add(l, label, span, true);
}

int label_recv(struct labels *l, const struct label *label, const struct span *span, message_fn fn,
	       void *arg)
{
	struct waiting *send = waiting_find(l, label, true);

	if (!send)
		return waiting_add(l, label, span, false);
	label_emit(&send->span, span, fn, arg);
	if (label->scope && !span->peek)
		waiting_remove(l, send);
	return 0;
}
