/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processes of a recording, by the number that the kernel side gave them, so that a pid that
 * is used again is another process. Untraced processes that hold an end follow behind.
 */
#ifndef IPCT_PROCESS_TRACK_H
#define IPCT_PROCESS_TRACK_H

#include <linux/types.h>
#include "collector/fdtable.h"
#include "schemas/event.h"

#define UNKNOWN_NS (-1)

struct process {
	uint32_t id;                /* process_id in the file */
	uint32_t pid, ppid, parent; /* 0: not known */
	char comm[IPCT_COMM_LEN];
	char *exe, *cmdline; /* NULL until it execs under trace */
	char *address;       /* of one that is not traced, where that is all that is known; NULL */
	const char *cgroup;  /* path of its cgroup, which is the collector's; NULL: not known */
	int64_t start_ns, exit_ns, cpu_ns; /* UNKNOWN_NS */
	int status;
	bool traced;
	bool dirty; /* differs from its row in the file */
	struct fdtable fds;
	struct space *space; /* its shared mappings (mapping.h), or NULL */
};

struct processes {
	struct process **by_number; /* traced, index is the number; NULL where unknown */
	size_t room;
	struct process **all; /* in the order of their coming; owns them */
	size_t count, all_room;
	uint32_t outside_next; /* ids of untraced processes count down from the top */
};

void processes_init(struct processes *ps);

/* The process with this number, made if it is new (its fork record was lost). NULL: no memory. */
struct process *process_get(struct processes *ps, uint32_t number);

/*
 * The untraced process with this pid and name, made if it is new; pid 0 is one that nobody could
 * name. NULL: no memory.
 */
struct process *process_outside(struct processes *ps, uint32_t pid, const char *comm);

/* The untraced process at this address: a host, or a port of it. NULL: no memory. */
struct process *process_at(struct processes *ps, const char *address);

/* The latest traced process with this pid, else the untraced one. NULL: no memory. */
struct process *process_by_pid(struct processes *ps, uint32_t pid, const char *comm);

/* It was forked: its start, and its parent's name and fds. 0 or -ENOMEM. */
int process_fork(struct processes *ps, struct process *p, const struct ipct_fork *f, int64_t ns);

/* It runs another program: name and arguments. 0 or -ENOMEM. */
int process_exec(struct process *p, const struct ipct_exec *e);

/* One of its threads has used this CPU time. */
void process_cpu(struct process *p, uint64_t cpu_ns);

void processes_clear(struct processes *ps);

#endif
