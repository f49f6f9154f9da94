// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/pair.c: the matcher of byte streams. Each test writes the spans as the kernel side
 * numbers them, in the order in which their records come, and says which messages must follow.
 * Last, a model of a pipe with several writers and readers, which knows who put in each byte.
 */
#include "collector/pair.h"

#include "rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct pairing {
	int64_t send, recv, bytes;
	int confidence;
};

struct list {
	struct pairing *v;
	size_t count, room;
};

static void list_add(struct list *l, int64_t send, int64_t recv, int64_t bytes, int confidence)
{
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : 64;
		l->v = realloc(l->v, l->room * sizeof(*l->v));
		assert_non_null(l->v);
	}
	l->v[l->count++] = (struct pairing){send, recv, bytes, confidence};
}

static void message_keep(const struct message *m, void *arg)
{
	list_add(arg, m->send->op_id, m->recv->op_id, m->bytes, m->confidence);
}

/* One stream under test. */
struct bench {
	struct stream stream;
	struct list got;
	size_t checked; /* messages that a test has looked at */
};

static int bench_begin(void **state)
{
	*state = calloc(1, sizeof(struct bench));
	return *state ? 0 : -1;
}

/* Every message must have been looked at. */
static int bench_end(void **state)
{
	struct bench *b = *state;
	size_t left = b->got.count - b->checked;

	stream_clear(&b->stream);
	free(b->got.v);
	free(b);
	if (left)
		print_error("%zu messages more than the test expects\n", left);
	return left ? -1 : 0;
}

static void span_send(struct bench *b, const struct span *span)
{
	assert_int_equal(stream_send(&b->stream, span, message_keep, &b->got), 0);
}

static void span_recv(struct bench *b, const struct span *span)
{
	assert_int_equal(stream_recv(&b->stream, span, message_keep, &b->got), 0);
}

static void send(struct bench *b, int64_t op_id, int64_t start, int64_t end)
{
	span_send(b, &(struct span){.start = start, .end = end, .op_id = op_id});
}

static void recv(struct bench *b, int64_t op_id, int64_t start, int64_t end)
{
	span_recv(b, &(struct span){.start = start, .end = end, .op_id = op_id});
}

static void peek(struct bench *b, int64_t op_id, int64_t start, int64_t end)
{
	span_recv(b, &(struct span){.start = start, .end = end, .op_id = op_id, .peek = true});
}

static void packet(struct bench *b, int64_t op_id, int64_t start, int64_t end)
{
	span_send(b, &(struct span){.start = start, .end = end, .op_id = op_id, .packets = true});
}

/* The next message that came is this one. */
static void expect_as(struct bench *b, int64_t send_op, int64_t recv_op, int64_t bytes,
		      enum confidence confidence)
{
	const struct pairing *p = &b->got.v[b->checked];

	assert_true(b->checked < b->got.count);
	b->checked++;
	assert_int_equal(p->send, send_op);
	assert_int_equal(p->recv, recv_op);
	assert_int_equal(p->bytes, bytes);
	assert_int_equal(p->confidence, confidence);
}

static void expect(struct bench *b, int64_t send_op, int64_t recv_op, int64_t bytes)
{
	expect_as(b, send_op, recv_op, bytes, CONFIDENCE_EXACT);
}

static void expect_nothing(struct bench *b)
{
	assert_int_equal(b->got.count, b->checked);
}

static void finish(struct bench *b)
{
	stream_finish(&b->stream, message_keep, &b->got);
}

static void test_one_to_one(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 1009; i++) {
		send(b, 2 * i, 64 * i, 64 * i + 64);
		expect_nothing(b);
		recv(b, 2 * i + 1, 64 * i, 64 * i + 64);
		expect(b, 2 * i, 2 * i + 1, 64);
	}
	finish(b);
}

static void test_split_send(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 1000);
	recv(b, 2, 0, 1);
	recv(b, 3, 1, 998);
	recv(b, 4, 998, 1000);
	expect(b, 1, 2, 1);
	expect(b, 1, 3, 997);
	expect(b, 1, 4, 2);
}

