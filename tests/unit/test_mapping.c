// SPDX-License-Identifier: BSD-2-Clause
/*
 * Address spaces: what calls on ranges, fork and exec leave mapped. The hooks keep a list of rows
 * as the file would have them; tests say which they expect, one a line:
 *
 *   process start-end offset protection since-until how
 *
 * in pages, with `until` empty while it lasts and "x" where the process ended with it.
 */
#include "collector/mapping.h"

#include "schemas/tables.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include <cmocka.h>

#define PAGE  4096ull
#define LASTS (-2)
#define EXITS (-3)
#define ROWS  256

#define RW (PROT_READ | PROT_WRITE)

/* Stand-ins: the code under test looks only at their addresses. */
static char objects_[4];
#define OBJECT(n) ((struct object *)&objects_[n])

static struct fixture {
	struct mapping rows[ROWS];
	int64_t until[ROWS];
	int count;
	int fail_after; /* hooks that succeed before one fails; -1: all do */
	struct process process[4];
	int64_t now;
} f;

static int may_fail(void)
{
	return f.fail_after >= 0 && f.fail_after-- == 0 ? -ENOMEM : 0;
}

static int began(struct mapping *m, void *arg)
{
	assert_ptr_equal(arg, &f);
	assert_in_range(f.count, 0, ROWS - 1);
	m->id = f.count;
	f.rows[f.count] = *m;
	f.until[f.count++] = LASTS;
	return may_fail();
}

static int changed(struct mapping *m, void *arg)
{
	assert_int_equal(f.until[m->id], LASTS);
	f.rows[m->id] = *m;
	return may_fail();
}

static int ended(struct mapping *m, int64_t ns, bool exits, void *arg)
{
	assert_int_equal(f.until[m->id], LASTS);
	f.rows[m->id] = *m;
	f.until[m->id] = exits ? EXITS : ns;
	return may_fail();
}

static const struct mapping_hooks hooks = {began, changed, ended, &f};

static int setup(void **state)
{
	memset(&f, 0, sizeof(f));
	f.fail_after = -1;
	for (int i = 0; i < 4; i++)
		f.process[i].id = i + 1;
	return 0;
}

static int teardown(void **state)
{
	for (int i = 0; i < 4; i++)
		mapping_clear(&f.process[i]);
	return 0;
}

