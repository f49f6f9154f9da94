// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bins, the level that is integrated over them, and the union of waits.
 */
#include "collector/depth.h"

#include "collector/array.h"
#include "schemas/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_NS INT64_MIN

/* Far more than there can be: what a damaged capture says must not overflow. */
#define LEVEL_MAX (1ll << 60)

struct depth *depth_new(void)
{
	struct depth *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->shift = DEPTH_WIDTH_SHIFT;
	d->limit_bytes = d->limit_messages = INT64_MAX;
	d->first_ns = d->last_ns = d->fresh_ns = d->taken_ns = UNKNOWN_NS;
	d->dirty = true;
	return d;
}

void depth_free(struct depth *d)
{
	if (!d)
		return;
	for (int side = 0; side < DEPTH_SIDES; side++)
		free(d->waits[side]);
	free(d->bins);
	free(d);
}

void depth_op(struct depth *d, bool sends, uint32_t process, uint32_t tid, int64_t begin_ns,
	      int64_t end_ns)
{
	uint32_t *who = sends ? &d->sender : &d->receiver;

	d->dirty = true;
	*who = !*who || *who == process ? process : DEPTH_SEVERAL;
	++*(sends ? &d->sends : &d->recvs);
	*(sends ? &d->giver : &d->taker) = tid;
	if (d->first_ns == UNKNOWN_NS || begin_ns < d->first_ns)
		d->first_ns = begin_ns;
	d->last_ns = max64(d->last_ns, end_ns);
}

static void bin_add(struct depth_bin *to, const struct depth_bin *from)
{
	to->byte_ns += from->byte_ns;
	to->message_ns += from->message_ns;
	to->held_ns += from->held_ns;
	to->max_bytes = max64(to->max_bytes, from->max_bytes);
	to->max_messages = max64(to->max_messages, from->max_messages);
	for (int side = 0; side < DEPTH_SIDES; side++)
		to->waited_ns[side] += from->waited_ns[side];
}

/* Each two bins become one of twice the width. */
static void bins_widen(struct depth *d)
{
	int64_t base = d->base >> 1;
	size_t count = 0;

	for (size_t i = 0; i < d->count; i++) {
		size_t to = (size_t)(((d->base + (int64_t)i) >> 1) - base);
		struct depth_bin bin = d->bins[i];

		if (to == count)
			d->bins[count++] = (struct depth_bin){0};
		bin_add(&d->bins[to], &bin);
	}
	d->base = base;
	d->count = count;
	d->shift++;
	d->rewrite = true;
	d->changed = 0;
}

/* Make bins before the first one, for something that began earlier than what was known so far. */
static int bins_prepend(struct depth *d, size_t more)
{
	if (array_grow(&d->bins, &d->room, d->count + more, sizeof(*d->bins)))
		return -ENOMEM;
	memmove(d->bins + more, d->bins, d->count * sizeof(*d->bins));
	memset(d->bins, 0, more * sizeof(*d->bins));
	d->base -= (int64_t)more;
	d->count += more;
	d->changed = 0;
	return 0;
}

/* That there are bins for all of [from, to], wide enough to be few. */
static int bins_cover(struct depth *d, int64_t from_ns, int64_t to_ns)
{
	int64_t first, last;

	if (!d->count)
		d->base = from_ns >> d->shift;
	for (;;) {
		first = min64(d->base, from_ns >> d->shift);
		last = max64(d->base + (int64_t)d->count - 1, to_ns >> d->shift);
		if (last - first < DEPTH_BINS)
			break;
		bins_widen(d);
	}
	if (first < d->base && bins_prepend(d, (size_t)(d->base - first)))
		return -ENOMEM;
	/* one at first: most objects live shortly */
	if (!d->room && !(d->bins = calloc(1, sizeof(*d->bins))))
		return -ENOMEM;
	d->room = d->room ?: 1;
	last -= d->base;
	if (array_grow(&d->bins, &d->room, (size_t)last, sizeof(*d->bins)))
		return -ENOMEM;
	while (d->count <= (size_t)last)
		d->bins[d->count++] = (struct depth_bin){0};
	return 0;
}

/* What a stretch of time adds to the bins that it lies in. */
struct stretch {
	int64_t from_ns, to_ns;
	int64_t bytes, messages; /* the level */
	enum depth_side side;    /* of a wait, else DEPTH_SIDES */
	int64_t inside_bytes;    /* of a wait */
	bool again;              /* others may have waited then: at least so much of each bin */
};

