// SPDX-License-Identifier: BSD-2-Clause
/*
 * collector/fdtable.c against a plain array of all fds.
 */
#include "collector/fdtable.h"

#include "rows.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FDS 257

static void test_empty(void **state)
{
	struct fdtable t = {0}, copy = {0};

	assert_null(fdtable_find(&t, 0));
	assert_null(fdtable_find(&t, -1));
	assert_int_equal(fdtable_copy(&copy, &t), 0);
	assert_int_equal(copy.count, 0);
	fdtable_clear(&copy);
	fdtable_clear(&t);
	fdtable_clear(&t);
}

static void test_order(void **state)
{
	const int fds[] = {7, 0, INT_MAX, 3, 1023, 1};
	const int sorted[] = {0, 1, 3, 7, 1023, INT_MAX};
	struct fdtable t = {0};

	for (int i = 0; i < 6; i++)
		assert_int_equal(fdtable_add(&t, fds[i], 100 + i, i & 1), 0);
	assert_int_equal(t.count, 6);
	for (int i = 0; i < 6; i++) {
		struct fd_entry *e = fdtable_find(&t, fds[i]);

		assert_non_null(e);
		assert_int_equal(e->object, 100 + i);
		assert_int_equal(e->cloexec, i & 1);
		assert_int_equal(t.v[i].fd, sorted[i]);
	}
	assert_null(fdtable_find(&t, 2));
	assert_null(fdtable_find(&t, INT_MAX - 1));
	fdtable_clear(&t);
	assert_null(fdtable_find(&t, 7));
}

static void test_remove(void **state)
{
	struct fdtable t = {0};

	for (int fd = 0; fd < 3; fd++)
		fdtable_add(&t, fd, fd + 1, false);
	fdtable_remove(&t, fdtable_find(&t, 1));
	assert_null(fdtable_find(&t, 1));
	assert_int_equal(fdtable_find(&t, 0)->object, 1);
	assert_int_equal(fdtable_find(&t, 2)->object, 3);
	fdtable_remove(&t, fdtable_find(&t, 2));
	fdtable_remove(&t, fdtable_find(&t, 0));
	assert_int_equal(t.count, 0);
	fdtable_clear(&t);
}

/* A copy goes its own way. */
static void test_copy(void **state)
{
	struct fdtable t = {0}, copy = {0};

	for (int fd = 0; fd < 100; fd++)
		fdtable_add(&t, fd, fd + 1, fd % 3 == 0);
	assert_int_equal(fdtable_copy(&copy, &t), 0);
	assert_int_equal(copy.count, 100);
	assert_memory_equal(copy.v, t.v, 100 * sizeof(*t.v));
	fdtable_remove(&t, fdtable_find(&t, 50));
	fdtable_add(&copy, 100, 101, false);
	assert_non_null(fdtable_find(&copy, 50));
	assert_null(fdtable_find(&t, 100));
	fdtable_clear(&t);
	assert_int_equal(fdtable_find(&copy, 99)->object, 100);
	fdtable_clear(&copy);
}

static void model_compare(const struct fdtable *t, const uint32_t *model)
{
	size_t count = 0;

	for (int fd = 0; fd < FDS; fd++) {
		struct fd_entry *e = fdtable_find(t, fd);

		count += model[fd] != 0;
		assert_int_equal(e ? e->object : 0, model[fd]);
	}
	assert_int_equal(t->count, count);
}

static void test_model(void **state)
{
	uint32_t model[FDS] = {0};
	struct fdtable t = {0};
	uint64_t seed = 11;

	for (int i = 0; i < 20011; i++) {
		int fd = (int)(random_next(&seed) % FDS);

		if (model[fd]) {
			fdtable_remove(&t, fdtable_find(&t, fd));
			model[fd] = 0;
		} else {
			model[fd] = 1 + i;
			assert_int_equal(fdtable_add(&t, fd, 1 + i, false), 0);
		}
		if (i % 101 == 0)
			model_compare(&t, model);
	}
	model_compare(&t, model);
	fdtable_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),  cmocka_unit_test(test_order),
		cmocka_unit_test(test_remove), cmocka_unit_test(test_copy),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
