// SPDX-License-Identifier: BSD-2-Clause
/*
 * The order in which messages of several classes must come; see order.h.
 */
#include "workloads/order.h"

#include <inttypes.h>
#include <stdio.h>

unsigned order_class(const struct content *content, uint64_t seq, unsigned classes)
{
	uint64_t z = (seq + content->seed + 1) * 0x9e3779b97f4a7c15;

	return (unsigned)((z ^ z >> 29) >> 16) % classes;
}

/* The first message from `seq` on that goes to this receiver and is of that class. */
static uint64_t order_next(const struct order *order, uint64_t seq, unsigned class)
{
	const struct run *run = order->peer->run;

	for (; seq < run->options->messages; seq += order->peer->stride)
		if (order_class(&run->content, seq, order->classes) == class)
			return seq;
	return UINT64_MAX;
}

void order_open(struct order *order, struct end *end, unsigned sender_first, unsigned sender_last)
{
	const struct run *run = end->peer->run;

	*order = (struct order){.peer = end->peer,
				.channel = end->channel,
				.classes = run->options->variant->classes,
				.sender_first = sender_first,
				.sender_last = sender_last};
	for (unsigned s = order->sender_first; s <= order->sender_last; s++)
		for (unsigned c = 0; c < order->classes; c++)
			order->next[s][c] = order_next(order, end->peer->first, c);
}

/* The class of the oldest message that is still to come from the only sender. */
static unsigned order_oldest(const struct order *order, unsigned sender)
{
	unsigned oldest = 0;

	for (unsigned c = 1; c < order->classes; c++)
		if (order->next[sender][c] < order->next[sender][oldest])
			oldest = c;
	return oldest;
}

/*
 * Where the receiver has the choice it goes round: the oldest of all, the oldest of one class,
 * the lowest up to a class. What it asks for must be sure to come, even if the queue is full:
 * only with a single sender is that more than "any".
 */
void order_pick(struct order *order, struct end *end)
{
	const struct variant *variant = end->peer->run->options->variant;
	struct pick pick = {variant->picks ? PICK_OLDEST : PICK_HIGHEST, 0, order->classes - 1};
	const struct peer *only = NULL;
	unsigned turn = order->receives++ % 4;

	for (unsigned s = order->sender_first; s <= order->sender_last; s++) {
		const struct peer *sender = run_sender(end->peer->run, order->channel, s);

		order->sent[s] = sender ? sender->shared->sent : 0;
		if (sender && end->channel->users[SIDE_SEND] == 1)
			only = sender;
	}
	if (variant->picks && turn == 1)
		pick.by = PICK_LOWEST;
	if (variant->picks && turn > 1 && only) {
		pick.by = PICK_LOWEST;
		pick.high = order_oldest(order, only->sender);
		if (turn == 2)
			pick.low = pick.high;
	}
	end->pick = pick;
}

/* Would a message of class `c` have come before one of class `got`? */
static bool order_beats(enum pick_by by, unsigned c, unsigned got)
{
	return by == PICK_HIGHEST ? c > got : by == PICK_LOWEST && c < got;
}

int order_check(struct order *order, const struct end *end, unsigned sender, uint64_t seq,
		char *why, size_t why_size)
{
	unsigned class = order_class(&order->peer->run->content, seq, order->classes);
	const struct pick *pick = &end->pick;
	uint64_t *next = order->next[sender];

	if (end->class != class || class < pick->low || class > pick->high) {
		snprintf(why, why_size,
			 "message %" PRIu64 " of class %u came as one of class %u, asked for were "
			 "%u to %u",
			 seq, class, end->class, pick->low, pick->high);
		return -EBADMSG;
	}
	if (next[class] != seq) {
		snprintf(why, why_size,
			 "expected message %" PRIu64 " of sender %u before all others of class %u, "
			 "got message %" PRIu64,
			 next[class], sender, class, seq);
		return -EBADMSG;
	}
	for (unsigned s = order->sender_first; s <= order->sender_last; s++)
		for (unsigned c = pick->low; c <= pick->high; c++) {
			uint64_t other = order->next[s][c];

			if ((order_beats(pick->by, c, class) && other < order->sent[s]) ||
			    (pick->by == PICK_OLDEST && s == sender && other < seq)) {
				snprintf(why, why_size,
					 "message %" PRIu64 " of class %u came although message "
					 "%" PRIu64 " of sender %u, class %u, was there",
					 seq, class, other, s, c);
				return -EBADMSG;
			}
		}
	next[class] = order_next(order, seq + order->peer->stride, class);
	return 0;
}