static void test_merged_receive(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 3);
	send(b, 2, 3, 4);
	send(b, 3, 4, 11);
	recv(b, 4, 0, 9);
	expect(b, 1, 4, 3);
	expect(b, 2, 4, 1);
	expect(b, 3, 4, 5);
	recv(b, 5, 9, 11);
	expect(b, 3, 5, 2);
}

/* Calls that moved nothing: end of file, an error. */
static void test_empty_spans(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 0);
	recv(b, 2, 0, 0);
	send(b, 3, 0, 5);
	recv(b, 4, 0, 5);
	recv(b, 5, 5, 5);
	expect(b, 3, 4, 5);
	finish(b);
}

/* A write of more than the pipe holds returns after most of it has been read. */
static void test_receives_before_send(void **state)
{
	struct bench *b = *state;

	recv(b, 1, 0, 4096);
	recv(b, 2, 4096, 8192);
	recv(b, 3, 8192, 10000);
	expect_nothing(b);
	send(b, 4, 0, 12000);
	expect(b, 4, 1, 4096);
	expect(b, 4, 2, 4096);
	expect(b, 4, 3, 1808);
	recv(b, 5, 10000, 12000);
	expect(b, 4, 5, 2000);
}

/* Two CPUs: bytes are numbered in one order and the records come in another. */
static void test_sends_out_of_order(void **state)
{
	struct bench *b = *state;

	send(b, 2, 10, 20);
	recv(b, 3, 0, 15);
	expect_nothing(b);
	send(b, 1, 0, 10);
	expect(b, 1, 3, 10);
	expect(b, 2, 3, 5);
	recv(b, 4, 15, 20);
	expect(b, 2, 4, 5);
}

static void test_receives_out_of_order(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 10);
	send(b, 2, 10, 20);
	recv(b, 4, 5, 12); /* its bytes are known, but the receive before it took the first 5 */
	recv(b, 5, 12, 20);
	expect_nothing(b);
	recv(b, 3, 0, 5);
	expect(b, 1, 3, 5);
	expect(b, 1, 4, 5);
	expect(b, 2, 4, 2);
	expect(b, 2, 5, 8);
}

/* Nothing says that a record is lost, so it may still come: only the end settles the rest. */
static void test_gap_not_lossy(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 10);
	recv(b, 2, 0, 10);
	expect(b, 1, 2, 10);
	recv(b, 3, 10, 30); /* the send of [10,20) is missing */
	send(b, 4, 20, 30);
	for (int i = 0; i < 1000; i++)
		send(b, 100 + i, 30 + i, 31 + i);
	expect_nothing(b);
	finish(b);
	expect(b, 4, 3, 10);
}

static void test_gap_of_receive_not_lossy(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 10);
	send(b, 2, 10, 30);
	recv(b, 3, 15, 30); /* the receive of [0,15) is missing */
	expect_nothing(b);
	finish(b);
	expect(b, 2, 3, 15);
}

static void test_gap_lossy(void **state)
{
	struct bench *b = *state;
	int i;

	b->stream.lossy = true;
	recv(b, 1, 0, 30); /* the send of [0,20) is lost */
	send(b, 2, 20, 30);
	expect_nothing(b); /* it may be late */
	for (i = 0; b->got.count == b->checked; i++)
		send(b, 100 + i, 30 + i, 31 + i);
	assert_in_range(i, 10, 100);
	expect(b, 2, 1, 10);
	recv(b, 3, 30, 30 + i);
	for (int n = 0; n < i; n++)
		expect(b, 100 + n, 3, 1);
}

static void test_gap_of_receive_lossy(void **state)
{
	struct bench *b = *state;

	b->stream.lossy = true;
	for (int i = 0; i < 1000; i++)
		send(b, 1000 + i, 10 * i, 10 * i + 10);
	recv(b, 1, 5005, 5025); /* all receives before are lost */
	expect(b, 1500, 1, 5);
	expect(b, 1501, 1, 10);
	expect(b, 1502, 1, 5);
}

static void test_finish_without_partner(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 10);
	finish(b);
	recv(b, 2, 0, 10);
	expect(b, 1, 2, 10);
	recv(b, 3, 10, 20);
	finish(b);
}

