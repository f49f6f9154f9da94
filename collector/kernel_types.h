/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The running kernel's type information (BTF), and the small part of it that the probes have to do
 * with.
 *
 * For each type that a probe reads (CO-RE), libbpf looks through all types of its target: with the
 * 130,000 of a kernel this takes longer than all else that it does. Among the few hundred of the
 * excerpt it finds the same.
 */
#ifndef IPCT_KERNEL_TYPES_H
#define IPCT_KERNEL_TYPES_H

#include <bpf/btf.h>

/* All of them, read once and kept until kernel_types_done(); NULL, with errno set. */
const struct btf *kernel_types(void);
void kernel_types_done(void);

/*
 * Those structs, unions and enums of `kernel` that have the name of one in `probes`, with the
 * members whose names occur there, and what these are made of. What a pointer leads to is left
 * out. To be freed by btf__free; NULL, with errno set.
 */
struct btf *kernel_types_excerpt(const struct btf *kernel, const struct btf *probes);

#endif
