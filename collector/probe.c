// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loading, attaching and stopping the BPF programs.
 *
 * Stopping is in three steps so that each call in progress makes exactly one record: the flag
 * `stopped_ns` turns the probes off, membarrier(2) waits until none that read it earlier still runs
 * (its global command waits for an RCU grace period, and programs run inside one), then the task
 * iterator emits the calls that are still in progress.
 */
#include "collector/probe.h"

#include <bpf/bpf.h>
#include "ipctrace.skel.h"
#include "collector/array.h"
#include "collector/part.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

struct probe {
	struct ipctrace_bpf *skel;
	int cpu_count;
	bool stopped;
	struct probe_lacks lacks;
	/* Of the ring, between probe_self_trace and probe_self_forget; else NULL. */
	unsigned long *read_position;
	const unsigned long *written_position;
};

static char last_libbpf_line[512];
static char verifier_end[1024]; /* of what the kernel's verifier said last */

static int libbpf_said(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *text;
	size_t len;

	if (level != LIBBPF_WARN || vasprintf(&text, fmt, args) < 0)
		return 0;
	snprintf(last_libbpf_line, sizeof(last_libbpf_line), "%s", text);
	len = strlen(text);
	if (strstr(text, "BEGIN PROG LOAD LOG"))
		snprintf(verifier_end, sizeof(verifier_end), "%s",
			 len < sizeof(verifier_end) ? text : text + len - sizeof(verifier_end) + 1);
	free(text);
	return 0;
}

const char *probe_verifier_end(void)
{
	return verifier_end;
}

static void rows_fill(struct ipctrace_bpf *skel, unsigned mechanism_mask)
{
	for (int i = 0; i < IPCT_SYS_COUNT; i++) {
		int nr = syscall_rows[i].nr;
		struct ipct_row row;

		if (nr < 0 || nr >= IPCT_SYSCALL_SLOTS)
			continue;
		row = syscall_select(&syscall_rows[i], mechanism_mask);
		memcpy(&skel->rodata->rows[nr], &row, sizeof(row));
	}
	skel->rodata->mechanism_mask = mechanism_mask;
}

static struct ipctrace_bpf *skeleton_open(size_t ring_bytes)
{
	struct ipctrace_bpf *skel;

	libbpf_set_print(libbpf_said);
	last_libbpf_line[0] = verifier_end[0] = 0;
	skel = ipctrace_bpf__open();
	if (!skel)
		return NULL;
	skel->rodata->wake_bytes = ring_bytes / 4;
	skel->rodata->start_s = time(NULL);
	skel->rodata->casts = part_casts();
	if (bpf_map__set_max_entries(skel->maps.ring, ring_bytes)) {
		ipctrace_bpf__destroy(skel);
		return NULL;
	}
	return skel;
}

/* Note that this kernel cannot do `part`, for what reason. */
static void lack_add(struct probe_lacks *lacks, const struct part *part, const char *reason)
{
	size_t used = strlen(lacks->why);
	char list[256];

	mechanisms_list(part->mechanisms, ", ", list, sizeof(list));
	if (!part->without)
		lacks->mechanisms |= part->mechanisms;
	snprintf(lacks->why + used, sizeof(lacks->why) - used, "%s%s: %s", used ? "\n" : "",
		 part->without ? part->without : list, reason);
}

static void program_leave_out(struct ipctrace_bpf *skel, const char *name)
{
	struct bpf_program *prog = name ? bpf_object__find_program_by_name(skel->obj, name) : NULL;

	if (prog)
		bpf_program__set_autoload(prog, false);
}

/*
 * Leave out the parts that no selected mechanism needs and, noted in `lacks`, those that this
 * kernel has not. With `try`, after a load that failed, each optional program is tried alone.
 */
