// SPDX-License-Identifier: BSD-2-Clause
/*
 * Shared memory from records to rows: who shares with whom, what a range holds that the kernel side
 * could not tell, first touches, names, and what is left behind.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "collector/share.h"
#include "records.h"
#include "rows.h"

#define RW   (PROT_READ | PROT_WRITE)
#define PAGE 4096

#define EDGES "SELECT sender_id, receiver_id, kind, messages, bytes, transit_max_ns FROM edges"

static void family(struct records *r, unsigned count)
{
	records_begin(r);
	for (unsigned p = 1; p <= count; p++)
		records_fork(r, p, 0, 1000 + p, "peer");
}

/* A POSIX segment that process 1 makes, as object `object`. */
static struct ipct_object *segment(struct records *r, unsigned object, const char *path)
{
	struct ipct_object *o = records_object(r, object, path);

	r->mechanism[object] = o->head.mechanism = IPCT_MECH_POSIX_SHM;
	o->head.process = 1;
	o->flags = IPCT_OBJECT_LASTING;
	o->capacity = 3 * PAGE;
	return o;
}

static void map(struct records *r, unsigned process, unsigned object, int page, int protection)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_mmap, -1);

	op->result = (int64_t)page * PAGE;
	op->requested = 3 * PAGE;
	op->arg = (unsigned)protection | (__u64)MAP_SHARED << 32;
}

static struct ipct_op *unmap(struct records *r, unsigned process, unsigned object, int page,
			     int pages)
{
	struct ipct_op *op = records_op(r, process, object, IPCT_SYS_munmap, -1);

	op->key = (__u64)page * PAGE;
	op->requested = (__u64)pages * PAGE;
	return op;
}

static void unlink_(struct records *r, const char *path, int result)
{
	struct ipct_path_op *p = records_path_op(r, 1, IPCT_SYS_unlink, NULL, path);

	p->op.head.mechanism = IPCT_MECH_POSIX_SHM;
	p->op.flags = IPCT_OP_FINISHED;
	p->op.result = result;
	r->end.counts[IPCT_MECH_POSIX_SHM][IPCT_COUNT_SEEN]++;
}

static void link_(struct records *r, const char *from, const char *to)
{
	struct ipct_path_op *p = records_path_op(r, 1, IPCT_SYS_link, NULL, from);

	p->op.head.mechanism = IPCT_MECH_POSIX_SHM;
	p->op.flags = IPCT_OP_FINISHED;
	p->base.len = (__u16)(strlen(to) + 1);
	memcpy(p->base.text, to, p->base.len);
	r->end.counts[IPCT_MECH_POSIX_SHM][IPCT_COUNT_SEEN]++;
}

static sqlite3 *finished(struct records *r)
{
	sqlite3 *db;

	records_end(r);
	db = rows_of(r);
	assert_balanced(db);
	return db;
}

/* Both can write, one of two can, and none can. */
static void test_directions(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 3);
	segment(&r, 1, "/dev/shm/a");
	map(&r, 1, 1, 10, RW);
	map(&r, 2, 1, 10, RW);
	map(&r, 3, 1, 10, PROT_READ);
	segment(&r, 2, "/dev/shm/b");
	map(&r, 2, 2, 20, PROT_READ);
	map(&r, 3, 2, 20, PROT_READ);
	db = finished(&r);
	assert_rows(db, EDGES " ORDER BY 1, 2",
		    "1|2|shared|0|0|-\n1|3|shared|0|0|-\n2|1|shared|0|0|-\n2|3|shared|0|0|-\n");
	sqlite3_close(db);
}

/* What was written is read later; what is read first was not written yet. */
static void test_one_after_the_other(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 3);
	segment(&r, 1, "/dev/shm/a");
	map(&r, 3, 1, 10, PROT_READ);
	unmap(&r, 3, 1, 10, 3);
	map(&r, 1, 1, 10, RW);
	unmap(&r, 1, 1, 10, 3);
	map(&r, 2, 1, 10, PROT_READ);
	unmap(&r, 2, 1, 10, 3);
	db = finished(&r);
	/* from when the one maps, which is the eighth record, until it unmaps */
	assert_rows(db, "SELECT sender_id, receiver_id, first_ns, last_ns FROM edges",
		    "1|2|8400|9400\n");
	sqlite3_close(db);
}