/* `ns` of the stretch lie in the bin. */
static void stretch_add(struct depth *d, struct depth_bin *bin, const struct stretch *s, int64_t ns)
{
	int64_t *waited, more = ns;

	if (s->side == DEPTH_SIDES) {
		bin->byte_ns += (double)s->bytes * (double)ns;
		bin->message_ns += (double)s->messages * (double)ns;
		bin->max_bytes = max64(bin->max_bytes, s->bytes);
		bin->max_messages = max64(bin->max_messages, s->messages);
		return;
	}
	waited = &bin->waited_ns[s->side];
	if (s->again)
		more = max64(ns - *waited, 0);
	more = min64(more, ((int64_t)1 << d->shift) - *waited);
	*waited += more;
	d->waited_ns[s->side] += more;
	bin->held_ns += (double)s->inside_bytes * (double)more;
	bin->max_bytes = max64(bin->max_bytes, s->inside_bytes);
}

static int stretch_put(struct depth *d, const struct stretch *s)
{
	int64_t at = s->from_ns;

	if (s->to_ns <= s->from_ns)
		return 0;
	if (bins_cover(d, s->from_ns, s->to_ns - 1))
		return -ENOMEM;
	d->dirty = true;
	d->changed = min64((int64_t)d->changed, (at >> d->shift) - d->base);
	while (at < s->to_ns) {
		int64_t index = at >> d->shift;
		int64_t end = min64((index + 1) << d->shift, s->to_ns);

		stretch_add(d, &d->bins[index - d->base], s, end - at);
		at = end;
	}
	return 0;
}

/* The level has stayed the same up to `ns`. */
static int depth_advance(struct depth *d, int64_t ns)
{
	const struct stretch s = {
		.from_ns = d->level_ns,
		.to_ns = ns,
		.bytes = min64(d->bytes, d->limit_bytes),
		.messages = min64(d->messages, d->limit_messages),
		.side = DEPTH_SIDES,
	};

	if (ns <= d->level_ns)
		return 0;
	if ((d->bytes || d->messages) && stretch_put(d, &s))
		return -ENOMEM;
	if (d->bytes || d->messages)
		d->last_ns = max64(d->last_ns, ns);
	d->level_ns = ns;
	return 0;
}

int depth_level(struct depth *d, int64_t ns, int64_t bytes, int64_t messages)
{
	struct depth_bin *bin;
	int64_t max_bytes, max_messages;

	if (depth_advance(d, ns))
		return -ENOMEM;
	if (bytes == d->bytes && messages == d->messages)
		return 0;
	d->bytes = min64(max64(bytes, 0), LEVEL_MAX);
	d->messages = min64(max64(messages, 0), LEVEL_MAX);
	if (!d->bytes && !d->messages)
		return 0;
	/* a level that lasts no time is a maximum all the same */
	if (bins_cover(d, d->level_ns, d->level_ns))
		return -ENOMEM;
	d->dirty = true;
	max_bytes = min64(d->bytes, d->limit_bytes);
	max_messages = min64(d->messages, d->limit_messages);
	d->max_bytes = max64(d->max_bytes, max_bytes);
	d->max_messages = max64(d->max_messages, max_messages);
	bin = &d->bins[(d->level_ns >> d->shift) - d->base];
	d->changed = min64((int64_t)d->changed, bin - d->bins);
	bin->max_bytes = max64(bin->max_bytes, max_bytes);
	bin->max_messages = max64(bin->max_messages, max_messages);
	return 0;
}

int depth_put(struct depth *d, int64_t ns, int64_t bytes)
{
	if (!d->fresh_messages)
		d->fresh_ns = ns;
	d->fresh_messages++;
	d->fresh_bytes = min64(d->fresh_bytes + bytes, LEVEL_MAX);
	return depth_level(d, ns, d->bytes + bytes, d->messages + 1);
}

int depth_take(struct depth *d, int64_t ns, int64_t bytes)
{
	d->fresh_messages = d->fresh_bytes = 0;
	d->taken_ns = max64(d->taken_ns, ns);
	return depth_level(d, ns, d->bytes - bytes, d->messages - 1);
}

int depth_was_empty(struct depth *d, int64_t ns)
{
	/* too much has happened since to say what was put in after that */
	if (d->taken_ns > ns || (d->fresh_messages && d->fresh_ns < ns))
		return 0;
	d->fill_bytes = d->fill_messages = 0;
	return depth_level(d, max64(ns, d->level_ns), d->fresh_bytes, d->fresh_messages);
}