static void parts_choose(struct ipctrace_bpf *skel, struct probe_lacks *lacks,
			 unsigned mechanism_mask, bool try)
{
	char reason[160];
	int err;

	memset(lacks, 0, sizeof(*lacks));
	for (const struct part *part = parts; part->purpose; part++) {
		if (!(part->mechanisms & mechanism_mask)) {
			program_leave_out(skel, part->program);
			continue;
		}
		if (!part_optional(part))
			continue;
		if (!part_known(part)) {
			part_lacks(part, reason, sizeof(reason));
		} else if (try && part->program && (err = probe_try(part->program))) {
			snprintf(reason, sizeof(reason), "this kernel refuses the program: %s",
				 strerror(-err));
		} else {
			continue;
		}
		program_leave_out(skel, part->program);
		lack_add(lacks, part, reason);
	}
	part_done();
}

/* Open and load. 0 or -errno, with all freed. */
static int skeleton_load(struct probe *p, size_t ring_bytes, unsigned mechanism_mask, bool try)
{
	int err;

	p->skel = skeleton_open(ring_bytes);
	if (!p->skel)
		return -errno;
	parts_choose(p->skel, &p->lacks, mechanism_mask, try);
	rows_fill(p->skel, mechanism_mask & ~p->lacks.mechanisms);
	err = ipctrace_bpf__load(p->skel);
	if (!err)
		return 0;
	ipctrace_bpf__destroy(p->skel);
	p->skel = NULL;
	return err;
}

struct probe *probe_new(size_t ring_bytes, unsigned mechanism_mask)
{
	struct probe *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return NULL;
	p->cpu_count = libbpf_num_possible_cpus();
	err = skeleton_load(p, ring_bytes, mechanism_mask, false);
	if (err && err != -EPERM) /* which of the optional programs is it? */
		err = skeleton_load(p, ring_bytes, mechanism_mask, true);
	if (err) {
		probe_explain(err);
		probe_free(p);
		errno = -err;
		return NULL;
	}
	return p;
}

const struct probe_lacks *probe_lacks(const struct probe *p)
{
	return &p->lacks;
}

/*
 * Set, or with NULL delete, what task storage has for the first thread of a process. Its keys are
 * pidfds: right in every pid namespace.
 */
static int storage_set(const struct bpf_map *map, pid_t pid, const void *value)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), err;

	if (pidfd < 0)
		return -errno;
	err = value ? bpf_map_update_elem(bpf_map__fd(map), &pidfd, value, BPF_NOEXIST)
		    : bpf_map_delete_elem(bpf_map__fd(map), &pidfd);
	close(pidfd);
	return err;
}

static int root_mark(struct probe *p, pid_t root)
{
	__u32 mark = 1;

	return storage_set(p->skel->maps.roots, root, &mark);
}

int probe_attach(struct probe *p, pid_t root)
{
	int err = root_mark(p, root);

	if (err) {
		say_error("cannot follow process %d: %s", root, strerror(-err));
		return err;
	}
	/* The iterator is no tracepoint: probe_stop runs it. */
	bpf_program__set_autoattach(p->skel->progs.on_end, false);
	err = ipctrace_bpf__attach(p->skel);
	if (err)
		probe_explain(err);
	return err;
}

/* The ring's first two pages: up to where it was read, and written (kernel/bpf/ringbuf.c). */
static int positions_map(struct probe *p)
{
	int fd = probe_ring_fd(p);
	long page = getpagesize();
	void *read = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *written;

	if (read == MAP_FAILED)
		return -errno;
	written = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, page);
	if (written == MAP_FAILED) {
		munmap(read, page);
		return -errno;
	}
	p->read_position = read;
	p->written_position = written;
	return 0;
}

static void positions_unmap(struct probe *p)
{
	if (!p->read_position)
		return;
	munmap(p->read_position, getpagesize());
	munmap((void *)p->written_position, getpagesize());
	p->read_position = NULL;
}

int probe_self_trace(struct probe *p)
{
	void *thread = calloc(1, bpf_map__value_size(p->skel->maps.threads));
	int err = thread ? positions_map(p) : -ENOMEM;

	if (!err) /* of process 0, which is none */
		err = storage_set(p->skel->maps.threads, getpid(), thread);
	if (err)
		positions_unmap(p);
	free(thread);
	return err;
}

