/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shared mappings of each address space, kept from the calls that change them: which part of
 * which object is mapped where, with which protection, since when. Calls on parts of a mapping
 * split it. The kernel says which object a call is on; what this adds is everything that a call
 * does not show: what else lies in its range, and what fork, exec and exit do.
 *
 * Pure: what changes goes out through hooks, and each part has a row of its own in the file.
 */
#ifndef IPCT_MAPPING_H
#define IPCT_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "collector/process.h"
#include "schemas/event.h"

struct object;

/* A part of an object that is mapped: [start, end) in one way since one moment. */
struct mapping {
	int64_t id; /* the hooks' own */
	struct object *object;
	uint32_t number; /* of the instance */
	struct process *process;
	uint64_t start, end;
	uint64_t offset;    /* of `start` in the file */
	uint8_t protection; /* PROT_* */
	bool dont_fork;     /* MADV_DONTFORK */
	bool attached;      /* by shmat: shmdt ends it */
	int64_t mapped_ns;
	const char *how; /* the call that made it, or "fork" */
};

/* Each returns 0 or -errno, which ends the operation. */
struct mapping_hooks {
	int (*began)(struct mapping *m, void *arg);   /* a part is new */
	int (*changed)(struct mapping *m, void *arg); /* it is smaller now */
	/* `exits`: its process is gone, nobody unmapped it */
	int (*ended)(struct mapping *m, int64_t ns, bool exits, void *arg);
	void *arg;
};

/* One address space: of a process, or of several until they exec (vfork, CLONE_VM). */
struct space {
	unsigned processes;
	struct mapping *v; /* by address */
	size_t count, room;
};

/*
 * A call has ended: mmap, shmat, munmap, shmdt, mremap, mprotect or madvise, of process `p` on the
 * object with this number. `length` is that of a new mapping. 0 or -errno.
 */
int mapping_op(const struct mapping_hooks *h, struct process *p, struct object *o,
	       const struct ipct_op *op, uint64_t length, int64_t start_ns, int64_t end_ns);

/* What the process has mapped in [start, start + length), the first of several; NULL: nothing. */
const struct mapping *mapping_find(const struct process *p, uint64_t start, uint64_t length);

/* What it has of a segment that was attached at `address`: see shmdt(2). NULL: nothing. */
const struct mapping *mapping_attached(const struct process *p, uint64_t address);

/* The process has been forked from `parent`, whose memory it has a copy of, or shares. */
int mapping_fork(const struct mapping_hooks *h, struct process *p, struct process *parent,
		 bool shares, int64_t ns);

/* The process has a new address space (exec), or none any more. */
int mapping_leave(const struct mapping_hooks *h, struct process *p, bool exits, int64_t ns);

/* Free what a process has, without a word. */
void mapping_clear(struct process *p);

#endif
