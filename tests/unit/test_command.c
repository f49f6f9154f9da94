// SPDX-License-Identifier: BSD-2-Clause
/*
 * schemas/command.c: the manual page that comes from a command's option rows, and above all that
 * no text of a row is taken for roff.
 */
#include "schemas/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *man_of(const struct argp *argp)
{
	const struct command cmd = {.name = "try", .summary = "tries things", .argp = argp};
	char *page = NULL;
	size_t len;
	FILE *out = open_memstream(&page, &len);

	assert_non_null(out);
	command_man(&cmd, out);
	assert_int_equal(fclose(out), 0);
	return page;
}

static void assert_has(const char *page, const char *part)
{
	if (!strstr(page, part))
		fail_msg("no '%s' in:\n%s", part, page);
}

static void assert_lacks(const char *page, const char *part)
{
	if (strstr(page, part))
		fail_msg("'%s' in:\n%s", part, page);
}

static const struct argp_option options[] = {
	{"output", 'o', "FILE", 0, "write to FILE, not ipctrace.db", 0},
	{"ring", 300, "SIZE", 0, ".sh is no request at the start\n'nor this'\nnor a.b", 0},
	{NULL, 'q', NULL, 0, "a \\fBbackslash\\fR, and C:\\new", 0},
	{"silent", 's', NULL, OPTION_ALIAS, NULL, 0},
	{"last", 301, NULL, 0, "seen after a row without text", 0},
	{0},
};

static void test_sections(void **state)
{
	const struct argp argp = {options, NULL, "[FILE]", "Tries.\vExamples:\n  ipctrace try x\n",
				  NULL,    NULL, NULL};
	char *page = man_of(&argp);
	static const char *const in_order[] = {
		".TH IPCTRACE-try 1 ",
		"\n.SH NAME\nipctrace\\-try \\- tries things\n",
		"\n.SH SYNOPSIS\n",
		"[FILE]\n",
		"\n.SH DESCRIPTION\nTries.\n",
		"\n.SH OPTIONS\n",
		"\n.SH EXAMPLES\n.nf\n  ipctrace try x\n",
		"\n.fi\n",
		"\n.SH SEE ALSO\n",
	};
	const char *at = page;

	for (size_t i = 0; i < sizeof(in_order) / sizeof(in_order[0]); i++) {
		assert_has(at, in_order[i]);
		at = strstr(at, in_order[i]);
	}
	/* The heading of the examples stands once, and \v nowhere. */
	assert_lacks(page, "Examples:");
	assert_lacks(page, "\v");
	free(page);
}

static void test_options(void **state)
{
	const struct argp argp = {.options = options, .doc = "Tries."};
	char *page = man_of(&argp);

	assert_has(page,
		   ".TP\n.B \\-o, \\-\\-output=\\fIFILE\\fR\nwrite to FILE, not ipctrace.db\n");
	assert_has(page, ".TP\n.B \\-\\-ring=\\fISIZE\\fR\n");
	assert_has(page, ".TP\n.B \\-q\n");
	assert_has(page, ".TP\n.B \\-\\-last\nseen after");
	assert_lacks(page, "silent");
	assert_lacks(page, ".SH EXAMPLES");
	free(page);
}

static void test_escaping(void **state)
{
	const struct argp argp = {
		.options = options,
		.doc = ".B is not bold\n'ad neither\n\n.\nC:\\dir --dry-run 1.5\v"
		       "Examples:\n.hidden\n'quoted' \\\n  .indented -x",
	};
	char *page = man_of(&argp);

	assert_has(page, "\n.SH DESCRIPTION\n\\&.B is not bold\n\\&'ad neither\n\n\\&.\n"
			 "C:\\edir \\-\\-dry\\-run 1.5\n.SH OPTIONS\n");
	assert_has(page, ".nf\n\\&.hidden\n\\&'quoted' \\e\n  .indented \\-x\n.fi\n");
	assert_has(page, "\n\\&.sh is no request at the start\n\\&'nor this'\nnor a.b\n");
	assert_has(page, "\na \\efBbackslash\\efR, and C:\\enew\n");
	free(page);
}

/* Every line that begins like a request is one that command_man writes itself. */
static void test_requests(void **state)
{
	static const char *const requests[] = {".TH ",  ".SH ",  ".TP\n", ".B ",
					       ".nf\n", ".fi\n", ".BR "};
	const struct argp argp = {
		.options = options,
		.doc = ".so /etc/passwd\n'so /etc/passwd\v\n.so /etc/passwd\n.sy id\n",
	};
	char *page = man_of(&argp);

	for (const char *line = page; line && *line; line = strchr(line, '\n')) {
		unsigned known = 0;

		line += *line == '\n';
		if (*line != '.' && *line != '\'')
			continue;
		for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
			known += !strncmp(line, requests[i], strlen(requests[i]));
		if (!known)
			fail_msg("a request from text: %.40s", line);
	}
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