/* tee: what it showed is taken later by another. */
static void test_peek(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 10);
	send(b, 2, 10, 20);
	peek(b, 3, 0, 15);
	expect(b, 1, 3, 10);
	expect(b, 2, 3, 5);
	recv(b, 4, 0, 5);
	expect(b, 1, 4, 5);
	peek(b, 5, 5, 20);
	expect(b, 1, 5, 5);
	expect(b, 2, 5, 10);
	recv(b, 6, 5, 20);
	expect(b, 1, 6, 5);
	expect(b, 2, 6, 10);
}

/* A tee of what a blocked write has put in so far, and the receive of the same bytes. */
static void test_peek_before_send(void **state)
{
	struct bench *b = *state;

	peek(b, 1, 0, 60);
	recv(b, 2, 0, 60);
	recv(b, 3, 60, 100);
	expect_nothing(b);
	send(b, 4, 0, 100);
	expect(b, 4, 1, 60);
	expect(b, 4, 2, 60);
	expect(b, 4, 3, 40);
}

/* The receive's record came first, but what was shown was there before it was taken. */
static void test_peek_after_receive(void **state)
{
	struct bench *b = *state;

	recv(b, 2, 0, 10);
	peek(b, 1, 0, 10);
	send(b, 3, 0, 10);
	expect(b, 3, 1, 10);
	expect(b, 3, 2, 10);
}

static void test_packets(void **state)
{
	struct bench *b = *state;

	packet(b, 1, 0, 100);
	packet(b, 2, 100, 300);
	recv(b, 3, 0, 40); /* the other 60 bytes of the packet are dropped */
	expect(b, 1, 3, 40);
	recv(b, 4, 40, 240);
	expect(b, 2, 4, 200);
	packet(b, 5, 300, 310);
	recv(b, 6, 240, 250);
	expect(b, 5, 6, 10);
}

/* fs/pipe.c cuts a large write into packets of 4096 bytes. */
static void test_packets_of_large_send(void **state)
{
	struct bench *b = *state;

	packet(b, 1, 0, 10000);
	recv(b, 2, 0, 100);     /* of the first packet */
	recv(b, 3, 100, 4196);  /* all of the second */
	recv(b, 4, 4196, 5004); /* 808 of the 1808 bytes of the third */
	packet(b, 5, 10000, 10007);
	recv(b, 6, 5004, 5011);
	expect(b, 1, 2, 100);
	expect(b, 1, 3, 4096);
	expect(b, 1, 4, 808);
	expect(b, 5, 6, 7);
}

/* Where the first records are late, offsets alone could pair packet 2 with receive 3. */
static void test_packets_out_of_order(void **state)
{
	struct bench *b = *state;

	packet(b, 2, 50, 100);
	recv(b, 13, 50, 70);
	packet(b, 3, 100, 120);
	recv(b, 12, 10, 50);
	expect_nothing(b);
	packet(b, 1, 0, 50);
	recv(b, 11, 0, 10);
	expect(b, 1, 11, 10);
	expect(b, 2, 12, 40);
	expect(b, 3, 13, 20);
}

/* splice takes parts of packets and leaves the rest, which a read then ends. */
static void test_packets_spliced(void **state)
{
	struct bench *b = *state;

	packet(b, 1, 0, 10000);
	span_recv(b, &(struct span){.start = 0, .end = 100, .op_id = 2, .splices = true});
	span_recv(b, &(struct span){.start = 100, .end = 130, .op_id = 3, .splices = true});
	recv(b, 4, 130, 150);  /* and 3946 bytes are dropped */
	recv(b, 5, 150, 4246); /* the second packet */
	span_recv(b, &(struct span){.start = 4246, .end = 4247, .op_id = 6, .splices = true});
	recv(b, 7, 4247, 6054); /* the rest of the third */
	packet(b, 8, 10000, 10010);
	recv(b, 9, 6054, 6064);
	expect(b, 1, 2, 100);
	expect(b, 1, 3, 30);
	expect(b, 1, 4, 20);
	expect(b, 1, 5, 4096);
	expect(b, 1, 6, 1);
	expect(b, 1, 7, 1807);
	expect(b, 8, 9, 10);
}

/* fcntl can switch O_DIRECT on and off. */
static void test_packets_and_bytes(void **state)
{
	struct bench *b = *state;

	packet(b, 1, 0, 100);
	send(b, 2, 100, 200);
	recv(b, 3, 0, 30);
	recv(b, 4, 30, 80);
	recv(b, 5, 80, 130);
	expect(b, 1, 3, 30);
	expect(b, 2, 4, 50);
	expect(b, 2, 5, 50);
}

