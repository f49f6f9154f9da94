// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where, by whom and of what a recording is; see describe.h.
 */
#include "collector/describe.h"

#include "collector/quote.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The words of `argv` as a shell would take them. The caller frees; NULL if memory is out. */
static char *command_quote(char **argv)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (int i = 0; argv[i]; i++) {
		if (i)
			fputc(' ', out);
		word_quote(out, argv[i]);
	}
	fclose(out);
	return text;
}

static char *user_name(const char *user)
{
	const struct passwd *pw;

	if (user)
		return strdup(user);
	pw = getpwuid(geteuid());
	return pw ? strdup(pw->pw_name) : NULL;
}

void recording_describe(struct recording *rec, char **argv, const char *user)
{
	struct utsname u;

	uname(&u);
	rec->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	rec->command = command_quote(argv);
	rec->cwd = getcwd(NULL, 0);
	rec->host = strdup(u.nodename);
	rec->kernel = strdup(u.release);
	rec->arch = strdup(u.machine);
	rec->user = user_name(user);
	rec->version = strdup(IPCT_VERSION);
}
