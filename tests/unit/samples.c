// SPDX-License-Identifier: BSD-2-Clause
/*
 * The samples. The calls of the pipeline are those that a shell makes.
 */
#include "samples.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

/* What every stage does first: put the pipe's end where the program looks for it. */
static void stage_move(struct records *r, unsigned process, unsigned object, int fd, int to)
{
	records_dup2(r, process, object, fd, to);
	records_close(r, process, object, fd);
}

void sample_pipeline(struct records *r)
{
	const unsigned lines = 1009, line_bytes = 61;

	records_begin(r);
	records_fork(r, 1, 0, 1001, "sh");
	records_exec(r, 1, 1001, "/bin/sh", "sh\0-c\0made | up | count\0");
	records_pipe(r, 1, 1, 3, 4, 0);
	records_fork(r, 2, 1, 1002, "sh");
	records_close(r, 1, 1, 4);
	records_pipe(r, 1, 2, 4, 5, 0);
	records_fork(r, 3, 1, 1003, "sh");
	records_close(r, 1, 1, 3);
	records_close(r, 1, 2, 5);
	records_fork(r, 4, 1, 1004, "sh");
	records_close(r, 1, 2, 4);
	records_close(r, 2, 1, 3);
	stage_move(r, 2, 1, 4, 1);
	records_exec(r, 2, 1002, "/usr/bin/made", "made\0");
	records_close(r, 3, 2, 4);
	stage_move(r, 3, 1, 3, 0);
	stage_move(r, 3, 2, 5, 1);
	records_exec(r, 3, 1003, "/usr/bin/up", "up\0--by=line\0");
	stage_move(r, 4, 2, 4, 0);
	records_exec(r, 4, 1004, "/usr/bin/count", "count\0-c\0");
	for (unsigned i = 0; i < lines; i++) {
		records_write(r, 2, 1, 1, line_bytes);
		if (i % 3 != 2 && i + 1 < lines)
			continue;
		/* three lines, the last one alone, taken in two parts */
		records_read(r, 3, 1, 0, 59);
		records_slept(r, 700, 90, 1002, 2);
		records_read(r, 3, 1, 0, r->sent[1] - r->received[1]);
		records_write(r, 3, 2, 1, 97);
	}
	records_exit(r, 2, 1002, 0);
	records_read(r, 3, 1, 0, 0);
	records_exit(r, 3, 1003, 0);
	while (r->received[2] < r->sent[2]) {
		uint64_t left = r->sent[2] - r->received[2];

		records_read(r, 4, 2, 0, left < 4096 ? left : 4096)->requested = 4096;
	}
	records_read(r, 4, 2, 0, 0)->requested = 4096;
	records_exit(r, 4, 1004, 0);
	records_exit(r, 1, 1001, 0);
	r->end.ended = IPCT_ENDED_PROGRAM;
	records_end(r);
}

void sample_fifo(struct records *r)
{
	struct ipct_path_op *made;
	struct ipct_op *op;

	records_begin(r);
	records_fork(r, 1, 0, 1001, "server");
	records_exec(r, 1, 1001, "/srv/server", "server\0--at\0/run/a fifo\0");
	made = records_path_op(r, 1, IPCT_SYS_mknodat, "/run", "a fifo");
	made->mode = S_IFIFO | 0600;
	made->ino = 7001;
	made->dev = 15;
	records_fork(r, 2, 1, 1002, "server");
	records_exec(r, 2, 1002, "/srv/client", "client\0");
	records_object(r, 1, "/run/a fifo");
	op = records_open(r, 1, 1, 3, O_RDONLY, 1, 1);
	op->dur_ns = 900;
	op->blocked_ns = 700;
	records_open(r, 2, 1, 3, O_WRONLY | O_CLOEXEC, 1, 1);
	for (int i = 0; i < 101; i++) {
		records_write(r, 2, 1, 3, 13);
		records_read(r, 1, 1, 3, 13);
	}
	records_write(r, 2, 1, 3, 1000);
	records_read(r, 1, 1, 3, 10);
	records_close(r, 2, 1, 3);
	records_close(r, 1, 1, 3); /* 990 bytes are gone */
	records_object(r, 2, "/run/a fifo")->ino = 7001;
	records_open(r, 1, 2, 3, O_RDONLY | O_NONBLOCK, 1, 0);
	op = records_read(r, 1, 2, 3, 0);
	op->requested = SIZE_MAX;
	op->result = -EAGAIN;
	records_open(r, 2, 2, 3, O_WRONLY, 1, 1);
	records_write(r, 2, 2, 3, 17);
	/* now the outside writes as well, and the kernel says that it was opened twice */
	records_read(r, 1, 2, 3, 17)->key = 2ull << 32;
	records_read(r, 1, 2, 3, 5)->key = 2ull << 32;
	op = records_read(r, 1, 2, 3, 0);
	op->flags &= ~IPCT_OP_FINISHED;
	op->requested = 512;
	records_exit(r, 1, 1001, SIGKILL);
	records_exit(r, 2, 1002, 3 << 8);
	records_lost(r, IPCT_MECH_FIFO, IPCT_COUNT_RING_FULL, 7);
	r->end.status = SIGKILL;
	records_end(r);
}

void sample_short(struct records *r)
{
	records_begin(r);
	records_fork(r, 1, 0, 1001, "one");
	records_pipe(r, 1, 1, 3, 4, 0);
	records_write(r, 1, 1, 4, 7);
	records_read(r, 1, 1, 3, 7);
	records_close(r, 1, 1, 3);
	records_close(r, 1, 1, 4);
	records_exit(r, 1, 1001, 0);
	records_end(r);
}
