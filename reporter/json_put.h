/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strings of a trace as JSON: valid UTF-8 whatever they hold; bytes that are none become U+FFFD.
 */
#ifndef IPCT_JSON_PUT_H
#define IPCT_JSON_PUT_H

#include <stddef.h>
#include <stdio.h>

/* The first `len` bytes of `text`, in quotes. */
void json_put_string(FILE *out, const char *text, size_t len);

/* A further member of an object, after a comma: the text, or null for NULL. */
void json_put_text(FILE *out, const char *name, const char *text);

#endif