/* What lost receives dropped is not known, so nothing after them is exact. */
static void test_packets_lossy(void **state)
{
	struct bench *b = *state;

	packet(b, 1, 0, 100);
	recv(b, 2, 0, 100);
	expect(b, 1, 2, 100);
	b->stream.lossy = true;
	packet(b, 3, 100, 200);
	recv(b, 4, 100, 200);
	expect_as(b, 3, 4, 100, CONFIDENCE_INFERRED);
}

/* A FIFO that all closed forgets what was in it, and receives go on behind that. */
static void test_drop(void **state)
{
	struct bench *b = *state;

	send(b, 1, 0, 100);
	recv(b, 2, 0, 30);
	expect(b, 1, 2, 30);
	stream_drop(&b->stream);
	recv(b, 4, 100, 110);
	send(b, 3, 100, 110);
	expect(b, 3, 4, 10);
	send(b, 5, 110, 150);
	stream_drop(&b->stream);
	stream_drop(&b->stream);
	stream_shrink(&b->stream);
	send(b, 7, 150, 160);
	recv(b, 6, 150, 160);
	expect(b, 7, 6, 10);
}

static void test_drop_of_receives(void **state)
{
	struct bench *b = *state;

	recv(b, 1, 0, 10); /* its send is lost */
	stream_drop(&b->stream);
	send(b, 2, 10, 17);
	recv(b, 3, 10, 17);
	expect(b, 2, 3, 7);
}

/* What packets shifted before is of no account any more. */
static void test_drop_of_packets(void **state)
{
	struct bench *b = *state;

	packet(b, 1, 0, 100);
	recv(b, 2, 0, 40);
	expect(b, 1, 2, 40);
	stream_drop(&b->stream);
	packet(b, 3, 100, 200);
	recv(b, 4, 100, 170);
	packet(b, 5, 200, 300);
	recv(b, 6, 170, 270);
	expect(b, 3, 4, 70);
	expect(b, 5, 6, 100);
}

/* The first bytes received were there before any traced call. */
static void test_inherited_fill(void **state)
{
	struct bench *b = *state;

	b->stream.shift = -100;
	send(b, 1, 0, 50);
	recv(b, 2, 0, 60);
	expect_nothing(b);
	recv(b, 3, 60, 120);
	expect(b, 1, 3, 20);
	recv(b, 4, 120, 150);
	expect(b, 1, 4, 30);
}

/* Bytes from before, while the record of the first send is late. */
static void test_inherited_out_of_order(void **state)
{
	struct bench *b = *state;

	b->stream.shift = -5;
	recv(b, 3, 0, 25);
	send(b, 2, 10, 20);
	expect_nothing(b);
	send(b, 1, 0, 10);
	expect(b, 1, 3, 10);
	expect(b, 2, 3, 10);
}

static void test_confidence(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 9; i++) {
		struct span s = {.start = i, .end = i + 1, .op_id = i, .confidence = i / 3};
		struct span r = {.start = i, .end = i + 1, .op_id = 10 + i, .confidence = i % 3};

		span_send(b, &s);
		span_recv(b, &r);
		expect_as(b, i, 10 + i, 1, i / 3 > i % 3 ? i / 3 : i % 3);
	}
}

/* The reader is not traced: only the last sends wait for it. */
static void test_limit(void **state)
{
	struct bench *b = *state;

	b->stream.limit = 16;
	for (int i = 0; i < 1000; i++)
		send(b, i, 10 * i, 10 * i + 10);
	assert_int_equal(b->stream.sends.count, 16);
	recv(b, 2000, 0, 10000); /* and then takes them all the same */
	finish(b);
	for (int i = 984; i < 1000; i++)
		expect(b, i, 2000, 10);
	for (int i = 0; i < 1000; i++)
		recv(b, i, 10000 + 10 * i, 10010 + 10 * i);
	assert_int_equal(b->stream.recvs.count, 16);
}

/*
 * One record is missing that no flag told of (the spool dropped it). The queues must neither grow
 * without end nor lose what comes later.
 */
