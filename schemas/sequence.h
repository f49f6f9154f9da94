/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequence numbers that wrap, as TCP's do, extended to numbers that do not. Compiles for BPF and
 * for the host, and uses the kernel's own type names, which the includer provides.
 */
#ifndef IPCT_SEQUENCE_H
#define IPCT_SEQUENCE_H

/* The number whose low half is `sequence`, of those that are next to `last`: within 2 GiB. */
static inline __u64 sequence_extend(__u64 last, __u32 sequence)
{
	return last + (__s64)(__s32)(sequence - (__u32)last);
}

/*
 * Where a stream begins whose first number is `sequence`: above all that `last`, of an earlier
 * stream of the same object, can have come to, and never 0.
 */
static inline __u64 sequence_begin(__u64 last, __u32 sequence)
{
	return ((last >> 32) + 1) << 32 | sequence;
}

#endif
