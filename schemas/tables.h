/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mechanisms.def, syscalls.def and the roles, as tables for the host.
 */
#ifndef IPCT_TABLES_H
#define IPCT_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>
#include "schemas/event.h"

struct mechanism {
	const char *name, *title, *family, *kind;
	enum ipct_discipline discipline;
	bool named;
	bool moves_bytes; /* its kind is `data` */
	const char *sender, *receiver, *key, *end;
	const char *directions, *reach, *address, *carries, *boundaries, *order, *holder;
	const char *copies, *cleanup; /* may be NULL */
};

/* Indexed by enum ipct_mechanism; row 0 is 'unknown'. */
extern const struct mechanism mechanisms[IPCT_MECH_COUNT];

/* What sets a limit of a mechanism. */
enum limit_by { LIMIT_SYSCTL, LIMIT_RLIMIT, LIMIT_FIXED };

struct mechanism_limit {
	enum ipct_mechanism mechanism;
	const char *what, *unit; /* of which there can be only so much; unit NULL: a number */
	enum limit_by by;
	const char *name; /* of a sysctl or RLIMIT_; the value itself if it is fixed */
};

/* The rows of limits.def; one with mechanism 0 ends them. */
extern const struct mechanism_limit mechanism_limits[];

struct syscall_row {
	const char *name;
	int nr;         /* SYS_<name>; -1: no system call */
	const char *of; /* mechanisms and families, or "any" */
	struct ipct_row row;
};

/* Indexed by enum ipct_syscall. */
extern const struct syscall_row syscall_rows[IPCT_SYS_COUNT];

/* Indexed by enum ipct_role. */
extern const char *const role_names[IPCT_ROLE_COUNT];

/*
 * The mechanisms that `list` selects, as a mask of 1 << enum ipct_mechanism: names and families,
 * comma separated. 0 if a word is neither; *bad is then that word, *bad_len long.
 */
unsigned mechanisms_select(const char *list, const char **bad, int *bad_len);

/* Names of the mechanisms of a mask, with `separator` between them. */
void mechanisms_list(unsigned mask, const char *separator, char *out, size_t size);

/* The call's row where the mechanisms of the mask `selected` are watched: no shape if none is its.
 */
struct ipct_row syscall_select(const struct syscall_row *call, unsigned selected);

/* Does the op put something in, or take something out? Its bytes may be 0. */
static inline bool op_gives(const struct ipct_op *op)
{
	return op->role == IPCT_ROLE_SEND || op->role == IPCT_ROLE_WAKE;
}

/* What polls only looks. */
static inline bool op_takes(const struct ipct_op *op)
{
	return op->role == IPCT_ROLE_RECV ||
	       (op->role == IPCT_ROLE_WAIT && !(op->flags & IPCT_OP_PEEK));
}

/* Does the op remove its object, or the name under which it lasts? */
bool op_removes(const struct ipct_op *op);

#endif
