// SPDX-License-Identifier: BSD-2-Clause
/*
 * test-capture SAMPLE FILE: writes a made-up recording (tests/unit/samples.h) as a capture, so that
 * the tests of `ipctrace replay` need no file from a real machine.
 * test-capture traffic FILE OPS PROCESSES: one of any size (tests/unit/traffic.h).
 */
#include "tests/unit/samples.h"
#include "tests/unit/traffic.h"

#include <stdio.h>
#include <stdlib.h>
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
	if (argc == 5 && !strcmp(argv[1], "traffic"))
		return traffic_capture(argv[2], strtoull(argv[3], NULL, 10),
				       (unsigned)strtoul(argv[4], NULL, 10))
			       ? 1
			       : 0;
	fprintf(stderr, "usage: test-capture pipeline|fifo|short FILE\n"
			"       test-capture traffic FILE OPS PROCESSES\n");
	return 2;
}
