// SPDX-License-Identifier: BSD-2-Clause
/*
 * A comparison as one JSON object: all of it, also what did not change. The page of --html is made
 * from the same, with the distributions.
 */
#include "diff.h"
#include "diff_json.h"
#include "html.h"
#include "json_put.h"

#include <math.h>
#include <string.h>

static void put_number(FILE *out, const char *name, double value)
{
	if (isfinite(value))
		fprintf(out, ", \"%s\": %.10g", name, value);
	else
		fprintf(out, ", \"%s\": null", name);
}

static void put_known(FILE *out, const char *name, int64_t value)
{
	if (value < 0)
		fprintf(out, ", \"%s\": null", name);
	else
		fprintf(out, ", \"%s\": %lld", name, (long long)value);
}

static void put_run(FILE *out, const struct diff_run *run)
{
	const struct diff_totals *t = &run->totals;

	fprintf(out, "{\"side\": \"%s\"", run->side ? "b" : "a");
	json_put_text(out, "file", run->path);
	put_known(out, "duration_ns", t->duration_ns);
	put_known(out, "cpu_ns", t->cpu_ns);
	put_known(out, "messages", t->messages);
	put_known(out, "bytes", t->bytes);
	put_known(out, "calls", t->calls);
	put_known(out, "lost", t->lost);
	put_known(out, "processes", t->processes);
	fputc('}', out);
}

static void put_group(FILE *out, const struct diff_group *g)
{
	fprintf(out, "{\"processes_a\": %zu, \"processes_b\": %zu", g->processes[0],
		g->processes[1]);
	json_put_text(out, "label", g->label);
	json_put_text(out, "program", g->program);
	json_put_text(out, "parents", g->path);
	fputc('}', out);
}

static void put_sums(FILE *out, const struct diff_item *item, int side)
{
	static const char *const parts[][DIFF_PARTS] = {
		{"in_send_ns", "in_object_ns", "in_runq_ns", "in_recv_ns"},
		{"running_ns", "waiting_ns", "runnable_ns", NULL},
	};
	const struct diff_sums *s = &item->sums[side];
	bool call = item->level == DIFF_CALL;

	if (!item->on[side]) {
		fputs("null", out);
		return;
	}
	fprintf(out, "{\"%s\": %llu, \"bytes\": %llu", call ? "calls" : "messages",
		(unsigned long long)s->count, (unsigned long long)s->bytes);
	if (call)
		fprintf(out, ", \"errors\": %llu", (unsigned long long)s->errors);
	else
		fprintf(out, ", \"exact\": %llu, \"inferred\": %llu, \"ambiguous\": %llu",
			(unsigned long long)s->exact, (unsigned long long)s->inferred,
			(unsigned long long)s->ambiguous);
	if (item->level != DIFF_CALL && item->level != DIFF_CASE)
		fprintf(out, ", \"edges\": %zu", item->objects[side]);
	put_known(out, "p90_ns", s->hist.count ? (int64_t)hist_quantile(&s->hist, 0.9) : -1);
	for (int i = 0; i < DIFF_PARTS && s->has_parts; i++)
		if (parts[call][i])
			fprintf(out, ", \"%s\": %llu", parts[call][i],
				(unsigned long long)s->part_ns[i]);
	fputc('}', out);
}

static void put_change(FILE *out, const struct diff_change *c, const char *measure)
{
	fputs("{\"measure\": ", out);
	json_put_string(out, measure, strlen(measure));
	put_number(out, "a", c->a);
	put_number(out, "b", c->b);
	put_number(out, "ratio", c->ratio.ratio);
	put_number(out, "low", c->ratio.low);
	put_number(out, "high", c->ratio.high);
	put_number(out, "p", c->ratio.p);
	put_number(out, "q", c->q);
	json_put_text(out, "method", diff_method_names[c->method]);
	fprintf(out, ", \"significant\": %s, \"worse\": %d}", c->significant ? "true" : "false",
		c->worse);
}

static void put_changes(FILE *out, const struct diff_item *item)
{
	const char *comma = "";

	fputs(", \"changes\": [", out);
	for (int m = 0; m < DIFF_MEASURES; m++) {
		const struct diff_change *c = &item->changes[m];

		if (isnan(c->a) && isnan(c->b))
			continue;
		fprintf(out, "%s\n", comma);
		put_change(out, c, diff_measure_names[m]);
		comma = ",";
	}
	fputc(']', out);
}

