// SPDX-License-Identifier: BSD-2-Clause
/*
 * The skeleton is opened three times: once for the maps, and once for each half of the programs.
 */
#include "collector/loader.h"

#include <bpf/bpf.h>
#include "schemas/event.h"
#include "ipctrace.skel.h"
#include "collector/kernel_types.h"
#include "collector/part.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* The programs of the second half, so that the verifier has about as much to do with either. */
static const char *const second_half[] = {"on_sys_exit", "on_exit", "on_end"};

#define LARGE_MAP 16384 /* entries, or bytes of the ring */

static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;
static char last_libbpf_line[512];
static char verifier_end[1024];

static int libbpf_said(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *text;
	size_t len;

	if (level != LIBBPF_WARN || vasprintf(&text, fmt, args) < 0)
		return 0;
	pthread_mutex_lock(&said_lock);
	snprintf(last_libbpf_line, sizeof(last_libbpf_line), "%s", text);
	len = strlen(text);
	if (strstr(text, "BEGIN PROG LOAD LOG"))
		snprintf(verifier_end, sizeof(verifier_end), "%s",
			 len < sizeof(verifier_end) ? text : text + len - sizeof(verifier_end) + 1);
	pthread_mutex_unlock(&said_lock);
	free(text);
	return 0;
}

const char *loader_said(void)
{
	return last_libbpf_line;
}

const char *loader_verifier_end(void)
{
	return verifier_end;
}

static int half_of(const char *program)
{
	for (size_t i = 0; i < sizeof(second_half) / sizeof(second_half[0]); i++)
		if (!strcmp(second_half[i], program))
			return 1;
	return 0;
}

/* Write down what of the kernel's types the programs have to do with. 0 or -errno. */
static int excerpt_write(const struct loader *l)
{
	const struct btf *kernel = kernel_types();
	struct btf *excerpt =
		kernel ? kernel_types_excerpt(kernel, bpf_object__btf(l->maps->obj)) : NULL;
	const void *data = NULL;
	int err = excerpt ? 0 : -errno;
	__u32 size;

	if (!err && !(data = btf__raw_data(excerpt, &size)))
		err = -ENOMEM;
	if (!err && write(l->types_fd, data, size) != size)
		err = -EIO;
	btf__free(excerpt);
	return err;
}

/* Open the skeleton with the programs of a half; -1: with none. NULL, with errno set. */
static struct ipctrace_bpf *skeleton_open(const struct bpf_object_open_opts *opts, int half)
{
	struct ipctrace_bpf *skel = ipctrace_bpf__open_opts(opts);
	struct bpf_program *prog;

	if (!skel)
		return NULL;
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, half_of(bpf_program__name(prog)) == half);
	return skel;
}

static int skeletons_open(struct loader *l)
{
	char path[32];
	LIBBPF_OPTS(bpf_object_open_opts, opts, .btf_custom_path = path);

	l->types_fd = memfd_create("types", MFD_CLOEXEC);
	if (l->types_fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", l->types_fd);
	l->maps = skeleton_open(&opts, -1);
	if (!l->maps)
		return -errno;
	for (int i = 0; i < LOADER_HALVES; i++) {
		l->half[i] = skeleton_open(&opts, i);
		if (!l->half[i])
			return -errno;
	}
	return 0;
}

/* What the programs need to give addresses a type, where the kernel can: see bpf/kernel.h. */
static void casts_fill(struct ipctrace_bpf__rodata *rodata)
{
	const struct {
		const char *name;
		__u32 *id;
	} types[] = {
		{"file", &rodata->type_file},
		{"inode", &rodata->type_inode},
		{"rb_node", &rodata->type_rb_node},
		{"sock", &rodata->type_sock},
		{"socket_alloc", &rodata->type_socket_alloc},
		{"tcp_sock", &rodata->type_tcp_sock},
	};

	rodata->casts = part_casts();
	for (size_t i = 0; rodata->casts && i < sizeof(types) / sizeof(types[0]); i++) {
		int id = btf__find_by_name_kind(kernel_types(), types[i].name, BTF_KIND_STRUCT);

		rodata->casts = id > 0;
		*types[i].id = id > 0 ? id : 0;
	}
}

int loader_open(struct loader *l, size_t ring_bytes)
{
	int err;

	memset(l, 0, sizeof(*l));
	libbpf_set_print(libbpf_said);
	last_libbpf_line[0] = verifier_end[0] = 0;
	err = skeletons_open(l);
	if (!err)
		err = bpf_map__set_max_entries(l->maps->maps.ring, ring_bytes);
	if (err) {
		loader_close(l);
		return err;
	}
	l->maps->rodata->wake_bytes = ring_bytes / 4;
	l->maps->rodata->start_s = time(NULL);
	casts_fill(l->maps->rodata);
	return 0;
}

struct bpf_program *loader_program(const struct loader *l, const char *name)
{
	return bpf_object__find_program_by_name(l->half[half_of(name)]->obj, name);
}

void loader_leave_out(const struct loader *l, const char *name)
{
	struct bpf_program *prog = loader_program(l, name);

	if (prog)
		bpf_program__set_autoload(prog, false);
}

void loader_leave_one(const struct loader *l, const char *name)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, l->maps->obj) if (strcmp(bpf_program__name(prog), name))
		loader_leave_out(l, bpf_program__name(prog));
}

