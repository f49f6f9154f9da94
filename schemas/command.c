// SPDX-License-Identifier: BSD-2-Clause
/*
 * A command's options, parsed and documented from its one argp row table.
 */
#include "command.h"

#include <ctype.h>
#include <string.h>

int command_parse(const struct command *cmd, int argc, char **argv, unsigned flags, void *input)
{
	char name[64];

	snprintf(name, sizeof(name), "ipctrace %s", cmd->name);
	argv[0] = name;
	argp_err_exit_status = cmd->usage_status;
	return argp_parse(cmd->argp, argc, argv, flags, NULL, input);
}

/* man(7) text: backslashes escaped, no line that starts with a dot or a quote. */
static void man_text(const char *text, size_t len, FILE *out)
{
	int line_start = 1;

	for (size_t i = 0; i < len; i++) {
		if (line_start && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", out);
		if (text[i] == '\\')
			fputs("\\e", out);
		else if (text[i] == '-')
			fputs("\\-", out);
		else
			fputc(text[i], out);
		line_start = text[i] == '\n';
	}
}

static void man_option(const struct argp_option *o, FILE *out)
{
	fputs(".TP\n.B ", out);
	if (isgraph(o->key))
		fprintf(out, "\\-%c", o->key);
	if (isgraph(o->key) && o->name)
		fputs(", ", out);
	if (o->name)
		fprintf(out, "\\-\\-%s", o->name);
	if (o->arg)
		fprintf(out, o->name ? "=\\fI%s\\fR" : " \\fI%s\\fR", o->arg);
	fputc('\n', out);
	man_text(o->doc, strlen(o->doc), out);
	fputc('\n', out);
}

void command_man(const struct command *cmd, FILE *out)
{
	const char *doc = cmd->argp->doc;
	const char *after = strchr(doc, '\v');

	fprintf(out, ".TH IPCTRACE-%s 1 \"\" \"ipctrace\" \"ipctrace manual\"\n", cmd->name);
	fprintf(out, ".SH NAME\nipctrace\\-%s \\- %s\n", cmd->name, cmd->summary);
	fprintf(out, ".SH SYNOPSIS\n.B ipctrace %s\n[\\fIOPTION\\fR...] %s\n", cmd->name,
		cmd->argp->args_doc ? cmd->argp->args_doc : "");
	fputs(".SH DESCRIPTION\n", out);
	man_text(doc, after ? (size_t)(after - doc) : strlen(doc), out);
	fputs("\n.SH OPTIONS\n", out);
	for (const struct argp_option *o = cmd->argp->options; o && (o->name || o->key); o++)
		if (o->doc)
			man_option(o, out);
	if (after) {
		fputs(".SH EXAMPLES\n.nf\n", out);
		after += strcspn(after, "\n");
		after += *after == '\n';
		man_text(after, strlen(after), out);
		fputs("\n.fi\n", out);
	}
	fputs(".SH SEE ALSO\n.BR ipctrace (1)\n", out);
}