static void test_limit_passes_gap(void **state)
{
	struct bench *b = *state;

	b->stream.limit = 16;
	recv(b, 1000, 0, 10); /* the send of [0,10) never comes */
	for (int i = 1; i < 100; i++) {
		send(b, i, 10 * i, 10 * i + 10);
		recv(b, 1000 + i, 10 * i, 10 * i + 10);
		assert_true(b->stream.sends.count <= 16 && b->stream.recvs.count <= 16);
	}
	finish(b);
	for (int i = 1; i < 100; i++)
		expect(b, i, 1000 + i, 10);
}

static void test_shrink(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 1000; i++)
		send(b, i, i, i + 1);
	stream_shrink(&b->stream);
	recv(b, 1000, 0, 1000);
	for (int i = 0; i < 1000; i++)
		expect(b, i, 1000, 1);
	stream_shrink(&b->stream);
	assert_null(b->stream.sends.v);
	assert_null(b->stream.recvs.v);
	send(b, 1, 1000, 1001);
	recv(b, 2, 1000, 1001);
	expect(b, 1, 2, 1);
}

/*
 * The model: a pipe as a queue of runs of bytes, each of one write. A write of more than there is
 * room for blocks, and meanwhile nobody else writes (what overlaps is ambiguous, and no truth).
 * Records are emitted as calls return, then held back and mixed.
 */

#define MODEL_CAPACITY 200
#define MODEL_PACKET   4096
#define MODEL_SPANS    3001
#define MODEL_RUNS     4096
#define MODEL_LATE_MAX 64

struct run {
	int64_t send, bytes;
	bool packet; /* one whole packet, of which a receive drops the rest */
};

struct model {
	uint64_t seed;
	struct bench *bench;
	struct run runs[MODEL_RUNS];
	size_t run_first, run_count;
	int64_t fill, capacity;
	int64_t sent, received; /* the kernel side's numbering */
	int64_t next_op;
	struct span blocked; /* a write in progress, if `blocked_left` */
	int64_t blocked_left;
	struct {
		struct span span;
		bool is_send;
	} late[MODEL_LATE_MAX];
	size_t late_count, late_max;
	bool lossy, packets, drops;
	bool lost[2 * MODEL_SPANS]; /* by op */
	int confidence[2 * MODEL_SPANS];
	struct list truth;
};

static int64_t model_random(struct model *m, int64_t below)
{
	return (int64_t)(random_next(&m->seed) % (uint64_t)below);
}

static int64_t model_op(struct model *m)
{
	int64_t op = m->next_op++;

	m->lost[op] = m->lossy && !model_random(m, 20);
	m->confidence[op] = m->lossy ? CONFIDENCE_EXACT : (int)model_random(m, 3);
	return op;
}

/* Let one record that was held back through. */
static void model_emit_one(struct model *m)
{
	size_t i = model_random(m, (int64_t)m->late_count);
	struct span span = m->late[i].span;
	bool is_send = m->late[i].is_send;

	m->late[i] = m->late[--m->late_count];
	if (m->lost[span.op_id])
		return;
	span.confidence = m->confidence[span.op_id];
	if (is_send)
		span_send(m->bench, &span);
	else
		span_recv(m->bench, &span);
}

static void model_emit(struct model *m, const struct span *span, bool is_send)
{
	m->late[m->late_count].span = *span;
	m->late[m->late_count++].is_send = is_send;
	while (m->late_count >= m->late_max)
		model_emit_one(m);
}

static void model_settle(struct model *m)
{
	while (m->late_count)
		model_emit_one(m);
}

static void model_truth(struct model *m, int64_t send_op, int64_t recv_op, int64_t bytes)
{
	int by_send = m->confidence[send_op], by_recv = m->confidence[recv_op];

	if (bytes && !m->lost[send_op] && !m->lost[recv_op])
		list_add(&m->truth, send_op, recv_op, bytes, by_send > by_recv ? by_send : by_recv);
}

static void model_put(struct model *m, int64_t send_op, int64_t bytes, bool as_packet)
{
	if (m->run_count == MODEL_RUNS) {
		m->run_count -= m->run_first;
		memmove(m->runs, m->runs + m->run_first, m->run_count * sizeof(*m->runs));
		m->run_first = 0;
		assert_true(m->run_count < MODEL_RUNS);
	}
	m->runs[m->run_count++] = (struct run){send_op, bytes, as_packet};
	m->fill += bytes;
}

