/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One command of the front door: its row in ipctrace.c's table, its --help and its manual page,
 * all from the same argp rows.
 */
#ifndef IPCT_COMMAND_H
#define IPCT_COMMAND_H

#include <argp.h>
#include <stdio.h>

/* Exit statuses of every command but record, which has the traced program's own. */
#define IPCT_EXIT_FAILURE 1
#define IPCT_EXIT_USAGE   2

struct command {
	const char *name;
	const char *summary; /* one line, for the list of commands */
	/*
	 * Options. `doc` is "What it does.\vExamples:\n..." : the part after \v stands at the end
	 * of --help and holds three examples.
	 */
	const struct argp *argp;
	int usage_status; /* exit status for wrong usage */
	/* Gets argv[0] = the command's name. Returns the exit status. */
	int (*run)(int argc, char **argv);
};

/*
 * argp_parse for `cmd`, with "ipctrace <name>" as the program's name and the exit status of
 * wrong usage set: argp prints the error and ends the process, as it does for --help.
 * `input` goes to the parser. Stops at "--" and, with ARGP_IN_ORDER in `flags`, at the first
 * argument that is no option. Returns the error of argp_parse.
 */
int command_parse(const struct command *cmd, int argc, char **argv, unsigned flags, void *input);

/* Write the command's manual page (man(7) source) to `out`. */
void command_man(const struct command *cmd, FILE *out);

#endif