/* An fd will do: written by the one, mapped by the other, and the other way round. */
static void test_by_fd(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 3);
	segment(&r, 1, "/dev/shm/a");
	records_write(&r, 1, 1, 3, 100)->key = 3 * PAGE;
	map(&r, 2, 1, 10, PROT_READ);
	records_read(&r, 3, 1, 3, 100)->key = 3 * PAGE;
	db = finished(&r);
	assert_rows(db, EDGES " ORDER BY 1, 2", "1|2|shared|0|0|-\n1|3|shared|0|0|-\n");
	assert_rows(db, "SELECT sent_bytes, received_bytes, processes FROM objects", "100|100|3\n");
	sqlite3_close(db);
}

/* A protection that comes later makes a writer of a reader. */
static void test_protection(void **state)
{
	struct records r;
	struct ipct_op *op;
	sqlite3 *db;

	family(&r, 2);
	segment(&r, 1, "/dev/shm/a");
	map(&r, 1, 1, 10, PROT_NONE);
	map(&r, 2, 1, 10, PROT_READ);
	op = records_op(&r, 1, 1, IPCT_SYS_mprotect, -1);
	op->key = 11 * PAGE;
	op->requested = PAGE;
	op->arg = PROT_WRITE;
	db = finished(&r);
	assert_rows(db, "SELECT sender_id, receiver_id, first_ns FROM edges", "1|2|5400\n");
	assert_rows(db,
		    "SELECT length / 4096, protection, how, unmapped_ns FROM mappings "
		    "WHERE process_id = 1 ORDER BY address, mapped_ns",
		    "1|---|mmap|-\n1|---|mmap|5400\n1|-w-|mprotect|-\n1|---|mmap|-\n");
	sqlite3_close(db);
}

static void test_fork_and_exec(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 1);
	segment(&r, 1, "/dev/shm/a");
	map(&r, 1, 1, 10, RW);
	records_fork(&r, 2, 1, 1002, "child");
	records_exec(&r, 2, 1002, "/bin/x", "x\0");
	records_fork(&r, 3, 1, 1003, "child");
	records_exit(&r, 1, 1001, 0);
	records_exit(&r, 3, 1003, 0);
	records_exit(&r, 2, 1002, 0);
	db = finished(&r);
	assert_rows(db, "SELECT process_id, how, mapped_ns, unmapped_ns FROM mappings",
		    "1|mmap|2400|-\n2|fork|3000|4000\n3|fork|5000|-\n");
	/* closed by the last exit of one who had it mapped */
	assert_rows(db, "SELECT closed_ns FROM objects", "7000\n");
	sqlite3_close(db);
}

/* The kernel side could not tell what lies in the range: the mappings say it. */
static void test_ranges(void **state)
{
	struct records r;
	struct ipct_op *op;
	sqlite3 *db;

	family(&r, 2);
	segment(&r, 1, "/dev/shm/a");
	map(&r, 1, 1, 10, RW);
	for (int process = 1; process <= 2; process++) {
		op = unmap(&r, process, 0, 5, 6);
		op->head.mechanism = IPCT_MECH_NONE;
		op->flags |= IPCT_OP_RANGE;
	}
	r.end.counts[IPCT_MECH_NONE][IPCT_COUNT_SEEN] = 0;
	db = finished(&r);
	assert_rows(db, "SELECT process_id, syscall, object FROM ops",
		    "1|mmap|/dev/shm/a\n1|munmap|/dev/shm/a\n");
	assert_rows(db, "SELECT file_offset, unmapped_ns IS NOT NULL FROM mappings ORDER BY 1",
		    "0|1\n4096|0\n");
	sqlite3_close(db);
}

