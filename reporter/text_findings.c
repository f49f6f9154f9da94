// SPDX-License-Identifier: BSD-2-Clause
/*
 * What stands out, in the text report: each finding as a sentence that is broken into lines of the
 * terminal's width, and which filter shows what is behind it.
 */
#include "text.h"
#include "escape.h"
#include "findings.h"
#include "query.h"

#include <stdlib.h>
#include <string.h>

#define FINDINGS 8 /* what is lighter matters less and less */
#define INDENT   4 /* of a sentence's further lines; its first has a bullet there */

/* One word after a column; the column after it. A word that no line can hold is cut. */
static int put_word(const struct terminal *term, enum style style, const char *word, int column)
{
	char *cut = escape_cut(word, term->columns - INDENT, ESCAPE_CUT_MIDDLE);
	int width = cut ? escape_columns(cut) : 0;

	if (column > INDENT && column + 1 + width > term->columns) {
		fprintf(term->out, "\n%*s", INDENT, "");
		column = INDENT;
	} else if (column > INDENT) {
		fputc(' ', term->out);
		column++;
	}
	terminal_put(term, style, cut ? cut : "");
	free(cut);
	return column + width;
}

/* The words of `text` from a column on; the column after them. */
static int put_words(const struct terminal *term, enum style style, const char *text, int column)
{
	char *words = strdup(text), *rest = words, *word;

	while ((word = strsep(&rest, " ")))
		if (*word)
			column = put_word(term, style, word, column);
	free(words);
	return column;
}

static void put_finding(const struct terminal *term, const struct finding *f)
{
	int column;

	fputs("  ! ", term->out);
	column = put_words(term, STYLE_PLAIN, f->text, INDENT);
	put_words(term, STYLE_DIM, f->show, column);
	fputc('\n', term->out);
}

int text_findings(sqlite3 *db, const struct terminal *term)
{
	int shown = query_rows(FINDINGS);
	struct findings findings;
	int failed = findings_read(db, &findings);

	if (!failed && findings.count)
		text_heading(term, "FINDINGS",
			     "what stands out; the filter shows what is behind it");
	for (int i = 0; i < findings.count && !failed && (shown < 0 || i < shown); i++)
		put_finding(term, &findings.list[i]);
	if (!failed && shown >= 0 && findings.count > shown)
		text_line(term, STYLE_DIM, NULL, "  … and %d more: ipctrace report --json has all",
			  findings.count - shown);
	findings_free(&findings);
	return failed;
}
