// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading what a workload wrote; see bench_result.h.
 */
#include "collector/bench_result.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A histogram from its bytes in hexadecimal. */
static int hist_read(struct hist *hist, const char *hex)
{
	size_t len = strlen(hex) / 2;
	unsigned char *bytes = malloc(len + 1);
	int err = bytes ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < len; i++) {
		int high = nibble(hex[2 * i]), low = nibble(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			err = -EINVAL;
		else
			bytes[i] = (unsigned char)(high << 4 | low);
	}
	hist_clear(hist);
	if (!err)
		err = hist_decode(hist, bytes, len);
	free(bytes);
	return err;
}

static void peer_read(struct bench_result *result, const char *value)
{
	const char *tid = strrchr(value, ' ');
	size_t len = strlen(result->peers);

	if (tid)
		snprintf(result->peers + len, sizeof(result->peers) - len, "%s%d,", len ? "" : ",",
			 atoi(tid));
}

/* One line, cut at its end. */
static int line_read(struct bench_result *result, char *line)
{
	static const struct {
		const char *key;
		size_t offset;
	} numbers[] = {
		{"size", offsetof(struct bench_result, size)},
		{"messages", offsetof(struct bench_result, messages)},
		{"bytes", offsetof(struct bench_result, bytes)},
		{"elapsed-ns", offsetof(struct bench_result, elapsed_ns)},
	};
	char *value = strchr(line, ' ');

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (!strcmp(line, "peer"))
		peer_read(result, value);
	else if (!strcmp(line, "rtt"))
		return hist_read(&result->rtt, value);
	else if (!strcmp(line, "one-way"))
		return hist_read(&result->one_way, value);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!strcmp(line, numbers[i].key))
			*(uint64_t *)((char *)result + numbers[i].offset) =
				strtoull(value, NULL, 10);
	return 0;
}

int bench_result_read(const char *path, struct bench_result *result)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int err = 0;

	memset(result, 0, sizeof(*result));
	if (!file)
		return -errno;
	while (!err && (len = getline(&line, &room, file)) > 0) {
		if (line[len - 1] != '\n')
			err = -EINVAL;
		line[len - 1] = '\0';
		if (!err)
			err = line_read(result, line);
	}
	if (!err && (!result->messages || !result->elapsed_ns))
		err = -EINVAL;
	free(line);
	fclose(file);
	if (err)
		bench_result_clear(result);
	return err;
}

void bench_result_clear(struct bench_result *result)
{
	hist_clear(&result->rtt);
	hist_clear(&result->one_way);
}

void bench_reason_read(const char *path, char *why, size_t size)
{
	static const char *const names[] = {"ipctrace-workload: ", "supervisor 0: "};
	FILE *file = fopen(path, "re");
	char line[1024] = "";
	const char *from = line;

	if (!file || !fgets(line, sizeof(line), file) || !*line)
		strcpy(line, "it ended without a result");
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(from, names[i], strlen(names[i])))
			from += strlen(names[i]);
	snprintf(why, size, "%.*s", (int)size - 1, from);
}
