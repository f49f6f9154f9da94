/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run did, as text: lines of `mechanism role count bytes`, one of `mechanism message count
 * bytes`, and `# key value` lines for what else a test may want to know.
 */
#ifndef IPCT_TRUTH_H
#define IPCT_TRUTH_H

struct run;

/*
 * Add up what the peers of `run`, which have all ended, counted and logged, and write it to fd
 * `fd` in one write. 0 or -errno: -EILSEQ where senders that share an object made partial sends,
 * so that no one can know the order of the bytes.
 */
int truth_write(const struct run *run, int fd);

#endif
