// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace diff --html`: the comparison as JSON in a page of its own, which shares its parts with
 * the one of `ipctrace report`.
 */
#include "diff_json.h"
#include "html.h"

#include <errno.h>
#include <stdlib.h>

#define CURVES_MAX 200 /* items that have distributions in the page; the first ones */

extern const char html_diff_page[];

/* Strings in it may hold anything, so it is made safe as a whole. */
static int data_put(void *arg, FILE *out)
{
	char *json = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&json, &len);
	int err = 0;

	if (!memory)
		return -errno;
	diff_json_put(arg, CURVES_MAX, memory);
	if (fclose(memory))
		err = -errno;
	if (!err) {
		fputs("{\"mechanisms\":", out);
		html_mechanisms_put(out);
		fputs(",\n\"borders\":", out);
		html_borders_put(out);
		fputs(",\n\"comparison\":", out);
		html_json_put(out, json, len);
		fputc('}', out);
	}
	free(json);
	return err;
}

int diff_html_write(const struct diff *diff, const char *path)
{
	struct html_data data = {data_put, (void *)diff};

	return html_page_write(html_diff_page, &data, path);
}
