// SPDX-License-Identifier: BSD-2-Clause
/*
 * test-capture SAMPLE FILE: writes a made-up recording (tests/unit/samples.h) as a capture, so that
 * the tests of `ipctrace replay` need no file from a real machine.
 */
#include "tests/unit/samples.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	void (*make)(struct records *r);
} samples[] = {
	{"pipeline", sample_pipeline},
	{"fifo", sample_fifo},
	{"short", sample_short},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct records r;
		int err;

		if (strcmp(argv[1], samples[i].name))
			continue;
		samples[i].make(&r);
		err = records_capture(&r, argv[2]);
		records_clear(&r);
		return err ? 1 : 0;
	}
	fprintf(stderr, "usage: test-capture pipeline|fifo|short FILE\n");
	return 2;
}
