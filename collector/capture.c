// SPDX-License-Identifier: BSD-2-Clause
/*
 * The head of a capture file: a magic word, the version of the records, and `key=value` texts,
 * each with a NUL.
 */
#include "collector/capture.h"

#include "schemas/say.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC         "ipctrace"
#define HEAD_TEXT_MAX (1 << 20)

struct head {
	char magic[8];
	__u32 event_version;
	__u32 text_bytes;
};

/* The members of struct recording, by key. */
static const struct field {
	const char *key;
	size_t offset;
	char type; /* s text, q 64-bit, u unsigned */
} fields[] = {
	{"start_monotonic_ns", offsetof(struct recording, start_monotonic_ns), 'q'},
	{"start_realtime_ns", offsetof(struct recording, start_realtime_ns), 'q'},
	{"ring_bytes", offsetof(struct recording, ring_bytes), 'q'},
	{"mechanism_mask", offsetof(struct recording, mechanism_mask), 'u'},
	{"cpus", offsetof(struct recording, cpus), 'u'},
	{"command", offsetof(struct recording, command), 's'},
	{"cwd", offsetof(struct recording, cwd), 's'},
	{"host", offsetof(struct recording, host), 's'},
	{"kernel", offsetof(struct recording, kernel), 's'},
	{"arch", offsetof(struct recording, arch), 's'},
	{"user", offsetof(struct recording, user), 's'},
	{"version", offsetof(struct recording, version), 's'},
	{"probe_call_ns", offsetof(struct recording, probe_call_ns), 'q'},
	{"probe_other_call_ns", offsetof(struct recording, probe_other_call_ns), 'q'},
	{"probe_measured", offsetof(struct recording, probe_measured), 's'},
	{"probe_unmeasured", offsetof(struct recording, probe_unmeasured), 's'},
	{"not_traceable", offsetof(struct recording, not_traceable), 's'},
	{"not_traceable_why", offsetof(struct recording, not_traceable_why), 's'},
};
#define FIELD_COUNT (sizeof(fields) / sizeof(fields[0]))

static void field_write(FILE *out, const struct field *f, const struct recording *rec)
{
	const void *at = (const char *)rec + f->offset;

	if (f->type == 'q')
		fprintf(out, "%s=%lld", f->key, (long long)*(const int64_t *)at);
	else if (f->type == 'u')
		fprintf(out, "%s=%u", f->key, *(const unsigned *)at);
	else if (*(char *const *)at)
		fprintf(out, "%s=%s", f->key, *(char *const *)at);
	fputc(0, out);
}

static int field_read(const char *text, struct recording *rec)
{
	const char *value = strchr(text, '=');

	for (size_t i = 0; value && i < FIELD_COUNT; i++) {
		const struct field *f = &fields[i];
		void *at = (char *)rec + f->offset;

		if (strlen(f->key) != (size_t)(value - text) || memcmp(f->key, text, value - text))
			continue;
		if (f->type == 'q')
			*(int64_t *)at = strtoll(value + 1, NULL, 10);
		else if (f->type == 'u')
			*(unsigned *)at = strtoul(value + 1, NULL, 10);
		else if (!*(char **)at && !(*(char **)at = strdup(value + 1)))
			return -ENOMEM;
	}
	return 0;
}

FILE *capture_create(const char *path, const struct recording *rec)
{
	struct head head = {.magic = MAGIC, .event_version = IPCT_EVENT_VERSION};
	char *text = NULL;
	size_t size = 0;
	FILE *mem = open_memstream(&text, &size), *out = NULL;

	for (size_t i = 0; mem && i < FIELD_COUNT; i++)
		field_write(mem, &fields[i], rec);
	if (!mem || fclose(mem))
		goto fail;
	head.text_bytes = size;
	out = fopen(path, "we");
	if (out && fwrite(&head, sizeof(head), 1, out) == 1 && fwrite(text, size, 1, out) == 1 &&
	    !fflush(out)) {
		free(text);
		return out;
	}
fail:
	say_error("cannot write capture '%s': %s", path, strerror(errno));
	if (out)
		fclose(out);
	free(text);
	return NULL;
}

static int texts_read(FILE *in, size_t size, struct recording *rec)
{
	char *text = malloc(size + 1);
	int err = 0;

	if (!text)
		return -ENOMEM;
	if (fread(text, 1, size, in) != size)
		err = -EINVAL;
	text[size] = 0;
	for (size_t at = 0; at < size && !err; at += strlen(text + at) + 1)
		err = field_read(text + at, rec);
	free(text);
	return err;
}

FILE *capture_open(const char *path, struct recording *rec)
{
	FILE *in = fopen(path, "re");
	struct head head;
	size_t got;

	memset(rec, 0, sizeof(*rec));
	if (!in) {
		say_error("cannot open capture '%s': %s", path, strerror(errno));
		return NULL;
	}
	errno = 0;
	got = fread(&head, 1, sizeof(head), in);
	if (ferror(in))
		say_error("cannot read capture '%s': %s", path, strerror(errno));
	else if (got < sizeof(head.magic) || memcmp(head.magic, MAGIC, sizeof(head.magic)))
		say_error("'%s' is not a capture of ipctrace", path);
	else if (got < sizeof(head))
		say_error("capture '%s' is cut within its head", path);
	else if (head.event_version != IPCT_EVENT_VERSION)
		say_error("capture '%s' has records of version %u; this ipctrace reads version %d",
			  path, head.event_version, IPCT_EVENT_VERSION);
	else if (head.text_bytes > HEAD_TEXT_MAX || texts_read(in, head.text_bytes, rec))
		say_error("capture '%s' is cut within its head", path);
	else
		return in;
	recording_clear(rec);
	fclose(in);
	return NULL;
}
