/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What threads and objects are called, safe for a terminal. The caller frees what is returned; NULL
 * if memory is out.
 */
#ifndef IPCT_CHAIN_NAMES_H
#define IPCT_CHAIN_NAMES_H

#include "chain_read.h"

/* "gzip[4711]", or "gzip[4711] thread 4712" for one that is not the main thread. */
char *chain_name_thread(const struct chain_file *file, uint32_t thread);

/* Its process alone: "gzip[4711]". */
char *chain_name_process(const struct chain_file *file, uint32_t thread);

/* "pipe:[4711]" */
char *chain_name_object(const struct chain_file *file, uint32_t object);

/* A thread that is not traced: "bash[4711]", or "thread 4711" where its name is not known. */
char *chain_name_outside(const struct chain_file *file, uint32_t tid);

/* The mechanism of an object, as it is in the file, until the next such question; or "". */
const char *chain_mechanism(const struct chain_file *file, uint32_t object);

#endif
