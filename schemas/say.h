/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the program says to a person, all of it on stderr: stdout is for data. A message is said
 * once, where the name of the thing is known, and a hint may follow it.
 */
#ifndef IPCT_SAY_H
#define IPCT_SAY_H

/* "ipctrace: <message>"; for failures. */
void say_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "ipctrace: warning: <message>"; for what went on with less. */
void say_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "  hint: <message>"; what to do about the message before. */
void say_hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "<message>" alone, unless say_quiet was called; for progress and summaries. */
void say_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * A line that the next one replaces on a terminal; elsewhere an ordinary line. NULL takes it away.
 */
void say_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Leave out notes and progress from now on. */
void say_quiet(void);

#endif
