/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Back-pressure: what each op says of how full the directions of its object are, and of who waited
 * for that. Keeps a struct depth for each direction that data moved through, or that somebody
 * waited for. A direction is the end that it goes to: 0, or 1 of objects with two ends.
 *
 * Functions that return int return 0 or -ENOMEM.
 */
#ifndef IPCT_PRESSURE_H
#define IPCT_PRESSURE_H

#include "collector/object.h"

/* Does an object of the mechanism hold what was sent until it is received? */
bool pressure_kept(unsigned mechanism);

/* A new instance holds something already. */
int pressure_found(struct instance *in, const struct ipct_object *a, int64_t ns);

/*
 * What the op says by itself: waits, refusals, sizes of buffers. To be called before its bytes and
 * messages are counted.
 */
int pressure_op(struct instance *in, unsigned direction, const struct ipct_op *op,
		const struct ipct_sleep *sleep, const struct call_times *times);

/*
 * A wait for readiness, which slept as `times` and `sleep` say, was ended by the object, of which
 * the caller has end one or not, with these `events` of poll(2): it was empty for whoever receives,
 * or full for whoever only sends.
 */
int pressure_ready(struct instance *in, bool end_one, uint32_t events,
		   const struct ipct_sleep *sleep, const struct call_times *times);

/* The stream of the direction has moved on. */
int pressure_stream(struct instance *in, unsigned direction, int64_t ns);

/* A message with a label was sent; or one without was received, which no traced call sent. */
int pressure_sent(struct object *o, unsigned direction, const struct span *send);
int pressure_received(struct object *o, unsigned direction, const struct ipct_op *op, int64_t ns);

/* A message with a label has found its other end, and is out. */
int pressure_taken(const struct message *m);

/* All have closed the object: what was inside is gone. */
void pressure_closed(struct object *o, int64_t ns);

/* The recording has ended at `ns`. */
int pressure_finish(struct object *o, int64_t ns);

/* Bytes that the direction can hold, as far as the kernel says: docs/trace-file.md. -1: not known
 */
int64_t pressure_capacity(const struct object *o, const struct depth *d);

#endif
