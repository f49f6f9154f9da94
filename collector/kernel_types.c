// SPDX-License-Identifier: BSD-2-Clause
/*
 * An excerpt of type information: what is copied, a type after those that it is made of.
 */
#include "collector/kernel_types.h"

#include "collector/array.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct btf *kernel;

const struct btf *kernel_types(void)
{
	if (!kernel)
		kernel = btf__load_vmlinux_btf();
	return kernel;
}

void kernel_types_done(void)
{
	btf__free(kernel);
	kernel = NULL;
}

/* The names of types and of their members, in order once names_sort was called. */
struct names {
	const char **name;
	size_t count, room;
};

struct excerpt {
	const struct btf *from;
	struct btf *to;
	int *copied; /* by id in `from`: the id in `to`; 0: it is not there */
	int pointer; /* to nothing, which stands for all pointers; 0: there is none yet */
	struct names names;
};

/* Up to the suffix by which the probes tell versions of a type apart: task_struct___old. */
static size_t name_len(const char *name)
{
	const char *suffix = strstr(name, "___");

	return suffix ? (size_t)(suffix - name) : strlen(name);
}

static int name_order(const void *x, const void *y)
{
	const char *a = *(const char *const *)x, *b = *(const char *const *)y;
	size_t a_len = name_len(a), b_len = name_len(b);
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int name_add(struct names *names, const char *name)
{
	int err = *name ? array_grow(&names->name, &names->room, names->count, sizeof(*names->name))
			: 0;

	if (!err && *name)
		names->name[names->count++] = name;
	return err;
}

static bool name_wanted(const struct names *names, const char *name)
{
	return bsearch(&name, names->name, names->count, sizeof(*names->name), name_order);
}

static bool type_has_members(const struct btf_type *t)
{
	return btf_is_struct(t) || btf_is_union(t);
}

static bool type_is_enum(const struct btf_type *t)
{
	return btf_is_enum(t) || btf_is_enum64(t);
}

static int names_collect(struct names *names, const struct btf *probes)
{
	int err = 0;

	for (__u32 id = 1; id < btf__type_cnt(probes) && !err; id++) {
		const struct btf_type *t = btf__type_by_id(probes, id);
		const struct btf_member *m = btf_members(t);

		if (!type_has_members(t) && !type_is_enum(t))
			continue;
		err = name_add(names, btf__name_by_offset(probes, t->name_off));
		for (int i = 0; type_has_members(t) && i < btf_vlen(t) && !err; i++)
			err = name_add(names, btf__name_by_offset(probes, m[i].name_off));
	}
	if (names->count)
		qsort(names->name, names->count, sizeof(*names->name), name_order);
	return err;
}

static int type_copy(struct excerpt *e, __u32 id);

static int enum_copy(struct excerpt *e, const struct btf_type *t, const char *name)
{
	int id = btf_is_enum(t) ? btf__add_enum(e->to, name, t->size)
				: btf__add_enum64(e->to, name, t->size, btf_kflag(t));
	int err = 0;

	for (int i = 0; id > 0 && i < btf_vlen(t) && !err; i++)
		err = btf_is_enum(t)
			      ? btf__add_enum_value(e->to,
						    btf__name_by_offset(e->from,
									btf_enum(t)[i].name_off),
						    btf_enum(t)[i].val)
			      : btf__add_enum64_value(
					e->to,
					btf__name_by_offset(e->from, btf_enum64(t)[i].name_off),
					btf_enum64_value(&btf_enum64(t)[i]));
	return err ? err : id;
}

static int array_copy(struct excerpt *e, const struct btf_type *t)
{
	const struct btf_array *a = btf_array(t);
	int element = type_copy(e, a->type), index = type_copy(e, a->index_type);

	if (element < 0 || index < 0)
		return element < 0 ? element : index;
	return btf__add_array(e->to, index, element, a->nelems);
}

/* Is the member in the excerpt? One without a name has members that are found as if they were its
 * own. */
static bool member_wanted(const struct excerpt *e, const struct btf_member *m)
{
	const char *name = btf__name_by_offset(e->from, m->name_off);

	return !*name || name_wanted(&e->names, name);
}

/* A struct or union, whose members come into `to` right behind it: so their types are there first.
 */
static int members_copy(struct excerpt *e, const struct btf_type *t, const char *name)
{
	const struct btf_member *m = btf_members(t);
	int id, type, err = 0;

	for (int i = 0; i < btf_vlen(t); i++)
		if (member_wanted(e, &m[i]) && (err = type_copy(e, m[i].type)) < 0)
			return err;
	id = btf_is_struct(t) ? btf__add_struct(e->to, name, t->size)
			      : btf__add_union(e->to, name, t->size);
	err = 0;
	for (int i = 0; id > 0 && i < btf_vlen(t) && !err; i++) {
		if (!member_wanted(e, &m[i]))
			continue;
		type = type_copy(e, m[i].type); /* it is known by now */
		err = btf__add_field(e->to, btf__name_by_offset(e->from, m[i].name_off), type,
				     btf_member_bit_offset(t, i), btf_member_bitfield_size(t, i));
	}
	return err ? err : id;
}

static int type_make(struct excerpt *e, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(e->from, t->name_off);

	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return btf__add_int(e->to, name, t->size, btf_int_encoding(t));
	case BTF_KIND_FLOAT:
		return btf__add_float(e->to, name, t->size);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return enum_copy(e, t, name);
	case BTF_KIND_ARRAY:
		return array_copy(e, t);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return members_copy(e, t, name);
	case BTF_KIND_PTR:
		if (!e->pointer)
			e->pointer = btf__add_ptr(e->to, 0);
		return e->pointer;
	}
	return 0;
}

/* The id in `to` of the type with an id in `from`, without typedefs and modifiers; or -errno. */
static int type_copy(struct excerpt *e, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(e->from, id);

	while (btf_is_mod(t) || btf_is_typedef(t)) {
		id = t->type;
		t = btf__type_by_id(e->from, id);
	}
	if (!e->copied[id])
		e->copied[id] = type_make(e, t);
	return e->copied[id];
}

static int types_copy(struct excerpt *e)
{
	__u32 count = btf__type_cnt(e->from);
	int id = 0;

	e->copied = calloc(count, sizeof(*e->copied));
	if (!e->copied)
		return -ENOMEM;
	for (__u32 i = 1; i < count && id >= 0; i++) {
		const struct btf_type *t = btf__type_by_id(e->from, i);
		const char *name = btf__name_by_offset(e->from, t->name_off);

		if ((type_has_members(t) || type_is_enum(t)) && *name &&
		    name_wanted(&e->names, name))
			id = type_copy(e, i);
	}
	return id < 0 ? id : 0;
}

struct btf *kernel_types_excerpt(const struct btf *kernel, const struct btf *probes)
{
	struct excerpt e = {.from = kernel, .to = btf__new_empty()};
	int err = e.to ? names_collect(&e.names, probes) : -errno;

	if (!err)
		err = types_copy(&e);
	free(e.names.name);
	free(e.copied);
	if (!err)
		return e.to;
	btf__free(e.to);
	errno = -err;
	return NULL;
}