static int row_order(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* The rows, sorted as text: the order in which parts come is nobody's business. */
static void assert_rows(const char *expected)
{
	char text[ROWS][64], *line[ROWS], all[ROWS * 64] = "", until[24];

	for (int i = 0; i < f.count; i++) {
		const struct mapping *m = &f.rows[i];

		if (f.until[i] == LASTS)
			*until = 0;
		else if (f.until[i] == EXITS)
			strcpy(until, "x");
		else
			snprintf(until, sizeof(until), "%d", (int)f.until[i]);
		snprintf(text[i], sizeof(text[i]), "%u %d-%d %d %s%s%s %d-%s %s\n", m->process->id,
			 (int)(m->start / PAGE), (int)(m->end / PAGE), (int)(m->offset / PAGE),
			 m->protection & PROT_READ ? "r" : "-",
			 m->protection & PROT_WRITE ? "w" : "-",
			 m->protection & PROT_EXEC ? "x" : "-", (int)m->mapped_ns, until, m->how);
		line[i] = text[i];
	}
	qsort(line, f.count, sizeof(*line), row_order);
	for (int i = 0; i < f.count; i++)
		strcat(all, line[i]);
	assert_string_equal(all, expected);
}

/* Each call begins at the next even time and ends one later. */
static int call(int process, int object, struct ipct_op *op)
{
	f.now += 2;
	return mapping_op(&hooks, &f.process[process - 1], OBJECT(object), op, op->requested, f.now,
			  f.now + 1);
}

static void map(int process, int object, int page, int pages, int offset, int protection)
{
	struct ipct_op op = {
		.syscall = IPCT_SYS_mmap,
		.role = IPCT_ROLE_MAP,
		.object = object,
		.result = (int64_t)(page * PAGE),
		.requested = pages * PAGE,
		.offset = offset * PAGE,
		.arg = (unsigned)protection | (__u64)MAP_SHARED << 32,
	};

	assert_int_equal(call(process, object, &op), 0);
}

static struct ipct_op range(unsigned syscall, int page, int pages, unsigned arg)
{
	return (struct ipct_op){
		.syscall = syscall,
		.role = syscall_rows[syscall].row.role,
		.key = page * PAGE,
		.requested = pages * PAGE,
		.arg = arg,
	};
}

static void on(int process, unsigned syscall, int page, int pages, unsigned arg)
{
	struct ipct_op op = range(syscall, page, pages, arg);

	assert_int_equal(call(process, 1, &op), 0);
}

static void unmap(int process, int page, int pages)
{
	on(process, IPCT_SYS_munmap, page, pages, 0);
}

static void move(int process, int page, int pages, int to, int to_pages, unsigned flags)
{
	struct ipct_op op = range(IPCT_SYS_mremap, page, to_pages, flags);

	op.offset = pages * PAGE;
	op.result = (int64_t)(to * PAGE);
	assert_int_equal(call(process, 1, &op), 0);
}

static void forked(int child, int parent, bool shares)
{
	f.now += 2;
	assert_int_equal(mapping_fork(&hooks, &f.process[child - 1], &f.process[parent - 1], shares,
				      f.now),
			 0);
}

static void leave(int process, bool exits)
{
	f.now += 2;
	assert_int_equal(mapping_leave(&hooks, &f.process[process - 1], exits, f.now), 0);
}

static void test_map_unmap(void **state)
{
	map(1, 1, 10, 5, 0, RW);
	unmap(1, 10, 5);
	map(1, 1, 10, 5, 7, PROT_READ);
	assert_rows("1 10-15 0 rw- 3-5 mmap\n"
		    "1 10-15 7 r-- 7- mmap\n");
}

/* A part at the start, at the end, in the middle; and one over several mappings. */
static void test_unmap_parts(void **state)
{
	map(1, 1, 10, 10, 100, RW);
	unmap(1, 10, 2);
	unmap(1, 19, 1);
	unmap(1, 14, 2);
	assert_rows("1 10-12 100 rw- 3-5 mmap\n"
		    "1 12-14 102 rw- 3- mmap\n"
		    "1 14-16 104 rw- 3-9 mmap\n"
		    "1 16-19 106 rw- 3- mmap\n"
		    "1 19-20 109 rw- 3-7 mmap\n");
	unmap(1, 0, 100);
	assert_null(mapping_find(&f.process[0], 0, 100 * PAGE));
}

static void test_unmap_of_nothing(void **state)
{
	unmap(1, 10, 5);
	map(1, 1, 10, 5, 0, RW);
	unmap(1, 5, 5);
	unmap(1, 15, 5);
	unmap(2, 10, 5);
	unmap(1, 12, 0);
	assert_int_equal(f.until[0], LASTS);
}

/* Lengths are in bytes, mappings are in pages. */
static void test_rounding(void **state)
{
	struct ipct_op op = range(IPCT_SYS_munmap, 10, 0, 0);

	map(1, 1, 10, 2, 0, RW);
	op.requested = 1;
	assert_int_equal(call(1, 1, &op), 0);
	assert_rows("1 10-11 0 rw- 3-5 mmap\n"
		    "1 11-12 1 rw- 3- mmap\n");
}

/* MAP_FIXED: a new mapping over old ones, and a private one, whose record names no object. */
static void test_map_over(void **state)
{
	struct ipct_op op = range(IPCT_SYS_mmap, 12, 1, 0);

	map(1, 1, 10, 10, 0, RW);
	map(1, 2, 18, 4, 0, PROT_READ);
	op.role = IPCT_ROLE_UNMAP;
	assert_int_equal(call(1, 1, &op), 0);
	assert_rows("1 10-12 0 rw- 3- mmap\n"
		    "1 12-13 2 rw- 3-7 mmap\n"
		    "1 13-18 3 rw- 3- mmap\n"
		    "1 18-20 8 rw- 3-5 mmap\n"
		    "1 18-22 0 r-- 5- mmap\n");
}

/* Its record came late: what is there now was mapped after it had begun. */
static void test_late_unmap(void **state)
{
	struct ipct_op op = range(IPCT_SYS_munmap, 10, 5, 0);

	f.now = 10;
	map(1, 1, 10, 5, 0, RW);
	assert_int_equal(mapping_op(&hooks, &f.process[0], OBJECT(1), &op, 0, 9, 12), 0);
	assert_rows("1 10-15 0 rw- 13- mmap\n");
}

static void test_protect(void **state)
{
	map(1, 1, 10, 10, 0, RW);
	on(1, IPCT_SYS_mprotect, 12, 3, PROT_READ);
	on(1, IPCT_SYS_mprotect, 12, 3, PROT_READ); /* as it is */
	on(1, IPCT_SYS_mprotect, 0, 100, PROT_NONE);
	assert_rows("1 10-12 0 --- 9- mprotect\n"
		    "1 10-12 0 rw- 3-9 mmap\n"
		    "1 12-15 2 --- 9- mprotect\n"
		    "1 12-15 2 r-- 5-9 mprotect\n"
		    "1 12-15 2 rw- 3-5 mmap\n"
		    "1 15-20 5 --- 9- mprotect\n"
		    "1 15-20 5 rw- 3-9 mmap\n");
}

static void test_move(void **state)
{
	map(1, 1, 10, 4, 0, RW);
	move(1, 10, 4, 30, 8, MREMAP_MAYMOVE); /* away, and larger */
	move(1, 30, 8, 30, 6, 0);              /* smaller, in place */
	move(1, 32, 2, 50, 2, MREMAP_MAYMOVE); /* a part of it */
	assert_rows("1 10-14 0 rw- 3-5 mmap\n"
		    "1 30-32 0 rw- 7- mremap\n"
		    "1 30-38 0 rw- 5-7 mremap\n"
		    "1 32-34 2 rw- 7-9 mremap\n"
		    "1 34-36 4 rw- 7- mremap\n"
		    "1 50-52 2 rw- 9- mremap\n");
}

/* Two ways to have the same twice; and onto what was there. */
static void test_move_and_stay(void **state)
{
	map(1, 1, 10, 4, 0, RW);
	move(1, 10, 0, 30, 4, MREMAP_MAYMOVE);
	move(1, 10, 4, 50, 4, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	move(1, 10, 4, 31, 4, MREMAP_MAYMOVE | MREMAP_FIXED);
	assert_rows("1 10-14 0 rw- 3-9 mmap\n"
		    "1 30-31 0 rw- 5- mremap\n"
		    "1 31-34 1 rw- 5-9 mremap\n"
		    "1 31-35 0 rw- 9- mremap\n"
		    "1 50-54 0 rw- 7- mremap\n");
}

static void test_move_of_nothing(void **state)
{
	map(1, 1, 10, 4, 0, RW);
	move(1, 20, 4, 50, 4, MREMAP_MAYMOVE);
	assert_int_equal(f.count, 1);
}

/* shmdt takes all of its segment that was attached at that address, and no other. */
static void test_detach(void **state)
{
	struct ipct_op op = range(IPCT_SYS_shmdt, 10, 0, 0);
	struct ipct_op attach = {
		.syscall = IPCT_SYS_shmat,
		.role = IPCT_ROLE_MAP,
		.object = 1,
	};

	attach.result = (int64_t)(10 * PAGE);
	attach.requested = 4 * PAGE;
	attach.arg = 0;
	assert_int_equal(call(1, 1, &attach), 0);
	map(1, 1, 14, 4, 4, RW);
	unmap(1, 10, 1);
	unmap(1, 12, 1);
	attach.result = (int64_t)(30 * PAGE);
	attach.arg = SHM_RDONLY;
	assert_int_equal(call(1, 1, &attach), 0);
	assert_int_equal(mapping_attached(&f.process[0], 10 * PAGE)->start, 11 * PAGE);
	assert_null(mapping_attached(&f.process[0], 11 * PAGE));
	assert_int_equal(call(1, 1, &op), 0);
	assert_rows("1 10-11 0 rw- 3-7 shmat\n"
		    "1 11-12 1 rw- 3-13 shmat\n"
		    "1 12-13 2 rw- 3-9 shmat\n"
		    "1 13-14 3 rw- 3-13 shmat\n"
		    "1 14-18 4 rw- 5- mmap\n"
		    "1 30-34 0 r-- 11- shmat\n");
}

static void test_fork(void **state)
{
	map(1, 1, 10, 4, 0, RW);
	map(1, 2, 20, 1, 0, PROT_READ);
	unmap(1, 20, 1);
	forked(2, 1, false);
	unmap(1, 10, 4);
	map(1, 1, 30, 1, 0, RW);
	unmap(2, 10, 1);
	leave(2, true);
	assert_rows("1 10-14 0 rw- 3-11 mmap\n"
		    "1 20-21 0 r-- 5-7 mmap\n"
		    "1 30-31 0 rw- 13- mmap\n"
		    "2 10-11 0 rw- 8-15 fork\n"
		    "2 11-14 1 rw- 8-x fork\n");
}

static void test_dont_fork(void **state)
{
	map(1, 1, 10, 10, 0, RW);
	on(1, IPCT_SYS_madvise, 12, 6, MADV_DONTFORK);
	on(1, IPCT_SYS_madvise, 14, 2, MADV_DOFORK);
	on(1, IPCT_SYS_madvise, 10, 10, MADV_WILLNEED);
	forked(2, 1, false);
	assert_non_null(mapping_find(&f.process[1], 10 * PAGE, 1));
	assert_null(mapping_find(&f.process[1], 12 * PAGE, 2 * PAGE));
	assert_non_null(mapping_find(&f.process[1], 14 * PAGE, 1));
	assert_null(mapping_find(&f.process[1], 16 * PAGE, 2 * PAGE));
	assert_non_null(mapping_find(&f.process[1], 18 * PAGE, 1));
}

/* vfork: one address space until the child execs. */
static void test_shared_space(void **state)
{
	map(1, 1, 10, 1, 0, RW);
	forked(2, 1, true);
	map(2, 1, 20, 1, 0, RW);
	assert_non_null(mapping_find(&f.process[0], 20 * PAGE, 1));
	leave(2, false);
	assert_null(mapping_find(&f.process[1], 20 * PAGE, 1));
	unmap(1, 20, 1);
	leave(1, true);
	assert_rows("1 10-11 0 rw- 3-x mmap\n"
		    "2 20-21 0 rw- 7-11 mmap\n");
}

static void test_exec(void **state)
{
	map(1, 1, 10, 1, 0, RW);
	leave(1, false);
	map(1, 1, 10, 1, 0, RW);
	assert_rows("1 10-11 0 rw- 3-4 mmap\n"
		    "1 10-11 0 rw- 7- mmap\n");
}

static void test_find(void **state)
{
	map(1, 1, 10, 2, 0, RW);
	map(1, 2, 14, 2, 0, RW);
	assert_null(mapping_find(&f.process[0], 0, 10 * PAGE));
	assert_ptr_equal(mapping_find(&f.process[0], 0, 10 * PAGE + 1)->object, OBJECT(1));
	assert_ptr_equal(mapping_find(&f.process[0], 11 * PAGE, 1)->object, OBJECT(1));
	assert_null(mapping_find(&f.process[0], 12 * PAGE, 2 * PAGE));
	assert_ptr_equal(mapping_find(&f.process[0], 12 * PAGE, 10 * PAGE)->object, OBJECT(2));
	assert_null(mapping_find(&f.process[0], 16 * PAGE, UINT64_MAX));
	assert_null(mapping_find(&f.process[1], 0, UINT64_MAX));
}

/* What a damaged capture may hold does no harm. */
static void test_absurd_ranges(void **state)
{
	struct ipct_op op = {
		.syscall = IPCT_SYS_mmap,
		.role = IPCT_ROLE_MAP,
		.object = 1,
		.result = INT64_MAX,
		.requested = INT64_MAX,
		.offset = UINT64_MAX,
	};

	assert_int_equal(call(1, 1, &op), 0);
	op.requested = 0;
	assert_int_equal(call(1, 1, &op), 0);
	for (unsigned syscall = 0; syscall < IPCT_SYS_COUNT; syscall++)
		for (int wide = 0; wide < 2; wide++) {
			struct ipct_op on_range = range(syscall, 0, 0, wide ? UINT32_MAX : 10);

			on_range.role = IPCT_ROLE_CONTROL;
			on_range.key = wide ? UINT64_MAX : INT64_MAX;
			on_range.requested = INT64_MAX;
			on_range.offset = UINT64_MAX;
			on_range.result = INT64_MAX;
			assert_int_equal(call(1, 1, &on_range), 0);
		}
	forked(1, 1, false);
	forked(1, 1, true);
}

/* Whichever hook fails, what is there can be freed, and nothing ends twice. */
static void test_no_memory(void **state)
{
	for (int n = 0; n < 40; n++) {
		setup(NULL);
		f.fail_after = n;
		for (int i = 0; i < 6; i++) {
			struct ipct_op op = range(i & 1 ? IPCT_SYS_mprotect : IPCT_SYS_munmap,
						  11 + i, 2, PROT_READ);
			struct ipct_op new = {
				.syscall = IPCT_SYS_mmap,
				.role = IPCT_ROLE_MAP,
				.object = 1,
				.result = (int64_t)((10 + 5 * i) * PAGE),
				.requested = 6 * PAGE,
			};

			if (call(1, 1, &new) || call(1, 1, &op) ||
			    mapping_fork(&hooks, &f.process[1], &f.process[0], false, f.now))
				break;
		}
		teardown(NULL);
	}
}

/* Against a page by page model: what is mapped where, after any sequence of calls. */
static void test_random(void **state)
{
	enum { PAGES = 64 };
	int object[PAGES] = {0}, protection[PAGES] = {0}, offset[PAGES] = {0};

	srandom(1);
	for (int i = 0; i < 60; i++) {
		int at = (int)(random() % PAGES), n = 1 + (int)(random() % 12), from = 0;

		if (at + n > PAGES)
			n = PAGES - at;
		switch (random() % 3) {
		case 0:
			from = (int)(random() % 100);
			map(1, 1 + i % 3, at, n, from, RW);
			for (int p = at; p < at + n; p++)
				object[p] = 1 + i % 3, protection[p] = RW,
				offset[p] = from + p - at;
			break;
		case 1:
			unmap(1, at, n);
			for (int p = at; p < at + n; p++)
				object[p] = 0;
			break;
		case 2:
			on(1, IPCT_SYS_mprotect, at, n, PROT_READ);
			for (int p = at; p < at + n; p++)
				protection[p] = PROT_READ;
			break;
		}
		for (int p = 0; p < PAGES; p++) {
			const struct mapping *m = mapping_find(&f.process[0], p * PAGE, PAGE);

			assert_int_equal(m != NULL, object[p] != 0);
			if (!m)
				continue;
			assert_ptr_equal(m->object, OBJECT(object[p]));
			assert_int_equal(m->protection, protection[p]);
			assert_int_equal(m->offset / PAGE + p - m->start / PAGE, offset[p]);
		}
		if (f.count > ROWS - 40)
			break;
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_map_unmap),
		TEST(test_unmap_parts),
		TEST(test_unmap_of_nothing),
		TEST(test_rounding),
		TEST(test_map_over),
		TEST(test_late_unmap),
		TEST(test_protect),
		TEST(test_move),
		TEST(test_move_and_stay),
		TEST(test_move_of_nothing),
		TEST(test_detach),
		TEST(test_fork),
		TEST(test_dont_fork),
		TEST(test_shared_space),
		TEST(test_exec),
		TEST(test_find),
		TEST(test_absurd_ranges),
		TEST(test_no_memory),
		TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
