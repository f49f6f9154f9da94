// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of parts: what it says of itself, and of the running kernel.
 */
#include "collector/part.h"

#include "collector/kernel_types.h"
#include "schemas/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void test_rows(void **state)
{
	int needed = 0;

	for (const struct part *part = parts; part->purpose; part++) {
		needed += !part_optional(part);
		if (part->tracepoint || part->helper) {
			assert_non_null(part->since);
			assert_true(part_optional(part));
		}
		/* a part without a program is there for what it names */
		assert_true(part->program || part->helper || part->tracepoint);
	}
	assert_int_equal(needed, 8);
}

static bool kernel_has_symbol(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], symbol[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*s %*s %255s", symbol) == 1 && !strcmp(symbol, name);
	if (f)
		fclose(f);
	return found;
}

static void test_kernel(void **state)
{
	const struct part no_tracepoint = {.purpose = "x", .tracepoint = "no_such_thing"};
	const struct part no_helper = {.purpose = "x", .helper = "no_such_thing", .since = "9.9"};
	const struct part tracepoint = {.purpose = "x", .tracepoint = "sched_switch"};
	const struct part helper = {.purpose = "x", .helper = "ringbuf_output"};
	const struct part plain = {.purpose = "x"};
	char text[160];

	assert_true(part_known(&plain));
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		skip();
	assert_false(part_known(&no_tracepoint));
	assert_false(part_known(&no_helper));
	assert_true(part_known(&tracepoint));
	assert_true(part_known(&helper));
	kernel_types_done();
	assert_true(part_known(&helper));
	kernel_types_done();
	assert_int_equal(part_casts(), kernel_has_symbol("bpf_rdonly_cast"));
	kernel_types_done();
	part_lacks(&no_helper, text, sizeof(text));
	assert_string_equal(text, "this kernel has no BPF helper no_such_thing (9.9 and later do)");
}

static void test_list(void **state)
{
	char text[64], tiny[6];

	mechanisms_list(1u << IPCT_MECH_FIFO | 1u << IPCT_MECH_PIPE, ",", text, sizeof(text));
	assert_string_equal(text, "pipe,fifo");
	mechanisms_list(0, ",", text, sizeof(text));
	assert_string_equal(text, "");
	mechanisms_list(~0u, ", ", tiny, sizeof(tiny));
	assert_string_equal(tiny, "pipe,");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
