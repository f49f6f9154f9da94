// SPDX-License-Identifier: BSD-2-Clause
/*
 * Processes: who they are, when they lived, what they ran.
 */
#include "collector/process.h"

#include "collector/array.h"
#include "collector/mapping.h"
#include "collector/quote.h"
#include "collector/resolve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* process_ids of traced processes are their numbers; the others start here. */
#define OUTSIDE_FIRST 1000000000u

void processes_init(struct processes *ps)
{
	memset(ps, 0, sizeof(*ps));
	ps->outside_next = OUTSIDE_FIRST;
}

static struct process *process_new(struct processes *ps, uint32_t id)
{
	struct process *p;

	if (array_grow(&ps->all, &ps->all_room, ps->count, sizeof(*ps->all)))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->id = id;
	p->start_ns = p->exit_ns = p->cpu_ns = UNKNOWN_NS;
	p->dirty = true;
	ps->all[ps->count++] = p;
	return p;
}

struct process *process_get(struct processes *ps, uint32_t number)
{
	if (number >= ps->room &&
	    array_grow(&ps->by_number, &ps->room, number, sizeof(*ps->by_number)))
		return NULL;
	if (!ps->by_number[number]) {
		ps->by_number[number] = process_new(ps, number);
		if (ps->by_number[number])
			ps->by_number[number]->traced = true;
	}
	return ps->by_number[number];
}

struct process *process_outside(struct processes *ps, uint32_t pid, const char *comm)
{
	struct process *p;

	for (size_t i = 0; i < ps->count; i++)
		if (!ps->all[i]->traced && ps->all[i]->pid == pid && !ps->all[i]->address)
			return ps->all[i];
	p = process_new(ps, ps->outside_next++);
	if (p) {
		p->pid = pid;
		snprintf(p->comm, sizeof(p->comm), "%s", comm);
	}
	return p;
}

struct process *process_at(struct processes *ps, const char *address)
{
	struct process *p;

	for (size_t i = ps->count; i-- > 0;)
		if (ps->all[i]->address && !strcmp(ps->all[i]->address, address))
			return ps->all[i];
	p = process_new(ps, ps->outside_next++);
	if (p && !(p->address = strdup(address)))
		return NULL;
	return p;
}

struct process *process_by_pid(struct processes *ps, uint32_t pid, const char *comm)
{
	for (size_t i = ps->count; i-- > 0;)
		if (ps->all[i]->traced && ps->all[i]->pid == pid)
			return ps->all[i];
	return process_outside(ps, pid, comm);
}

int process_fork(struct processes *ps, struct process *p, const struct ipct_fork *f, int64_t ns)
{
	struct process *parent = f->parent ? process_get(ps, f->parent) : NULL;

	if (f->parent && !parent)
		return -ENOMEM;
	p->pid = f->tgid;
	p->ppid = f->parent_tgid;
	p->parent = f->parent;
	p->start_ns = ns;
	p->dirty = true;
	memcpy(p->comm, f->comm, sizeof(p->comm));
	if (!parent)
		return 0;
	/* until it execs, it is its parent's program */
	if (parent->exe && !p->exe && !(p->exe = strdup(parent->exe)))
		return -ENOMEM;
	if (parent->cmdline && !p->cmdline && !(p->cmdline = strdup(parent->cmdline)))
		return -ENOMEM;
	return fdtable_copy(&p->fds, &parent->fds);
}

/* The arguments as one line that a shell would take. NULL: no memory. */
static char *args_text(const char *args, size_t len)
{
	char *text = NULL, word[IPCT_ARGS_LEN + 1];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t at = 0; at < len; at += strlen(word) + 1) {
		size_t left = len - at;

		memcpy(word, args + at, left);
		word[left] = 0;
		if (at)
			fputc(' ', out);
		word_quote(out, word);
		if (strlen(word) == left) /* cut: the last one has no NUL */
			fputs("...", out);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

int process_exec(struct process *p, const struct ipct_exec *e)
{
	char exe[IPCT_PATH_LEN + 8];

	p->pid = e->tgid;
	p->dirty = true;
	memcpy(p->comm, e->comm, sizeof(p->comm));
	free(p->exe);
	free(p->cmdline);
	path_join(&e->exe, "", exe, sizeof(exe));
	p->exe = *exe ? strdup(exe) : NULL;
	p->cmdline = e->args_len ? args_text(e->args, e->args_len) : NULL;
	if ((*exe && !p->exe) || (e->args_len && !p->cmdline))
		return -ENOMEM;
	return 0;
}

void process_cpu(struct process *p, uint64_t cpu_ns)
{
	int64_t so_far_ns = p->cpu_ns == UNKNOWN_NS ? 0 : p->cpu_ns;

	/* a damaged capture may say anything */
	if (__builtin_add_overflow(so_far_ns, (int64_t)cpu_ns, &p->cpu_ns))
		p->cpu_ns = INT64_MAX;
	p->dirty = true;
}

void processes_clear(struct processes *ps)
{
	for (size_t i = 0; i < ps->count; i++) {
		struct process *p = ps->all[i];

		free(p->exe);
		free(p->cmdline);
		free(p->address);
		fdtable_clear(&p->fds);
		mapping_clear(p);
		free(p);
	}
	free(ps->all);
	free(ps->by_number);
	memset(ps, 0, sizeof(*ps));
}
