/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTF-8 from a trace: any bytes at all until it is checked here.
 */
#ifndef IPCT_UTF8_H
#define IPCT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Decode the character at `text`, of which `len` bytes are there, into *code. Returns its length
 * in bytes, or 0 where no well-formed character (RFC 3629) begins.
 */
size_t utf8_next(const char *text, size_t len, uint32_t *code);

/*
 * Columns that the character takes on a terminal, 1 or 2; 0 for one that takes none or is not
 * printable (controls, formatting, combining marks), which must not reach a terminal as it is.
 */
int utf8_columns(uint32_t code);

#endif
