/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capture files: what is known of a recording, then its records byte for byte as they came from
 * the ring. `ipctrace replay` reads one and enters at decode.
 */
#ifndef IPCT_CAPTURE_H
#define IPCT_CAPTURE_H

#include <stdio.h>
#include "collector/collector.h"

/* Create `path` and write its head. NULL after an error message. */
FILE *capture_create(const char *path, const struct recording *rec);

/*
 * Open `path` and read its head into *rec, which the caller clears. NULL after an error message:
 * not a capture, of another version, or cut within the head.
 */
FILE *capture_open(const char *path, struct recording *rec);

#endif
