// SPDX-License-Identifier: BSD-2-Clause
/*
 * What keeps hostile strings off the terminal and the columns of a report straight: UTF-8,
 * escaping, cutting, tables.
 */
#include "reporter/escape.h"
#include "reporter/table.h"
#include "reporter/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define LITERAL(text) text, sizeof(text) - 1

static void utf8_is_strict(void **state)
{
	static const struct {
		const char *text;
		size_t len, used;
		uint32_t code;
	} rows[] = {
		{LITERAL("a"), 1, 'a'},
		{LITERAL("\0"), 1, 0},
		{LITERAL("é"), 2, 0xe9},
		{LITERAL("→"), 3, 0x2192},
		{LITERAL("\xf0\x9f\x98\x80"), 4, 0x1f600},
		{LITERAL("\xf4\x8f\xbf\xbf"), 4, 0x10ffff},
		{LITERAL("\xf4\x90\x80\x80"), 0, 0}, /* above the last */
		{LITERAL("\x80"), 0, 0},             /* a tail alone */
		{LITERAL("\xc0\xaf"), 0, 0},         /* "/" in too many bytes */
		{LITERAL("\xe0\x80\xaf"), 0, 0},
		{LITERAL("\xf0\x80\x80\xaf"), 0, 0},
		{LITERAL("\xed\xa0\x80"), 0, 0}, /* half of a UTF-16 pair */
		{LITERAL("\xe2\x86"), 0, 0},     /* cut short */
		{LITERAL("\xe2(\x92"), 0, 0},
		{LITERAL("\xff"), 0, 0},
		{"", 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t code = 0;

		assert_int_equal(utf8_next(rows[i].text, rows[i].len, &code), rows[i].used);
		if (rows[i].used)
			assert_int_equal(code, rows[i].code);
	}
}

static void widths(void **state)
{
	assert_int_equal(utf8_columns('a'), 1);
	assert_int_equal(utf8_columns(0xe9), 1);
	assert_int_equal(utf8_columns(0x6f22), 2); /* a Chinese character */
	assert_int_equal(utf8_columns(0x1f600), 2);
	assert_int_equal(utf8_columns('\n'), 0);
	assert_int_equal(utf8_columns(0x7f), 0);
	assert_int_equal(utf8_columns(0x9b), 0);   /* CSI in one character */
	assert_int_equal(utf8_columns(0x301), 0);  /* an accent for the one before */
	assert_int_equal(utf8_columns(0x202e), 0); /* right-to-left override */
	assert_int_equal(utf8_columns(0xad), 0);
}

static void check_escape(const char *text, size_t len, const char *safe)
{
	char *got = escape_text(text, len);

	assert_string_equal(got, safe);
	free(got);
}

static void escaping(void **state)
{
	check_escape(LITERAL("plain, 'quoted' \\ \"text\""), "plain, 'quoted' \\ \"text\"");
	check_escape(LITERAL("a\nb\tc\rd"), "a\\nb\\tc\\rd");
	check_escape(LITERAL("\033[2J\033]0;title\a"), "\\e[2J\\e]0;title\\x07");
	check_escape(LITERAL("nul\0behind"), "nul\\x00behind");
	check_escape(LITERAL("\x7f"), "\\x7f");
	check_escape(LITERAL("caf\xe9 \xff\xfe"), "caf\\xe9 \\xff\\xfe");
	check_escape(LITERAL("漢字 é 😀"), "漢字 é 😀");
	check_escape(LITERAL("\xc2\x9b"
			     "31m"),
		     "\\u009b31m");
	check_escape(LITERAL("a\xe2\x80\xae"
			     "b"),
		     "a\\u202eb");
	check_escape(LITERAL("\xf3\xa0\x80\x81"), "\\U000e0001"); /* a tag character */
	check_escape("", 0, "");
}

/* Every byte and every two bytes: the outcome is printable and as wide as it claims. */
static void nothing_raw_gets_through(void **state)
{
	for (unsigned value = 0; value < 65536; value++) {
		char text[2] = {(char)(value >> 8), (char)value};
		char *safe = escape_text(text, 2);
		int columns = 0;

		for (const char *at = safe; *at;) {
			uint32_t code = 0;
			size_t n = utf8_next(at, strlen(at), &code);

			assert_true(n > 0 && utf8_columns(code) > 0);
			columns += utf8_columns(code);
			at += n;
		}
		assert_int_equal(escape_columns(safe), columns);
		free(safe);
	}
}

static void long_strings_end(void **state)
{
	size_t len = 1000000;
	char *text = malloc(len), *safe;

	memset(text, 'x', len);
	safe = escape_text(text, len);
	assert_int_equal(strlen(safe), IPCT_ESCAPE_MAX + strlen("…"));
	assert_string_equal(safe + IPCT_ESCAPE_MAX, "…");
	free(safe);
	free(text);
}

static void check_cut(const char *safe, int columns, enum escape_cut cut, const char *expected)
{
	char *got = escape_cut(safe, columns, cut);

	assert_string_equal(got, expected);
	assert_true(escape_columns(got) <= columns);
	free(got);
}

static void cutting(void **state)
{
	check_cut("abcdef", 6, ESCAPE_CUT_END, "abcdef");
	check_cut("abcdef", 5, ESCAPE_CUT_END, "abcd…");
	check_cut("abcdef", 5, ESCAPE_CUT_MIDDLE, "ab…ef");
	check_cut("abcdefgh", 6, ESCAPE_CUT_MIDDLE, "ab…fgh");
	check_cut("abcdef", 1, ESCAPE_CUT_END, "…");
	check_cut("abcdef", 1, ESCAPE_CUT_MIDDLE, "…");
	/* A character of two columns that has room for one of them stays out. */
	check_cut("漢字漢字", 4, ESCAPE_CUT_END, "漢…");
	check_cut("漢字漢字", 5, ESCAPE_CUT_MIDDLE, "漢…字");
	check_cut("漢字漢字", 6, ESCAPE_CUT_MIDDLE, "漢…字");
	check_cut("", 3, ESCAPE_CUT_END, "");
}

static void check_table(const struct table *table, int columns, const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	struct terminal term = {.out = open_memstream(&text, &size), .columns = columns};

	assert_int_equal(table_print(table, &term), 0);
	fclose(term.out);
	assert_string_equal(text, expected);
	free(text);
}

static void table_aligns(void **state)
{
	static const struct column columns[] = {{"name", COLUMN_CUT_MIDDLE},
						{"count", COLUMN_RIGHT},
						{"last", 0}};
	struct table *table = table_new(columns, 3);

	check_table(table, 80, "  name  count  last\n");
	table_cell(table, STYLE_BOLD, "漢字漢");
	table_cell(table, STYLE_PLAIN, "1");
	table_cell(table, STYLE_PLAIN, "");
	table_cell(table, STYLE_PLAIN, "é");
	table_cellf(table, STYLE_PLAIN, "%d", 1234567);
	table_cell(table, STYLE_PLAIN, "x");
	/* No colour, no blanks at the end of a line. */
	check_table(table, 80,
		    "  name      count  last\n"
		    "  漢字漢        1\n"
		    "  é       1234567  x\n");
	table_free(table);
}

static void table_fits(void **state)
{
	static const struct column columns[] = {{"name", COLUMN_CUT_MIDDLE},
						{"extra", COLUMN_OPTIONAL},
						{"end", COLUMN_RIGHT}};
	struct table *table = table_new(columns, 3);

	table_cell(table, STYLE_PLAIN, "abcdefghijklmnop");
	table_cell(table, STYLE_PLAIN, "12345");
	table_cell(table, STYLE_PLAIN, "6");
	check_table(table, 30,
		    "  name              extra  end\n"
		    "  abcdefghijklmnop  12345    6\n");
	/* One blank in the gaps before a column is left out. */
	check_table(table, 29,
		    "  name             extra end\n"
		    "  abcdefghijklmnop 12345   6\n");
	check_table(table, 27,
		    "  name              end\n"
		    "  abcdefghijklmnop    6\n");
	check_table(table, 22,
		    "  name             end\n"
		    "  abcdefghijklmnop   6\n");
	check_table(table, 15,
		    "  name      end\n"
		    "  abcd…mnop   6\n");
	/* Narrower than anything can be: whole columns, longer lines. */
	check_table(table, 5,
		    "  name     end\n"
		    "  abc…mnop   6\n");
	table_free(table);
}

static void table_without_news(void **state)
{
	static const struct column columns[] = {{"", COLUMN_IF_ANY},
						{"name", COLUMN_TIGHT},
						{"back", COLUMN_RIGHT | COLUMN_IF_ANY},
						{"end", COLUMN_RIGHT}};
	static const char *const cells[] = {"", "a", "-", "1", "", "b", "-", "2"};
	struct table *table = table_new(columns, 4);

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		table_cell(table, STYLE_PLAIN, cells[i]);
	check_table(table, 40, "  name  end\n  a       1\n  b       2\n");
	table_cell(table, STYLE_PLAIN, "x");
	table_cell(table, STYLE_PLAIN, "c");
	table_cell(table, STYLE_PLAIN, "7");
	table_cell(table, STYLE_PLAIN, "3");
	check_table(table, 40,
		    "    name  back  end\n    a        -    1\n    b        -    2\n  x c        7 "
		    "   3\n");
	table_free(table);
}

static void table_colours(void **state)
{
	static const struct column columns[] = {{"", 0}, {"", COLUMN_RIGHT}};
	struct table *table = table_new(columns, 2);
	char *text = NULL;
	size_t size = 0;
	struct terminal term = {open_memstream(&text, &size), 80, true};

	table_cell(table, STYLE_PLAIN, "plain");
	table_cell(table, STYLE_ALERT, "1 lost");
	assert_int_equal(table_print(table, &term), 0);
	fclose(term.out);
	/* No titles: no line for them. Colour around the text, never around the blanks. */
	assert_string_equal(text, "  plain  \033[1;31m1 lost\033[0m\n");
	free(text);
	table_free(table);
}

/* A bar is of shades that can be told apart; on a terminal each has its colour, in any style. */
static void shades(void **state)
{
	static const struct column columns[] = {{"", 0}, {"", COLUMN_WIDE}};
	struct table *table = table_new(columns, 2);
	char *text = NULL;
	size_t size = 0;
	struct terminal term = {open_memstream(&text, &size), 100, true};

	for (int i = 0; i < TERMINAL_SHADES; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(terminal_shade(i), terminal_shade(j));
	table_cell(table, STYLE_DIM, "a");
	table_cell(table, STYLE_PLAIN, "██░");
	check_table(table, 100, "  a  ██░\n");
	check_table(table, 99, "  a\n");
	assert_int_equal(table_print(table, &term), 0);
	terminal_put(&term, STYLE_DIM, "x▓y");
	fclose(term.out);
	assert_string_equal(text,
			    "  \033[2ma\033[0m  \033[0m\033[34m██\033[0m\033[0m\033[32m░\033[0m\n"
			    "\033[2mx\033[0m\033[33m▓\033[0m\033[2my\033[0m");
	free(text);
	table_free(table);
}

static void stream_is_no_terminal(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct terminal term = terminal_of(out);

	assert_int_equal(term.columns, 100);
	assert_false(term.colour);
	fclose(out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_strict),
		cmocka_unit_test(widths),
		cmocka_unit_test(escaping),
		cmocka_unit_test(nothing_raw_gets_through),
		cmocka_unit_test(long_strings_end),
		cmocka_unit_test(cutting),
		cmocka_unit_test(table_aligns),
		cmocka_unit_test(table_fits),
		cmocka_unit_test(table_without_news),
		cmocka_unit_test(table_colours),
		cmocka_unit_test(shades),
		cmocka_unit_test(stream_is_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