/* The maps of `skel` are those of `with`. */
static int maps_share(const struct ipctrace_bpf *skel, const struct ipctrace_bpf *with)
{
	struct bpf_map *map = NULL, *same = NULL;
	int err = 0;

	while (!err && (map = bpf_object__next_map(skel->obj, map)) &&
	       (same = bpf_object__next_map(with->obj, same)))
		err = bpf_map__reuse_fd(map, bpf_map__fd(same));
	return err;
}

static int map_make(struct bpf_map *map)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = bpf_map__map_flags(map));
	int fd = bpf_map_create(bpf_map__type(map), bpf_map__name(map), bpf_map__key_size(map),
				bpf_map__value_size(map), bpf_map__max_entries(map), &opts);
	int err = fd < 0 ? -errno : bpf_map__reuse_fd(map, fd);

	if (fd >= 0)
		close(fd);
	return err;
}

/*
 * Make the maps that take much memory, and so much time, if another thread does not: what is left
 * libbpf makes, one after the other. A thread; returns -errno.
 */
static void *maps_make(void *loader)
{
	struct loader *l = loader;
	unsigned long bit = 1;
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, l->maps->obj)
	{
		if (!err && bpf_map__max_entries(map) >= LARGE_MAP &&
		    !(__atomic_fetch_or(&l->maps_taken, bit, __ATOMIC_RELAXED) & bit))
			err = map_make(map);
		bit <<= 1;
	}
	return (void *)(long)err;
}

/* A thread, too. */
static void *excerpt_and_maps_make(void *loader)
{
	int err = excerpt_write(loader);

	return err ? (void *)(long)err : maps_make(loader);
}

/* A thread loads a half; returns -errno. */
static void *half_load(void *half)
{
	return (void *)(long)ipctrace_bpf__load(half);
}

/* Call fn(arg), which returns -errno, in a thread, and other(other_arg) in this one. The first
 * error. */
static int both(void *(*fn)(void *), void *arg, void *(*other)(void *), void *other_arg)
{
	pthread_t thread;
	void *result;
	long here;
	int err = -pthread_create(&thread, NULL, fn, arg);

	if (err)
		return err;
	here = (long)other(other_arg);
	pthread_join(thread, &result);
	return here ? (int)here : (int)(long)result;
}

int loader_load(struct loader *l)
{
	int err = both(maps_make, l, excerpt_and_maps_make, l);

	if (!err)
		err = ipctrace_bpf__load(l->maps); /* the small ones */
	for (int i = 0; i < LOADER_HALVES && !err; i++)
		err = maps_share(l->half[i], l->maps);
	return err ? err : both(half_load, l->half[1], half_load, l->half[0]);
}

/* Attach a program, if it was loaded, to a raw tracepoint that its section does not name. */
static int attach_also(struct loader *l, const char *name, const char *tracepoint)
{
	struct bpf_program *prog = loader_program(l, name);

	if (!bpf_program__autoload(prog))
		return 0;
	l->also = bpf_program__attach_raw_tracepoint(prog, tracepoint);
	return l->also ? 0 : -errno;
}

int loader_attach(struct loader *l)
{
	int err = 0;

	for (int i = 0; i < LOADER_HALVES && !err; i++)
		err = ipctrace_bpf__attach(l->half[i]);
	return err ? err : attach_also(l, "on_fault", "page_fault_kernel");
}

void loader_detach(struct loader *l)
{
	bpf_link__destroy(l->also);
	l->also = NULL;
	for (int i = 0; i < LOADER_HALVES; i++)
		ipctrace_bpf__detach(l->half[i]);
}

void loader_close(struct loader *l)
{
	bpf_link__destroy(l->also);
	for (int i = 0; i < LOADER_HALVES; i++)
		ipctrace_bpf__destroy(l->half[i]);
	ipctrace_bpf__destroy(l->maps);
	if (l->types_fd > 0)
		close(l->types_fd);
	memset(l, 0, sizeof(*l));
}
