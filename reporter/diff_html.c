// SPDX-License-Identifier: BSD-2-Clause
#include "diff.h"
int diff_html_write(const struct diff *diff, const char *path)
{
	return 1;
}
