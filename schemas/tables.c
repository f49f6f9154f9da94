// SPDX-License-Identifier: BSD-2-Clause
/*
 * The .def tables as C tables; a row's columns keep their names.
 */
#include "schemas/tables.h"

#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/syscall.h>

const struct mechanism mechanisms[IPCT_MECH_COUNT] = {
	[IPCT_MECH_NONE] = {.name = "unknown",
			    .title = "Unknown",
			    .family = "unknown",
			    .kind = "data",
			    .end = "closed"},
#define MECHANISM(id, name, title, family, kind, discipline, named, sender, receiver, key, end,    \
		  directions, reach, address, carries, boundaries, order, holder, copies, cleanup) \
	[IPCT_MECH_##id] = {name,                                                                  \
			    title,                                                                 \
			    family,                                                                \
			    kind,                                                                  \
			    IPCT_DISCIPLINE_##discipline,                                          \
			    named,                                                                 \
			    (kind)[0] == 'd',                                                      \
			    sender,                                                                \
			    receiver,                                                              \
			    key,                                                                   \
			    end,                                                                   \
			    directions,                                                            \
			    reach,                                                                 \
			    address,                                                               \
			    carries,                                                               \
			    boundaries,                                                            \
			    order,                                                                 \
			    holder,                                                                \
			    copies,                                                                \
			    cleanup},
#include "schemas/mechanisms.def"
#undef MECHANISM
};

const struct mechanism_limit mechanism_limits[] = {
#define LIMIT(id, what, unit, by, name) {IPCT_MECH_##id, what, unit, by, name},
#include "schemas/limits.def"
#undef LIMIT
	{0},
};

/* The words of the column `flags`. */
enum {
	IOV = IPCT_ROW_IOV,
	PEEK = IPCT_ROW_PEEK,
	DUP = IPCT_ROW_DUP,
	FCNTL = IPCT_ROW_FCNTL,
	HOW = IPCT_ROW_HOW,
	WHOLE = IPCT_ROW_WHOLE,
	MSG = IPCT_ROW_MSG,
	MMSG = IPCT_ROW_MMSG,
	CLOEXEC1 = IPCT_ROW_CLOEXEC1,
	CLOEXEC2 = IPCT_ROW_CLOEXEC2,
	CLOEXEC = IPCT_ROW_CLOEXEC,
	MFD_FLAGS = IPCT_ROW_MFD_FLAGS,
	MAYBE = IPCT_ROW_MAYBE,
	NAME = IPCT_ROW_NAME,
};

#define IPCT_ARG_0               0
#define IPCT_ARG_1               1
#define IPCT_ARG_2               2
#define IPCT_ARG_3               3
#define IPCT_ARG_4               4
#define IPCT_ARG_5               5
#define ROW_SYSCALL_NUMBER(name) SYS_##name

#define SYS_signal_deliver (-1)
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441 /* 5.11 */
#endif
/* Newer than the headers of some distributions: 6.7, arch/x86/entry/syscalls/syscall_64.tbl. */
#ifndef SYS_futex_wake
#define SYS_futex_wake    454
#define SYS_futex_wait    455
#define SYS_futex_requeue 456
#endif

const struct syscall_row syscall_rows[IPCT_SYS_COUNT] = {
#define SYSCALL(name_, of_, shape_, role_, fd_, fd2_, len_, arg_, flags_)                          \
	[IPCT_SYS_##name_] = {.name = #name_,                                                      \
			      .nr = ROW_SYSCALL_NUMBER(name_),                                     \
			      .of = of_,                                                           \
			      .row = {.shape = IPCT_SHAPE_##shape_,                                \
				      .role = IPCT_ROLE_##role_,                                   \
				      .fd = IPCT_ARG_##fd_,                                        \
				      .fd2 = IPCT_ARG_##fd2_,                                      \
				      .len = IPCT_ARG_##len_,                                      \
				      .arg = IPCT_ARG_##arg_,                                      \
				      .id = IPCT_SYS_##name_,                                      \
				      .flags = flags_}},
#include "schemas/syscalls.def"
#undef SYSCALL
};

_Static_assert(IPCT_SYS_COUNT <= 256, "a row's number is one byte in struct ipct_row");

const char *const role_names[IPCT_ROLE_COUNT] = {
	[IPCT_ROLE_CREATE] = "create", [IPCT_ROLE_OPEN] = "open",   [IPCT_ROLE_SEND] = "send",
	[IPCT_ROLE_RECV] = "recv",     [IPCT_ROLE_WAIT] = "wait",   [IPCT_ROLE_WAKE] = "wake",
	[IPCT_ROLE_MAP] = "map",       [IPCT_ROLE_UNMAP] = "unmap", [IPCT_ROLE_CONTROL] = "control",
	[IPCT_ROLE_CLOSE] = "close",
};

/* A mechanism's name comes before a family's: pipe is both. */
static unsigned word_mask(const char *word, size_t len)
{
	unsigned mask = 0;

	for (int m = 1; m < IPCT_MECH_COUNT; m++)
		if (strlen(mechanisms[m].name) == len && !memcmp(mechanisms[m].name, word, len))
			return 1u << m;

	for (int m = 1; m < IPCT_MECH_COUNT; m++) {
		const char *family = mechanisms[m].family;

		if (strlen(family) == len && !memcmp(family, word, len))
			mask |= 1u << m;
	}
	return mask;
}

unsigned mechanisms_select(const char *list, const char **bad, int *bad_len)
{
	unsigned mask = 0;

	for (const char *word = list; word; word = strchr(word, ',')) {
		size_t len;
		unsigned m;

		word += *word == ',';
		len = strcspn(word, ",");
		m = word_mask(word, len);
		if (!m) {
			*bad = word;
			*bad_len = (int)len;
			return 0;
		}
		mask |= m;
	}
	return mask;
}

void mechanisms_list(unsigned mask, const char *separator, char *out, size_t size)
{
	size_t used = 0;

	if (size)
		*out = 0;
	for (unsigned m = 1; m < IPCT_MECH_COUNT; m++)
		if (mask >> m & 1 && used < size)
			used += snprintf(out + used, size - used, "%s%s", used ? separator : "",
					 mechanisms[m].name);
}

struct ipct_row syscall_select(const struct syscall_row *call, unsigned selected)
{
	struct ipct_row row = call->row;
	const char *bad;
	int bad_len;

	row.mask = strcmp(call->of, "any") ? mechanisms_select(call->of, &bad, &bad_len) : ~1u;
	if (!(row.mask & (row.mask - 1)) && !(row.flags & IPCT_ROW_MAYBE))
		row.mechanism = (__u8)__builtin_ctz(row.mask);
	row.mask &= selected;
	if (!row.mask)
		row.shape = IPCT_SHAPE_NONE;
	return row;
}

/* The rows of msgctl, semctl and shmctl keep the command first. */
bool op_removes(const struct ipct_op *op)
{
	const struct ipct_row *row = &syscall_rows[op->syscall].row;

	if (op->role != IPCT_ROLE_CONTROL || !(op->flags & IPCT_OP_FINISHED) || op->result)
		return false;
	return (row->shape == IPCT_SHAPE_PATH && !(row->flags & IPCT_ROW_MAYBE)) ||
	       (row->shape == IPCT_SHAPE_IPC && (op->arg & 0xff) == IPC_RMID);
}