void probe_self_drop(struct probe *p)
{
	/* what was written is whole, as it was by this thread */
	__atomic_store_n(p->read_position, __atomic_load_n(p->written_position, __ATOMIC_ACQUIRE),
			 __ATOMIC_RELEASE);
}

static int hash_empty(int fd, size_t key_size)
{
	void *key = malloc(key_size);
	int err = key ? 0 : -ENOMEM;

	while (!err && !bpf_map_get_next_key(fd, NULL, key)) {
		err = bpf_map_delete_elem(fd, key);
		if (err == -ENOENT) /* the kernel has dropped it by itself */
			err = 0;
	}
	free(key);
	return err;
}

static int array_zero(int fd, uint32_t count, size_t value_bytes)
{
	void *zero = calloc(1, value_bytes);
	int err = zero ? 0 : -ENOMEM;

	for (uint32_t key = 0; key < count && !err; key++)
		err = bpf_map_update_elem(fd, &key, zero, BPF_ANY);
	free(zero);
	return err;
}

/* Nothing else was traced: all that the maps hold is of this process. */
static int maps_forget(struct probe *p)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, p->skel->obj)
	{
		enum bpf_map_type type = bpf_map__type(map);

		if (!err && (type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH))
			err = hash_empty(bpf_map__fd(map), bpf_map__key_size(map));
	}
	if (!err)
		err = array_zero(bpf_map__fd(p->skel->maps.counts),
				 IPCT_MECH_COUNT * IPCT_COUNT_COUNT, sizeof(__u64) * p->cpu_count);
	if (!err)
		err = array_zero(bpf_map__fd(p->skel->maps.object_states),
				 p->skel->bss->object_count + 2,
				 bpf_map__value_size(p->skel->maps.object_states));
	p->skel->bss->object_count = 0;
	return err;
}

int probe_self_forget(struct probe *p)
{
	int err = storage_set(p->skel->maps.threads, getpid(), NULL);

	if (!err)
		err = maps_forget(p);
	probe_self_drop(p);
	positions_unmap(p);
	return err;
}

int probe_ring_fd(const struct probe *p)
{
	return bpf_map__fd(p->skel->maps.ring);
}

int probe_counts(const struct probe *p, __u64 counts[IPCT_MECH_COUNT][IPCT_COUNT_COUNT])
{
	int fd = bpf_map__fd(p->skel->maps.counts), err = 0;
	uint64_t *per_cpu = calloc(p->cpu_count, sizeof(*per_cpu));
	__u64 *sums = &counts[0][0];

	if (!per_cpu)
		return -ENOMEM;
	for (uint32_t key = 0; key < IPCT_MECH_COUNT * IPCT_COUNT_COUNT && !err; key++) {
		sums[key] = 0;
		err = bpf_map_lookup_elem(fd, &key, per_cpu);
		for (int cpu = 0; cpu < p->cpu_count && !err; cpu++)
			sums[key] += per_cpu[cpu];
	}
	free(per_cpu);
	return err;
}

static int touch_order(const void *x, const void *y)
{
	const struct ipct_touch *a = x, *b = y;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return (a->head.process > b->head.process) - (a->head.process < b->head.process);
}

int probe_touches(const struct probe *p, void (*fn)(const struct ipct_touch *t, void *arg),
		  void *arg)
{
	int fd = bpf_map__fd(p->skel->maps.touches), err = 0;
	struct {
		__u32 object, process;
	} key, *last = NULL;
	struct ipct_touch *all = NULL;
	size_t count = 0, room = 0;
	__u64 n[2];

	while (!bpf_map_get_next_key(fd, last, &key)) {
		err = array_grow(&all, &room, count, sizeof(*all));
		if (err)
			break;
		last = &key;
		if (bpf_map_lookup_elem(fd, &key, n))
			continue;
		all[count++] = (struct ipct_touch){
			.head = {.len = sizeof(*all),
				 .type = IPCT_EV_TOUCH,
				 .process = key.process},
			.object = key.object,
			.reads = n[0],
			.writes = n[1],
		};
	}
	if (count) /* the map has no order */
		qsort(all, count, sizeof(*all), touch_order);
	for (size_t i = 0; i < count; i++)
		fn(&all[i], arg);
	free(all);
	return err;
}

