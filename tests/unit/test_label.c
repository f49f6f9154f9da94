// SPDX-License-Identifier: BSD-2-Clause
/*
 * The matcher for labelled messages: either order of the two ends, losses, several receivers.
 */
#include "collector/label.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What was paired, by the ops' ids. */
struct seen {
	int count;
	struct {
		int64_t send, recv, bytes;
		enum confidence confidence;
	} v[4096];
};

static void see(const struct message *m, void *arg)
{
	struct seen *seen = arg;

	assert_in_range(seen->count, 0, 4095);
	seen->v[seen->count].send = m->send->op_id;
	seen->v[seen->count].recv = m->recv->op_id;
	seen->v[seen->count].bytes = m->bytes;
	seen->v[seen->count++].confidence = m->confidence;
}

static void send(struct labels *l, uint32_t scope, uint64_t key, uint64_t number, int64_t op_id,
		 struct seen *seen)
{
	const struct label label = {.scope = scope, .key = key, .number = number};
	const struct span span = {.end = 100, .op_id = op_id};

	assert_int_equal(label_send(l, &label, &span, see, seen), 0);
}

static void recv(struct labels *l, uint32_t scope, uint64_t key, uint64_t number, int64_t op_id,
		 struct seen *seen)
{
	const struct label label = {.scope = scope, .key = key, .number = number};
	const struct span span = {.end = 60, .op_id = op_id};

	assert_int_equal(label_recv(l, &label, &span, see, seen), 0);
}

static void assert_pair(const struct seen *seen, int i, int64_t send, int64_t recv)
{
	assert_in_range(i, 0, seen->count - 1);
	assert_int_equal(seen->v[i].send, send);
	assert_int_equal(seen->v[i].recv, recv);
}

static void test_either_order(void **state)
{
	struct labels *l = labels_new(100);
	struct seen seen = {0};

	send(l, 1, 0, 7, 1, &seen);
	assert_int_equal(seen.count, 0);
	recv(l, 1, 0, 7, 2, &seen);
	assert_pair(&seen, 0, 1, 2);
	assert_int_equal(seen.v[0].bytes, 60); /* what came, not what was sent */
	recv(l, 1, 0, 8, 3, &seen);
	send(l, 1, 0, 8, 4, &seen);
	assert_pair(&seen, 1, 4, 3);
	/* a message is taken once */
	recv(l, 1, 0, 7, 5, &seen);
	send(l, 1, 0, 8, 6, &seen);
	assert_int_equal(seen.count, 2);
	labels_free(l);
}

static void test_all_of_a_label_counts(void **state)
{
	struct labels *l = labels_new(100);
	struct seen seen = {0};

	send(l, 1, 5, 7, 1, &seen);
	recv(l, 2, 5, 7, 2, &seen);
	recv(l, 1, 6, 7, 3, &seen);
	recv(l, 1, 5, 8, 4, &seen);
	assert_int_equal(seen.count, 0);
	recv(l, 1, 5, 7, 5, &seen);
	assert_pair(&seen, 0, 1, 5);
	labels_free(l);
}

/* Scope 0: a wake-up of several, some of whose records come before the waker's. */
static void test_several_receivers(void **state)
{
	struct labels *l = labels_new(100);
	struct seen seen = {0};

	recv(l, 0, 0, 9, 1, &seen);
	recv(l, 0, 0, 9, 2, &seen);
	send(l, 0, 0, 9, 3, &seen);
	recv(l, 0, 0, 9, 4, &seen);
	recv(l, 0, 0, 10, 5, &seen);
	assert_int_equal(seen.count, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(seen.v[i].send, 3);
	assert_int_equal(seen.v[0].recv + seen.v[1].recv + seen.v[2].recv, 1 + 2 + 4);
	labels_free(l);
}

/* A datagram: its number alone says it, and one receive takes it. */
static void test_message_of_any_object(void **state)
{
	struct labels *l = labels_new(100);
	struct seen seen = {0};

	send(l, LABEL_SCOPE_MESSAGE, 0, 9, 1, &seen);
	send(l, LABEL_SCOPE_MESSAGE, 0, 10, 2, &seen);
	recv(l, LABEL_SCOPE_MESSAGE, 0, 10, 3, &seen);
	recv(l, LABEL_SCOPE_MESSAGE, 0, 10, 4, &seen);
	recv(l, 0, 0, 9, 5, &seen);
	assert_int_equal(seen.count, 1);
	assert_pair(&seen, 0, 2, 3);
	labels_free(l);
}

static void test_confidence(void **state)
{
	const struct label label = {.scope = 1};
	const struct span sent = {.confidence = CONFIDENCE_INFERRED, .op_id = 1};
	struct span received = {.peek = true, .op_id = 2};
	struct labels *l = labels_new(100);
	struct seen seen = {0};

	assert_int_equal(label_send(l, &label, &sent, see, &seen), 0);
	assert_int_equal(label_recv(l, &label, &received, see, &seen), 0);
	received.peek = false; /* what a peek showed is still there to be taken */
	received.confidence = CONFIDENCE_AMBIGUOUS;
	assert_int_equal(label_recv(l, &label, &received, see, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.v[0].confidence, CONFIDENCE_INFERRED);
	assert_int_equal(seen.v[1].confidence, CONFIDENCE_AMBIGUOUS);
	labels_free(l);
}

/* Only so many may wait: those that came first find no partner any more. */
static void test_limit(void **state)
{
	struct labels *l = labels_new(1000);
	struct seen seen = {0};

	for (int i = 0; i < 3000; i++)
		send(l, 1 + i % 3, i % 7, i, i, &seen);
	for (int i = 0; i < 3000; i++)
		recv(l, 1 + i % 3, i % 7, i, 10000 + i, &seen);
	/* each receive that waits in vain pushes a send out */
	assert_in_range(seen.count, 0, 1000);
	labels_free(l);
	l = labels_new(5000);
	seen.count = 0;
	for (int i = 0; i < 3000; i++)
		send(l, 1 + i % 3, i % 7, i, i, &seen);
	for (int i = 2999; i >= 0; i--)
		recv(l, 1 + i % 3, i % 7, i, 10000 + i, &seen);
	assert_int_equal(seen.count, 3000);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(seen.v[i].recv, 10000 + seen.v[i].send);
	labels_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_either_order),
		cmocka_unit_test(test_all_of_a_label_counts),
		cmocka_unit_test(test_several_receivers),
		cmocka_unit_test(test_message_of_any_object),
		cmocka_unit_test(test_confidence),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
