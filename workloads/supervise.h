/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The peers' processes as the supervisor sees them: start, wait, kill.
 */
#ifndef IPCT_SUPERVISE_H
#define IPCT_SUPERVISE_H

#include "workloads/harness.h"

/*
 * Start all peers, as processes or as threads of one process, each which do peers_work; then wait
 * until none is left. If one fails, or a signal comes, the others are killed. For a pattern that
 * hangs: kill them all, by pid, when they have slept in their calls for the time asked.
 * 0; 1 after a message; 128+N if signal N came.
 */
int supervise(struct run *run);

/* What a peer's process does: give up the ends it has no use for, open its own, work, close. */
int peers_work(struct run *run, struct peer *peers, unsigned count);

/* Note who in this process uses which side, and give up (disown) the sides that no one uses. */
int peers_adopt(struct run *run, struct peer *peers, unsigned count);

#endif
