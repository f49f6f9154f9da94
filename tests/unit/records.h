/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Builds records as the kernel side emits them, so that the path after the ring can be fed without
 * a kernel. The builder is the model of the kernel side: it numbers the bytes of each direction
 * and counts what was seen. A failed allocation ends the test program.
 *
 * A call returns the op's record, which the caller may change until the next call.
 */
#ifndef IPCT_TESTS_RECORDS_H
#define IPCT_TESTS_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>
#include "collector/collector.h"
#include "schemas/event.h"

#define RECORDS_OBJECTS 1024 /* numbers of objects that a builder keeps the bytes of */
#define RECORDS_STEP_NS 1000
#define RECORDS_DUR_NS  400

struct records {
	unsigned char *data;
	size_t len, room;
	uint64_t now_ns; /* of the next record; each one takes RECORDS_STEP_NS */
	__u8 mechanism[RECORDS_OBJECTS];
	uint64_t sent[RECORDS_OBJECTS], received[RECORDS_OBJECTS];
	bool gap[RECORDS_OBJECTS]; /* received bytes went missing */
	struct ipct_end end;       /* what records_end will write */
};

/* The start of every recording made here, CLOCK_MONOTONIC. */
#define RECORDS_START_NS 5000000000ull

void records_begin(struct records *r);
void records_clear(struct records *r);

/* Append bytes as they are. */
void *records_put(struct records *r, const void *record, size_t len_bytes);

/* The path with its components from the last to the first, as the kernel side has it. */
void records_path(struct ipct_path *out, const char *path);

struct ipct_fork *records_fork(struct records *r, unsigned process, unsigned parent, unsigned tgid,
			       const char *comm);
/* `args`: each argument with a NUL, and one more at the end, as in "wc\0-c\0". */
struct ipct_exec *records_exec(struct records *r, unsigned process, unsigned tgid, const char *exe,
			       const char *args);
void records_cgroup(struct records *r, uint64_t id, const char *path);
void records_exit(struct records *r, unsigned process, unsigned tgid, int status);
/* A thread of the process has used this CPU time, and others go on. */
void records_cpu(struct records *r, unsigned process, uint64_t cpu_ns);
void records_range(struct records *r, unsigned process, unsigned first, unsigned last,
		   unsigned flags);
void records_holder(struct records *r, unsigned pid, const char *comm, uint64_t ino, unsigned ends);

/* Announce an object: `path` NULL is a pipe. Its inode number is 7000 + `object`. */
struct ipct_object *records_object(struct records *r, unsigned object, const char *path);

/* An op of any kind on an object, not finished with any result but 0. */
struct ipct_op *records_op(struct records *r, unsigned process, unsigned object, unsigned syscall,
			   int fd);

/*
 * The op that was built last slept: it began `waiting_ns` and `runnable_ns` earlier, waited so long
 * for someone, was woken by thread `waker` of `waker_process`, and was then ready for so long. Its
 * sleep, which the caller may change until the next call.
 */
struct ipct_sleep *records_slept(struct records *r, uint64_t waiting_ns, uint64_t runnable_ns,
				 unsigned waker, unsigned waker_process);

/* Announce a pipe and make it, with O_CLOEXEC and the like in `flags`. */
void records_pipe(struct records *r, unsigned process, unsigned object, int read_fd, int write_fd,
		  int flags);
/* Open a FIFO that has been announced; `opens_*` is how often it then was open, by anyone. */
struct ipct_op *records_open(struct records *r, unsigned process, unsigned object, int fd,
			     int flags, unsigned opens_read, unsigned opens_write);
/* All had closed the FIFO, and its new pipe has the old one's number: what it held is gone. */
void records_new_pipe(struct records *r, unsigned object);
struct ipct_op *records_write(struct records *r, unsigned process, unsigned object, int fd,
			      uint64_t bytes);
struct ipct_op *records_read(struct records *r, unsigned process, unsigned object, int fd,
			     uint64_t bytes);
/* Show bytes without taking them: the receiving half of a tee. */
struct ipct_op *records_peek(struct records *r, unsigned process, unsigned object, int fd,
			     uint64_t bytes);
struct ipct_op *records_close(struct records *r, unsigned process, unsigned object, int fd);
struct ipct_op *records_dup2(struct records *r, unsigned process, unsigned object, int fd,
			     int new_fd);
struct ipct_op *records_fcntl(struct records *r, unsigned process, unsigned object, int fd,
			      unsigned command, unsigned value, int result);

/* An op on a path: mknod, or an open that did not return. */
struct ipct_path_op *records_path_op(struct records *r, unsigned process, unsigned syscall,
				     const char *folder, const char *path);

/* `ops` ops of the mechanism were seen and lost in the kernel for this reason. */
void records_lost(struct records *r, unsigned mechanism, enum ipct_count reason, uint64_t ops);
/* The last record. */
void records_end(struct records *r);

/* What is known of a made-up recording: the same each time. The caller clears it. */
void records_recording(struct recording *rec);
/* Write it as a capture. 0 or -EIO. */
int records_capture(const struct records *r, const char *path);

#endif
