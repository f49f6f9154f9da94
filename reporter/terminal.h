/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a text report goes: how wide it may be and whether it may have colour.
 */
#ifndef IPCT_TERMINAL_H
#define IPCT_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum style {
	STYLE_PLAIN,
	STYLE_BOLD,  /* headings, what was asked for */
	STYLE_DIM,   /* what one may skip */
	STYLE_ALERT, /* losses, a recording that was cut off, what became worse */
	STYLE_GOOD,  /* what became better */
};

/* The parts of a stacked bar, from the left. */
#define TERMINAL_SHADES 4

struct terminal {
	FILE *out;
	int columns;
	bool colour;
};

/*
 * The terminal behind `out`. What is no terminal is 100 columns wide without colour, so that a
 * report in a file does not depend on the window that it was made in. NO_COLOR is respected.
 */
struct terminal terminal_of(FILE *out);

/*
 * The character that part `i` of a stacked bar is made of. They are told apart without colour; with
 * it each has one of its own, wherever terminal_put() meets it.
 */
const char *terminal_shade(int i);

/* Write `text` in a style. */
void terminal_put(const struct terminal *term, enum style style, const char *text);

#endif
