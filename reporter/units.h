/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers as a person reads them: three significant digits and a unit, or digits in groups of
 * three. Every function fills `buf` and returns it, needs no locale and takes any value.
 */
#ifndef IPCT_UNITS_H
#define IPCT_UNITS_H

#include <stdint.h>

#define IPCT_UNIT_LEN 40 /* the longest text that any of them makes, with its NUL */

/* A duration: "245 ns", "1.23 µs", "45.6 ms", "12.0 s", "1,234 s". */
char *unit_ns(char buf[IPCT_UNIT_LEN], int64_t ns);

/* A size in powers of 1024: "512 B", "64.0 KiB", "1.50 GiB". */
char *unit_bytes(char buf[IPCT_UNIT_LEN], int64_t bytes);

/* The size that passes each second, `bytes` in `ns`: "123 MiB/s"; "-" where no time passed. */
char *unit_rate(char buf[IPCT_UNIT_LEN], int64_t bytes, int64_t ns);

/* Every digit: "12,345,678". */
char *unit_count(char buf[IPCT_UNIT_LEN], int64_t count);

/* Every digit below a million, from there on "1.23 M". For columns. */
char *unit_count_short(char buf[IPCT_UNIT_LEN], int64_t count);

/*
 * `part` of `whole` in percent, never rounded up to 100 or down to 0: "100%", "99%", "<1%";
 * "-" where there is no whole.
 */
char *unit_share(char buf[IPCT_UNIT_LEN], int64_t part, int64_t whole);

/* The most parts that unit_shares() takes. */
#define IPCT_UNIT_SHARES_MAX 8

/*
 * `count` parts of their own sum in percent, rounded so that they add up to 100, where "<1%" is one
 * for all that are too small; all "-" where there is no sum. Negative parts are none.
 */
void unit_shares(char bufs[][IPCT_UNIT_LEN], const int64_t *parts, int count);

/* A point of CLOCK_REALTIME: "2026-01-31 23:59:59 UTC". */
char *unit_utc(char buf[IPCT_UNIT_LEN], int64_t realtime_ns);

/* A status of wait(2): "0", "3", "SIGPIPE"; "?" for what is none. */
char *unit_status(char buf[IPCT_UNIT_LEN], int64_t status);

#endif
