// SPDX-License-Identifier: BSD-2-Clause
/*
 * The .def tables as C tables; a row's columns keep their names.
 */
#include "schemas/tables.h"

#include <string.h>
#include <sys/syscall.h>

const struct mechanism mechanisms[IPCT_MECH_COUNT] = {
	[IPCT_MECH_NONE] = {.name = "unknown", .title = "Unknown", .family = "unknown"},
#define MECHANISM(id, name, title, family, discipline, named, sender, receiver)                    \
	[IPCT_MECH_##id] = {name, title, family, DISCIPLINE_##discipline, named, sender, receiver},
#include "schemas/mechanisms.def"
#undef MECHANISM
};

#define IPCT_ARG_0               0
#define IPCT_ARG_1               1
#define IPCT_ARG_2               2
#define IPCT_ARG_3               3
#define IPCT_ARG_4               4
#define IPCT_ARG_5               5
#define IPCT_ROW_0               0
#define ROW_SYSCALL_NUMBER(name) SYS_##name

const struct syscall_row syscall_rows[IPCT_SYS_COUNT] = {
#define SYSCALL(name, shape, role, fd, fd2, len, arg, flags)                                       \
	[IPCT_SYS_##name] = {#name,                                                                \
			     ROW_SYSCALL_NUMBER(name),                                             \
			     {IPCT_SHAPE_##shape, IPCT_ROLE_##role, IPCT_ARG_##fd, IPCT_ARG_##fd2, \
			      IPCT_ARG_##len, IPCT_ARG_##arg, IPCT_ROW_##flags, IPCT_SYS_##name}},
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