static int wait_put(struct depth *d, enum depth_side side, int64_t from_ns, int64_t to_ns,
		    int64_t inside_bytes, bool again)
{
	const struct stretch s = {
		.from_ns = from_ns,
		.to_ns = to_ns,
		.side = side,
		.inside_bytes = inside_bytes,
		.again = again,
	};

	return stretch_put(d, &s);
}

static struct depth_waits *waits_get(struct depth *d, enum depth_side side)
{
	if (!d->waits[side]) {
		d->waits[side] = calloc(1, sizeof(*d->waits[side]));
		if (d->waits[side])
			d->waits[side]->forgotten_ns = UNKNOWN_NS;
	}
	return d->waits[side];
}

static void waits_remove(struct depth_waits *w, int first, int count)
{
	memmove(&w->v[first], &w->v[first + count],
		(size_t)(w->count - first - count) * sizeof(w->v[0]));
	w->count -= count;
}

/* Put [from, to) in place of the `count` waits from `first` on, which lie in it. */
static void waits_join(struct depth_waits *w, int first, int count, int64_t from_ns, int64_t to_ns)
{
	waits_remove(w, first, count);
	if (w->count == DEPTH_WAITS) {
		w->forgotten_ns = w->v[0].to_ns;
		waits_remove(w, 0, 1);
		if (!first) { /* older than all that are remembered */
			w->forgotten_ns = max64(w->forgotten_ns, to_ns);
			return;
		}
		first--;
	}
	memmove(&w->v[first + 1], &w->v[first], (size_t)(w->count - first) * sizeof(w->v[0]));
	w->v[first].from_ns = from_ns;
	w->v[first].to_ns = to_ns;
	w->count++;
}

int depth_waited(struct depth *d, enum depth_side side, int64_t from_ns, int64_t to_ns,
		 int64_t inside_bytes)
{
	struct depth_waits *w = waits_get(d, side);
	int64_t at = from_ns, begin = from_ns, end = to_ns;
	int first, i;

	if (!w)
		return -ENOMEM;
	if (to_ns <= from_ns)
		return 0;
	d->max_bytes = max64(d->max_bytes, inside_bytes);
	if (d->first_ns == UNKNOWN_NS || from_ns < d->first_ns)
		d->first_ns = from_ns;
	d->last_ns = max64(d->last_ns, to_ns);
	if (at < w->forgotten_ns) {
		int64_t until = min64(to_ns, w->forgotten_ns);

		if (wait_put(d, side, at, until, inside_bytes, true))
			return -ENOMEM;
		begin = at = until;
	}
	for (first = 0; first < w->count && w->v[first].to_ns < at; first++)
		;
	for (i = first; i < w->count && w->v[i].from_ns <= to_ns; i++) {
		if (wait_put(d, side, at, w->v[i].from_ns, inside_bytes, false))
			return -ENOMEM;
		at = max64(at, w->v[i].to_ns);
		begin = min64(begin, w->v[i].from_ns);
		end = max64(end, w->v[i].to_ns);
	}
	if (wait_put(d, side, at, to_ns, inside_bytes, false))
		return -ENOMEM;
	if (begin < end)
		waits_join(w, first, i - first, begin, end);
	return 0;
}

void depth_refused(struct depth *d, enum depth_side side)
{
	d->refusals[side]++;
	d->dirty = true;
}

/*
 * The level by ops that have ended is too low while a send waits with a part of its bytes inside;
 * then what was inside is known for that time alone.
 */
static double bin_byte_ns(const struct depth_bin *bin)
{
	return bin->byte_ns > bin->held_ns ? bin->byte_ns : bin->held_ns;
}

int64_t depth_bin_bytes(const struct depth *d, const struct depth_bin *bin)
{
	return (int64_t)(bin_byte_ns(bin) / (double)((int64_t)1 << d->shift) + .5);
}

double depth_bin_messages(const struct depth *d, const struct depth_bin *bin)
{
	return bin->message_ns / (double)((int64_t)1 << d->shift);
}

void depth_means(const struct depth *d, double *bytes, double *messages)
{
	double ns = (double)(d->last_ns - d->first_ns);

	*bytes = *messages = 0;
	if (d->first_ns == UNKNOWN_NS || d->last_ns <= d->first_ns)
		return;
	for (size_t i = 0; i < d->count; i++) {
		*bytes += bin_byte_ns(&d->bins[i]) / ns;
		*messages += d->bins[i].message_ns / ns;
	}
}

bool depth_bin_used(const struct depth_bin *bin)
{
	return bin->max_bytes || bin->max_messages || bin->waited_ns[DEPTH_FULL] ||
	       bin->waited_ns[DEPTH_EMPTY];
}
