// SPDX-License-Identifier: BSD-2-Clause
/*
 * The front door: a table of commands. Each command lives in its own file and brings its row.
 */
#include "schemas/command.h"
#include "schemas/say.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

extern const struct command record_command, report_command, chain_command, bench_command,
	diff_command, replay_command, doctor_command;

static const struct command *const commands[] = {
	&record_command, &report_command, &chain_command,  &bench_command,
	&diff_command,   &replay_command, &doctor_command,
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	fputs("Usage: ipctrace COMMAND [OPTION...]\n"
	      "See who talks to whom on this machine, over what, how much and how slow.\n\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-8s  %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n'ipctrace COMMAND --help' says more. Examples:\n"
	      "  sudo ipctrace record -- sh -c 'tar c /usr/share/doc | gzip | sha256sum'\n"
	      "  ipctrace report\n"
	      "  ipctrace report --html flow.html\n",
	      out);
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

/*
 * Standard fds that are closed must not become our files, into which messages would then go. The
 * traced program still gets them closed.
 */
static void standard_fds_fill(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && fd <= STDERR_FILENO)
		;
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	const struct command *cmd = command_find(word);

	standard_fds_fill();

	if (cmd)
		return cmd->run(argc - 1, argv + 1);
	if (!strcmp(word, "--help") || !strcmp(word, "help")) {
		usage(stdout);
		return 0;
	}
	if (!strcmp(word, "--version")) {
		puts("ipctrace " IPCT_VERSION);
		return 0;
	}
	if (!strcmp(word, "--man") && argc == 3 && (cmd = command_find(argv[2]))) {
		command_man(cmd, stdout);
		return 0;
	}
	if (*word)
		say_error("no command '%s'", word);
	usage(stderr);
	return IPCT_EXIT_USAGE;
}
