/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of the kernel side: which mechanisms need each, and whether this kernel has what it
 * rests on. A part is a program of bpf/ipctrace.bpf.c, or a helper that several of them call.
 */
#ifndef IPCT_PART_H
#define IPCT_PART_H

#include <stdbool.h>
#include <stddef.h>

struct part {
	const char *program; /* NULL: no program of its own */
	const char *purpose; /* for people */
	unsigned mechanisms; /* that need it, 1 << enum ipct_mechanism; ~0u: every recording does */
	const char *tracepoint; /* that not every kernel has; NULL */
	const char *helper;     /* BPF helper that not every kernel has; NULL */
	const char *since;      /* kernel version that brought it */
	const char *without;    /* what is not seen without it; NULL: its mechanisms as a whole */
};

/* Ends with a row without purpose. */
extern const struct part parts[];

/* Can a recording do without it? */
bool part_optional(const struct part *part);

/*
 * Does this kernel's type information have what the part rests on? True also where that cannot be
 * read: loading it will tell. kernel_types_done() frees what is kept of it.
 */
bool part_known(const struct part *part);

/*
 * Can programs give an address of the kernel's a type (kfunc bpf_rdonly_cast, 6.2)? Without that
 * they work as well, and slower.
 */
bool part_casts(void);

/* Say what is missing where part_known() is false. */
void part_lacks(const struct part *part, char *out, size_t size);

#endif