static void put_distributions(FILE *out, const struct diff_item *item)
{
	for (int side = 0; side < 2; side++) {
		if (!item->sums[side].hist.count)
			continue;
		fprintf(out, ", \"distribution_%c\": {", side ? 'b' : 'a');
		html_distribution_put(&item->sums[side].hist, out);
		fputc('}', out);
	}
}

static const char *label_of(const struct diff *diff, uint32_t group)
{
	return group == UINT32_MAX ? NULL : diff->groups[group].label;
}

static void put_item(FILE *out, const struct diff *diff, const struct diff_item *item, bool curves)
{
	const char *status = !item->on[0] ? "new" : !item->on[1] ? "gone" : "both";
	const char *cause;
	double share = NAN;

	fprintf(out, "{\"level\": \"%s\", \"status\": \"%s\"", diff_level_names[item->level],
		status);
	json_put_text(out, "mechanism", item->mechanism);
	if (item->level == DIFF_CALL) {
		json_put_text(out, "role", item->role);
		json_put_text(out, "syscall", item->syscall);
	} else if (item->level == DIFF_CASE) {
		json_put_text(out, "pattern", item->role);
		json_put_text(out, "setting", item->syscall);
		fprintf(out, ", \"size\": %lld", (long long)item->size);
	} else {
		json_put_text(out, "kind", item->kind);
	}
	if (item->level == DIFF_EDGE) {
		json_put_text(out, "object", *item->object ? item->object : NULL);
		json_put_text(out, "sender", label_of(diff, item->sender));
		json_put_text(out, "receiver", label_of(diff, item->receiver));
	}
	fputs(", \"a\": ", out);
	put_sums(out, item, 0);
	fputs(", \"b\": ", out);
	put_sums(out, item, 1);
	cause = diff_item_cause(item, &share);
	json_put_text(out, "mostly", cause);
	put_number(out, "mostly_share", cause ? share : NAN);
	put_number(out, "superiority", item->superiority);
	put_changes(out, item);
	if (curves)
		put_distributions(out, item);
	fputc('}', out);
}

struct notes {
	FILE *out;
	const char *comma;
};

static void put_note(void *arg, const char *safe)
{
	struct notes *notes = arg;

	fputs(notes->comma, notes->out);
	json_put_string(notes->out, safe, strlen(safe));
	notes->comma = ", ";
}

void diff_json_put(const struct diff *diff, size_t curves, FILE *out)
{
	struct notes notes = {out, ""};

	fprintf(out, "{\n\"min_effect\": %.10g,\n\"run_noise\": %.10g,\n\"significance\": %.10g",
		diff->effect, diff->run_noise, DIFF_SIGNIFICANCE);
	fprintf(out, ",\n\"of\": \"%s\",\n\"comparisons\": %zu",
		diff->input.benches ? "benches" : "recordings", diff->comparisons);
	fprintf(out, ",\n\"sampled_one_in\": %llu,\n\"unreadable_histograms\": %u",
		(unsigned long long)diff->sampled, diff->input.unreadable);
	fputs(",\n\"notes\": [", out);
	diff_notes(diff, put_note, &notes);
	fputs("],\n\"recordings\": [", out);
	for (int i = 0; i < diff->input.run_count; i++) {
		fputs(i ? ",\n" : "\n", out);
		put_run(out, &diff->input.runs[i]);
	}
	fputs("\n],\n\"groups\": [", out);
	for (size_t i = 0; i < diff->group_count; i++) {
		fputs(i ? ",\n" : "\n", out);
		put_group(out, &diff->groups[i]);
	}
	fputs("\n],\n\"items\": [", out);
	for (size_t i = 0; i < diff->item_count; i++) {
		fputs(i ? ",\n" : "\n", out);
		put_item(out, diff, &diff->items[i], i < curves);
	}
	fputs("\n]\n}\n", out);
}

int diff_json_write(const struct diff *diff, FILE *out)
{
	diff_json_put(diff, 0, out);
	return 0;
}
