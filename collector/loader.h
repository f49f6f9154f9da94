/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of the programs and maps into the kernel. The verifier takes nearly all the time that a
 * recording needs to start, so two threads load a half of the programs each, on the same maps.
 */
#ifndef IPCT_LOADER_H
#define IPCT_LOADER_H

#include <stddef.h>

struct bpf_link;
struct bpf_program;
struct ipctrace_bpf;

#define LOADER_HALVES 2

struct loader {
	struct ipctrace_bpf *maps;                /* with none of its programs loaded */
	struct ipctrace_bpf *half[LOADER_HALVES]; /* with some of them */
	unsigned long maps_taken;                 /* a bit each, by a thread that makes it */
	struct bpf_link *also;                    /* of a program that has two */
	int types_fd;                             /* an excerpt of the kernel's types; 0: none */
};

/*
 * Open all, with a ring of `ring_bytes`: then what is constant for the programs can be set in
 * maps->rodata, and programs can be left out. 0, or -errno with nothing left open.
 */
int loader_open(struct loader *l, size_t ring_bytes);

/* The program of that name; NULL: there is none. */
struct bpf_program *loader_program(const struct loader *l, const char *name);

/* Load no such program. */
void loader_leave_out(const struct loader *l, const char *name);

/* Leave out all but that one. */
void loader_leave_one(const struct loader *l, const char *name);

/* Make the maps, and load the programs. 0 or -errno; loader_close() in either case. */
int loader_load(struct loader *l);

/* Attach those that were loaded and attach themselves; detach them. 0 or -errno. */
int loader_attach(struct loader *l);
void loader_detach(struct loader *l);

/* Detach, unload and free; what was never opened, if it is zeroed, is left alone. */
void loader_close(struct loader *l);

/* What libbpf said last, and the end of what the kernel's verifier did: "" for nothing. */
const char *loader_said(void);
const char *loader_verifier_end(void);

#endif