static void test_touches(void **state)
{
	struct ipct_touch t = {
		.head = {.len = sizeof(t), .type = IPCT_EV_TOUCH, .process = 2},
		.object = 1,
		.reads = 3,
		.writes = 7,
	};
	struct records r;
	sqlite3 *db;

	family(&r, 2);
	segment(&r, 1, "/dev/shm/a");
	map(&r, 1, 1, 10, RW);
	records_put(&r, &t, sizeof(t));
	t.object = 17; /* never announced */
	records_put(&r, &t, sizeof(t));
	db = finished(&r);
	assert_rows(db, "SELECT object, process_id, reads, writes FROM touches",
		    "/dev/shm/a|2|3|7\n");
	assert_rows(db, "SELECT processes FROM objects", "2\n");
	sqlite3_close(db);
}

/* Removed, left, still mapped at the end, and not made here. */
static void test_left_behind(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 1);
	segment(&r, 1, "/dev/shm/removed");
	unlink_(&r, "/dev/shm/removed", 0);
	segment(&r, 2, "/dev/shm/left");
	unlink_(&r, "/dev/shm/left", -EACCES);
	segment(&r, 3, "/dev/shm/mapped");
	map(&r, 1, 3, 10, RW);
	segment(&r, 4, "/dev/shm/theirs")->head.process = 0;
	unlink_(&r, "/dev/shm/removed", -ENOENT);
	db = finished(&r);
	assert_rows(db, "SELECT name, left_behind FROM objects",
		    "/dev/shm/removed|0\n/dev/shm/left|1\n/dev/shm/mapped|0\n/dev/shm/theirs|0\n");
	sqlite3_close(db);
}

/* sem_open makes a file of another name, and gives it its own when it is ready. */
static void test_names(void **state)
{
	struct records r;
	sqlite3 *db;

	family(&r, 1);
	segment(&r, 1, "/dev/shm/sem.Xa81x2");
	link_(&r, "/dev/shm/sem.Xa81x2", "/dev/shm/sem.jobs");
	unlink_(&r, "/dev/shm/sem.Xa81x2", 0);
	segment(&r, 2, "/dev/shm/sem.2");
	link_(&r, "/dev/shm/sem.2", "/dev/shm/sem.two");
	unlink_(&r, "/dev/shm/sem.two", 0);
	segment(&r, 3, "/dev/shm/sem.3");
	link_(&r, "/dev/shm/sem.3", "/dev/shm/sem.three");
	unlink_(&r, "/dev/shm/sem.3", 0);
	unlink_(&r, "/dev/shm/sem.three", 0);
	db = finished(&r);
	assert_rows(db, "SELECT name, left_behind FROM objects",
		    "/dev/shm/sem.jobs|1\n/dev/shm/sem.2|1\n/dev/shm/sem.three|0\n");
	sqlite3_close(db);
}

/* Edges are the square of the sharers: so many, and no more. */
static void test_many(void **state)
{
	char expected[64];
	struct records r;
	sqlite3 *db;

	family(&r, SHARERS_MAX + 10);
	segment(&r, 1, "/dev/shm/a");
	for (unsigned p = 1; p <= SHARERS_MAX + 10; p++)
		map(&r, p, 1, 10, RW);
	db = finished(&r);
	snprintf(expected, sizeof(expected), "%d\n", SHARERS_MAX * (SHARERS_MAX - 1));
	assert_rows(db, "SELECT count(*) FROM edges", expected);
	assert_rows(db, "SELECT value FROM meta WHERE key = 'sharers_without_edges'", "10\n");
	sqlite3_close(db);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, folder_enter, folder_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_directions), TEST(test_one_after_the_other), TEST(test_by_fd),
		TEST(test_protection), TEST(test_fork_and_exec),       TEST(test_ranges),
		TEST(test_touches),    TEST(test_left_behind),         TEST(test_names),
		TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