/* Go on with the blocked write as far as there is room; it returns when all is in. */
static void model_unblock(struct model *m)
{
	int64_t room = m->capacity - m->fill;
	int64_t bytes = room < m->blocked_left ? room : m->blocked_left;

	if (!m->blocked_left || bytes <= 0)
		return;
	model_put(m, m->blocked.op_id, bytes, false);
	m->blocked_left -= bytes;
	if (!m->blocked_left) {
		m->sent = m->blocked.end;
		model_emit(m, &m->blocked, true);
	}
}

static void model_write(struct model *m)
{
	int64_t bytes = 1 + model_random(m, model_random(m, 8) ? 60 : 3 * m->capacity);
	struct span s = {.start = m->sent, .end = m->sent + bytes, .op_id = model_op(m)};

	if (m->packets) {
		s.packets = true;
		for (int64_t left = bytes; left > 0; left -= MODEL_PACKET)
			model_put(m, s.op_id, left < MODEL_PACKET ? left : MODEL_PACKET, true);
		m->sent = s.end;
		model_emit(m, &s, true);
		return;
	}
	m->blocked = s;
	m->blocked_left = bytes;
	model_unblock(m);
}

static void model_read(struct model *m)
{
	int64_t left = 1 + model_random(m, m->packets ? 6000 : 100);
	struct span s = {.start = m->received, .end = m->received, .op_id = model_op(m)};

	while (left && m->run_first < m->run_count) {
		struct run *run = &m->runs[m->run_first];
		int64_t bytes = left < run->bytes ? left : run->bytes;
		bool packet_ends = run->packet;

		model_truth(m, run->send, s.op_id, bytes);
		s.end += bytes;
		left -= bytes;
		m->fill -= packet_ends ? run->bytes : bytes;
		run->bytes -= bytes;
		if (!run->bytes || packet_ends)
			m->run_first++;
		if (packet_ends)
			break;
	}
	m->received = s.end;
	if (s.end > s.start)
		model_emit(m, &s, false);
	model_unblock(m);
}

/* All close the FIFO. Nothing is on its way then. */
static void model_drop(struct model *m)
{
	if (m->blocked_left)
		return;
	model_settle(m);
	m->run_first = m->run_count;
	m->fill = 0;
	m->received = m->sent;
	stream_drop(&m->bench->stream);
}

static void model_step(struct model *m)
{
	bool empty = m->run_first == m->run_count, full = m->fill >= m->capacity;

	if (m->drops && !model_random(m, 50))
		model_drop(m);
	else if (m->blocked_left || full || (!empty && model_random(m, 2)))
		model_read(m);
	else
		model_write(m);
}

static int pairing_order(const void *x, const void *y)
{
	const struct pairing *a = x, *b = y;

	if (a->send != b->send)
		return a->send < b->send ? -1 : 1;
	return (a->recv > b->recv) - (a->recv < b->recv);
}

/*
 * One write and one read meet in one message, however many runs the write was cut into: add up
 * neighbours of the same pair.
 */
static void list_settle(struct list *l)
{
	size_t kept = 0;

	qsort(l->v, l->count, sizeof(*l->v), pairing_order);
	for (size_t i = 0; i < l->count; i++)
		if (kept && !pairing_order(&l->v[kept - 1], &l->v[i]))
			l->v[kept - 1].bytes += l->v[i].bytes;
		else
			l->v[kept++] = l->v[i];
	l->count = kept;
}

static void model_compare(struct model *m, uint64_t seed)
{
	struct list *got = &m->bench->got, *truth = &m->truth;

	list_settle(truth);
	qsort(got->v, got->count, sizeof(*got->v), pairing_order);
	assert_true(truth->count > MODEL_SPANS / 8);
	for (size_t i = 0; i < truth->count || i < got->count; i++) {
		const struct pairing none = {-1, -1, 0, -1};
		const struct pairing *g = i < got->count ? &got->v[i] : &none;
		const struct pairing *t = i < truth->count ? &truth->v[i] : &none;

		if (g->send != t->send || g->recv != t->recv || g->bytes != t->bytes ||
		    g->confidence != t->confidence)
			fail_msg("seed %llu, pairing %zu: %lld>%lld %lld (%d), in truth %lld>%lld "
				 "%lld (%d)",
				 (unsigned long long)seed, i, (long long)g->send,
				 (long long)g->recv, (long long)g->bytes, g->confidence,
				 (long long)t->send, (long long)t->recv, (long long)t->bytes,
				 t->confidence);
	}
}