/* Run the iterator: reading its file runs the program for each task. */
static int iterate(struct bpf_program *prog)
{
	struct bpf_link *link = bpf_program__attach_iter(prog, NULL);
	char buf[64];
	int fd, err = 0;
	ssize_t n;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd < 0) {
		err = -errno;
		goto out;
	}
	while ((n = read(fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EAGAIN))
		;
	if (n < 0)
		err = -errno;
	close(fd);
out:
	bpf_link__destroy(link);
	return err;
}

int probe_stop(struct probe *p)
{
	struct timespec now;
	int err;

	if (p->stopped)
		return 0;
	p->stopped = true;
	clock_gettime(CLOCK_MONOTONIC, &now);
	__atomic_store_n(&p->skel->bss->stopped_ns, now.tv_sec * 1000000000ull + now.tv_nsec,
			 __ATOMIC_SEQ_CST);
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		usleep(50 * 1000); /* nohz_full kernels have no global command */
	ipctrace_bpf__detach(p->skel);
	err = iterate(p->skel->progs.on_end);
	if (err)
		say_warning("cannot list the calls that are still running: %s", strerror(-err));
	return err;
}

uint64_t probe_stopped_ns(const struct probe *p)
{
	return p->skel->bss->stopped_ns;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	positions_unmap(p);
	ipctrace_bpf__destroy(p->skel);
	free(p);
}

int probe_try(const char *name)
{
	struct ipctrace_bpf *skel = skeleton_open(4096);
	struct bpf_program *prog;
	struct bpf_link *link = NULL;
	int err;

	if (!skel)
		return -errno;
	rows_fill(skel, ~0u);
	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
	err = ipctrace_bpf__load(skel);
	if (err)
		goto out;
	prog = bpf_object__find_program_by_name(skel->obj, name);
	link = bpf_program__attach(prog);
	if (!link)
		err = -errno;
	bpf_link__destroy(link);
out:
	ipctrace_bpf__destroy(skel);
	return err;
}

static bool kernel_older(unsigned major, unsigned minor)
{
	struct utsname u;
	unsigned a, b;

	if (uname(&u) || sscanf(u.release, "%u.%u", &a, &b) != 2)
		return false;
	return a < major || (a == major && b < minor);
}

void probe_explain(int error)
{
	struct utsname u;

	uname(&u);
	if (access("/sys/kernel/btf/vmlinux", R_OK)) {
		say_error("cannot record: this kernel offers no type information "
			  "(/sys/kernel/btf/vmlinux: %s)",
			  strerror(errno));
		say_hint(
			"use a kernel built with CONFIG_DEBUG_INFO_BTF, as all distributions ship; "
			"'ipctrace doctor' lists all that is needed");
	} else if (error == -EPERM && geteuid() != 0) {
		say_error("cannot record: no permission to load BPF programs");
		say_hint("run it with sudo (the program itself can run as you: -u \"$USER\"); "
			 "'ipctrace doctor' lists all that is needed");
	} else if (kernel_older(5, 12)) {
		say_error(
			"cannot record: kernel %s has no task storage for tracing programs and no "
			"atomic fetch in BPF (5.12 and later do)",
			u.release);
		say_hint("'ipctrace doctor' lists all that is needed");
	} else {
		say_error("cannot record: the kernel refused the probes: %s", strerror(-error));
		if (last_libbpf_line[0])
			say_hint("libbpf: %.*s", (int)strcspn(last_libbpf_line, "\n"),
				 last_libbpf_line);
		say_hint("'ipctrace doctor' tries each thing that is needed");
	}
}
