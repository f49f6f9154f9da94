// SPDX-License-Identifier: BSD-2-Clause
/*
 * The excerpt of the kernel's types: what libbpf looks for in it is where it is in the whole.
 */
#include "collector/kernel_types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* Types of a kernel: struct task { long state; struct { int a, b; }; struct list { } links[3]; } */
static struct btf *kernel_make(void)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "long", 8, BTF_INT_SIGNED);
	int half = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int constant = btf__add_const(btf, word);
	int inner, list, links, to;

	inner = btf__add_struct(btf, "", 8);
	btf__add_field(btf, "a", half, 0, 0);
	btf__add_field(btf, "b", half, 32, 0);
	list = btf__add_struct(btf, "list", 16);
	to = btf__type_cnt(btf);
	btf__add_field(btf, "next", to, 0, 0);
	btf__add_field(btf, "prev", to, 64, 0);
	assert_int_equal(btf__add_ptr(btf, list), to);
	links = btf__add_array(btf, half, list, 3);
	btf__add_struct(btf, "task", 80);
	btf__add_field(btf, "state", constant, 0, 0);
	btf__add_field(btf, "", inner, 64, 0);
	btf__add_field(btf, "links", links, 128, 0);
	btf__add_field(btf, "bits", half, 512, 3);
	btf__add_struct(btf, "other", 8);
	btf__add_field(btf, "state", word, 0, 0);
	btf__add_enum(btf, "helper", 4);
	btf__add_enum_value(btf, "FIRST", 7);
	btf__add_enum_value(btf, "SECOND", 9);
	return btf;
}

/* What the probes have of them. */
static struct btf *probes_make(void)
{
	struct btf *btf = btf__new_empty();
	int word = btf__add_int(btf, "long", 8, BTF_INT_SIGNED);

	btf__add_struct(btf, "task___old", 8);
	btf__add_field(btf, "b", word, 0, 0);
	btf__add_field(btf, "links", word, 0, 0);
	btf__add_field(btf, "bits", word, 0, 0);
	btf__add_struct(btf, "list", 8);
	btf__add_field(btf, "prev", word, 0, 0);
	btf__add_enum(btf, "helper", 4);
	return btf;
}

/* The member of that name; NULL: none. */
static const struct btf_member *member_find(const struct btf *btf, const struct btf_type *t,
					    const char *name)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, m[i].name_off), name))
			return &m[i];
	return NULL;
}

static const struct btf_type *type_find(const struct btf *btf, const char *name, __u32 kind)
{
	int id = btf__find_by_name_kind(btf, name, kind);

	return id < 0 ? NULL : btf__type_by_id(btf, id);
}

static void test_excerpt(void **state)
{
	struct btf *kernel = kernel_make(), *probes = probes_make();
	struct btf *excerpt = kernel_types_excerpt(kernel, probes);
	const struct btf_type *task = type_find(excerpt, "task", BTF_KIND_STRUCT), *t;
	const struct btf_member *m;

	assert_non_null(task);
	assert_int_equal(task->size, 80);
	assert_null(member_find(excerpt, task, "state"));
	assert_null(type_find(excerpt, "other", BTF_KIND_STRUCT));

	/* through the member without a name */
	m = member_find(excerpt, task, "");
	assert_non_null(m);
	assert_int_equal(m->offset & 0xffffff, 64);
	t = btf__type_by_id(excerpt, m->type);
	assert_null(member_find(excerpt, t, "a"));
	assert_int_equal(member_find(excerpt, t, "b")->offset, 32);

	/* an array of structs, with pointers to themselves */
	m = member_find(excerpt, task, "links");
	t = btf__type_by_id(excerpt, m->type);
	assert_true(btf_is_array(t));
	assert_int_equal(btf_array(t)->nelems, 3);
	t = btf__type_by_id(excerpt, btf_array(t)->type);
	assert_string_equal(btf__name_by_offset(excerpt, t->name_off), "list");
	m = member_find(excerpt, t, "prev");
	assert_int_equal(m->offset, 64);
	assert_true(btf_is_ptr(btf__type_by_id(excerpt, m->type)));

	/* a bit field */
	assert_true(btf_kflag(task));
	assert_int_equal(BTF_MEMBER_BIT_OFFSET(member_find(excerpt, task, "bits")->offset), 512);
	assert_int_equal(BTF_MEMBER_BITFIELD_SIZE(member_find(excerpt, task, "bits")->offset), 3);

	t = type_find(excerpt, "helper", BTF_KIND_ENUM);
	assert_int_equal(btf_vlen(t), 2);
	assert_int_equal(btf_enum(t)[1].val, 9);
	btf__free(excerpt);
	btf__free(probes);
	btf__free(kernel);
}

/* Of the running kernel: small, and the same offsets. */
static void test_running(void **state)
{
	struct btf *probes = btf__new_empty(), *excerpt;
	const struct btf *kernel;
	const struct btf_member *whole, *part;
	int word = btf__add_int(probes, "long", 8, BTF_INT_SIGNED);

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		skip();
	btf__add_struct(probes, "task_struct", 8);
	btf__add_field(probes, "tgid", word, 0, 0);
	kernel = kernel_types();
	assert_non_null(kernel);
	assert_ptr_equal(kernel_types(), kernel);
	excerpt = kernel_types_excerpt(kernel, probes);
	assert_in_range(btf__type_cnt(excerpt), 2, 100);
	whole = member_find(kernel, type_find(kernel, "task_struct", BTF_KIND_STRUCT), "tgid");
	part = member_find(excerpt, type_find(excerpt, "task_struct", BTF_KIND_STRUCT), "tgid");
	assert_int_equal(BTF_MEMBER_BIT_OFFSET(part->offset), BTF_MEMBER_BIT_OFFSET(whole->offset));
	btf__free(excerpt);
	btf__free(probes);
	kernel_types_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_excerpt),
		cmocka_unit_test(test_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