struct mode {
	bool lossy, packets, drops;
	size_t late_max;
	int64_t inherited;
};

static void model_run(struct bench *b, uint64_t seed, const struct mode *mode)
{
	struct model *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	*m = (struct model){.seed = seed,
			    .bench = b,
			    .lossy = mode->lossy,
			    .packets = mode->packets,
			    .drops = mode->drops,
			    .late_max = mode->late_max,
			    .next_op = 1};
	m->capacity = m->packets ? 16 * MODEL_PACKET : MODEL_CAPACITY;
	b->stream.lossy = mode->lossy;
	b->stream.shift = -mode->inherited;
	b->stream.limit = MODEL_SPANS;
	if (mode->inherited) {
		m->lost[0] = true; /* who put it in is not traced */
		model_put(m, 0, mode->inherited, false);
	}
	while (m->next_op < MODEL_SPANS)
		model_step(m);
	while (m->blocked_left)
		model_read(m);
	model_settle(m);
	if (m->lossy)
		finish(b); /* otherwise all must be known by now */
	model_compare(m, seed);
	finish(b);
	assert_int_equal(b->got.count, m->truth.count);
	b->checked = b->got.count;
	free(m->truth.v);
	free(m);
}

static void models_run(const struct mode *mode)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct bench b = {0};

		model_run(&b, seed, mode);
		stream_clear(&b.stream);
		free(b.got.v);
	}
}

static void test_model(void **state)
{
	models_run(&(struct mode){.late_max = 1});
}

static void test_model_out_of_order(void **state)
{
	models_run(&(struct mode){.late_max = 3});
	models_run(&(struct mode){.late_max = MODEL_LATE_MAX - 1});
}

static void test_model_inherited(void **state)
{
	models_run(&(struct mode){.late_max = 5, .inherited = 167});
}

static void test_model_drops(void **state)
{
	models_run(&(struct mode){.late_max = 7, .drops = true});
}

static void test_model_packets(void **state)
{
	models_run(&(struct mode){.late_max = 1, .packets = true});
	models_run(&(struct mode){.late_max = 9, .packets = true, .drops = true});
}

/* Every twentieth record is lost: what is left of the truth must all be found, and nothing else. */
static void test_model_lossy(void **state)
{
	models_run(&(struct mode){.late_max = 1, .lossy = true});
	models_run(&(struct mode){.late_max = 6, .lossy = true});
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)
	const struct CMUnitTest tests[] = {
		TEST(test_one_to_one),
		TEST(test_split_send),
		TEST(test_merged_receive),
		TEST(test_empty_spans),
		TEST(test_receives_before_send),
		TEST(test_sends_out_of_order),
		TEST(test_receives_out_of_order),
		TEST(test_gap_not_lossy),
		TEST(test_gap_of_receive_not_lossy),
		TEST(test_gap_lossy),
		TEST(test_gap_of_receive_lossy),
		TEST(test_finish_without_partner),
		TEST(test_peek),
		TEST(test_peek_before_send),
		TEST(test_peek_after_receive),
		TEST(test_packets),
		TEST(test_packets_of_large_send),
		TEST(test_packets_out_of_order),
		TEST(test_packets_spliced),
		TEST(test_packets_and_bytes),
		TEST(test_packets_lossy),
		TEST(test_drop),
		TEST(test_drop_of_receives),
		TEST(test_drop_of_packets),
		TEST(test_inherited_fill),
		TEST(test_inherited_out_of_order),
		TEST(test_confidence),
		TEST(test_limit),
		TEST(test_limit_passes_gap),
		TEST(test_shrink),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_model_out_of_order),
		cmocka_unit_test(test_model_inherited),
		cmocka_unit_test(test_model_drops),
		cmocka_unit_test(test_model_packets),
		cmocka_unit_test(test_model_lossy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
