/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A time as people give it on the command line: a number and s, ms, us or ns, such as 1.5s.
 */
#ifndef IPCT_DURATION_H
#define IPCT_DURATION_H

#include <stdint.h>

/* What to say about a text that is none. */
#define IPCT_DURATION_WANTED "a number and s, ms, us or ns, such as 1.5s"

/* The nanoseconds of `text` into *ns; 0, or -EINVAL if it is no time, negative, or too long. */
int duration_parse(const char *text, int64_t *ns);

#endif
