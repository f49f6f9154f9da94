/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which things of one recording are those of another, by names that become less exact level by
 * level. Equal things of one recording fall together.
 */
#ifndef IPCT_DIFF_MATCH_H
#define IPCT_DIFF_MATCH_H

#include <stddef.h>
#include <stdint.h>

#define DIFF_LEVELS 5 /* the most that anybody uses */

struct diff_match {
	const char *key[DIFF_LEVELS]; /* the most exact first */
	int side;                     /* 0: A; 1: B */
	/* Filled in: */
	uint32_t class; /* what has the same number is the same; from 0 without gaps */
	int level;      /* of the key that said so; of what is on one side only, 0 */
};

/*
 * Number the classes of `count` things. At each level, those that are left and have the same key
 * make a class if they are on both sides. What is left after the last level makes a class with
 * those of its own side that have its first key. The order of the things changes no class, only its
 * number. Returns the number of classes, or -ENOMEM.
 */
long diff_match(struct diff_match *things, size_t count, int levels);

/* Keys: what makes names of one run those of another. Callers free; NULL: no memory. */

/*
 * The lasting part of an object's name: without numbers in brackets, which the kernel or the system
 * gave, as in pipe:[4711] or COMM[12]; of a connection the end that was connected to, unless its
 * port is one that the kernel chooses; empty if nothing is left but the mechanism.
 */
char *diff_object_name(const char *mechanism, const char *name);

/* `name` with each run of digits as one '#'. */
char *diff_without_digits(const char *name);

/*
 * The program that a process ran: its comm, or where the kernel cut that, the file's whole name.
 * Either may be NULL.
 */
char *diff_program(const char *comm, const char *exe);

#endif
