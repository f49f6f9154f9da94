// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace doctor`: each thing that recording needs, tried on this machine, with what its absence
 * costs and how to mend it. The checks stand in the table below.
 */
#include "collector/cost.h"
#include "collector/kernel_types.h"
#include "collector/loader.h"
#include "collector/part.h"
#include "collector/probe.h"
#include "schemas/command.h"
#include "schemas/say.h"
#include "schemas/tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define RING_BYTES (1l << 20) /* of a recording that nobody reads */

extern const struct command doctor_command;

enum verdict { FINE, WEAK, MISSING };

struct check {
	const char *what;
	/* Fills `found` with what it saw. */
	enum verdict (*run)(char *found, size_t size);
	const char *cost; /* of its absence */
	const char *mend;
};

static enum verdict check_kernel(char *found, size_t size)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	uname(&u);
	sscanf(u.release, "%u.%u", &major, &minor);
	snprintf(found, size, "%s", u.release);
	return major > 5 || (major == 5 && minor >= 12) ? FINE : MISSING;
}

static enum verdict check_btf(char *found, size_t size)
{
	struct stat st;

	if (stat("/sys/kernel/btf/vmlinux", &st)) {
		snprintf(found, size, "/sys/kernel/btf/vmlinux: %s", strerror(errno));
		return MISSING;
	}
	snprintf(found, size, "/sys/kernel/btf/vmlinux, %lld KiB", (long long)st.st_size / 1024);
	return FINE;
}

/* Capabilities that count: include/uapi/linux/capability.h */
static const struct {
	const char *name;
	int bit;
} capabilities[] = {{"CAP_SYS_ADMIN", 21}, {"CAP_PERFMON", 38}, {"CAP_BPF", 39}};

static enum verdict check_privilege(char *found, size_t size)
{
	unsigned long long effective = 0;
	char line[256];
	FILE *f = fopen("/proc/self/status", "re");
	bool admin, both;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "CapEff: %llx", &effective);
	if (f)
		fclose(f);
	found[0] = 0;
	for (int i = 0; i < 3; i++)
		if (effective >> capabilities[i].bit & 1)
			snprintf(found + strlen(found), size - strlen(found), "%s%s",
				 *found ? ", " : "", capabilities[i].name);
	if (!*found)
		snprintf(found, size, "user %u without CAP_BPF and CAP_PERFMON", geteuid());
	admin = effective >> 21 & 1;
	both = effective >> 38 & effective >> 39 & 1;
	return admin || both ? FINE : MISSING;
}

static enum verdict check_memlock(char *found, size_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_MEMLOCK, &limit);
	if (limit.rlim_cur == RLIM_INFINITY)
		snprintf(found, size, "no limit");
	else
		snprintf(found, size,
			 "%llu KiB; kernels from 5.11 on count BPF memory by cgroup "
			 "instead",
			 (unsigned long long)limit.rlim_cur / 1024);
	return FINE;
}

static enum verdict check_lockdown(char *found, size_t size)
{
	char line[128] = "";
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");

	if (f) {
		if (!fgets(line, sizeof(line), f))
			line[0] = 0;
		fclose(f);
		line[strcspn(line, "\n")] = 0;
	}
	snprintf(found, size, "%s", *line ? line : "not in this kernel, or securityfs not mounted");
	return strstr(line, "[confidentiality]") ? MISSING : FINE;
}

static enum verdict check_jit(char *found, size_t size)
{
	FILE *f = fopen("/proc/sys/net/core/bpf_jit_enable", "re");
	int on = -1;

	if (f) {
		if (fscanf(f, "%d", &on) != 1)
			on = -1;
		fclose(f);
	}
	snprintf(found, size, "%s", on > 0 ? "on" : on == 0 ? "off" : "not known to this user");
	return on == 0 ? WEAK : FINE;
}

static enum verdict check_casts(char *found, size_t size)
{
	bool casts = part_casts();

	kernel_types_done();
	snprintf(found, size, "%s", casts ? "loads" : "a helper: no kfunc bpf_rdonly_cast");
	return casts ? FINE : WEAK;
}

static enum verdict check_gnuplot(char *found, size_t size)
{
	char path[4096];
	const char *dirs = getenv("PATH");

	for (const char *dir = dirs; dir; dir = strchr(dir, ':')) {
		dir += *dir == ':';
		snprintf(path, sizeof(path), "%.*s/gnuplot", (int)strcspn(dir, ":"), dir);
		if (!access(path, X_OK)) {
			snprintf(found, size, "%.200s", path);
			return FINE;
		}
	}
	snprintf(found, size, "not in PATH");
	return WEAK;
}

static const struct check checks[] = {
	{"kernel version", check_kernel,
	 "no recording: task storage for tracing programs came in 5.11, atomic fetch in BPF in "
	 "5.12",
	 "use a kernel from 5.13 on"},
	{"kernel type information (BTF)", check_btf, "no recording: the probes cannot find fields",
	 "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions ship"},
	{"privilege", check_privilege, "no recording; reports and replay work",
	 "run record with sudo; the program itself can run as you: -u \"$USER\""},
	{"memory lock limit", check_memlock, "", ""},
	{"lockdown", check_lockdown, "no recording: BPF may not read kernel memory",
	 "boot without lockdown=confidentiality"},
	{"BPF compiler (JIT)", check_jit, "each traced call costs several times more",
	 "sysctl net.core.bpf_jit_enable=1"},
	{"how probes read the kernel", check_casts, "each traced call costs a third more",
	 "use a kernel from 6.2 on"},
	{"gnuplot", check_gnuplot, "report --gnuplot writes scripts and data but no pictures",
	 "install gnuplot-nox"},
};

static const char *const verdicts[] = {
	[FINE] = "ok     ", [WEAK] = "weak   ", [MISSING] = "MISSING"};

static bool check_run(const struct check *c)
{
	char found[512];
	enum verdict v = c->run(found, sizeof(found));

	printf("%s  %-30s %s\n", verdicts[v], c->what, found);
	if (v == FINE)
		return true;
	printf("         costs: %s\n         mend:  %s\n", c->cost, c->mend);
	return v != MISSING;
}

/* What the part's absence costs. */
static void part_cost(const struct part *part)
{
	char list[256];

	mechanisms_list(part->mechanisms, ", ", list, sizeof(list));
	if (!part_optional(part))
		printf("         costs: no recording\n");
	else if (part->without)
		printf("         costs: not seen: %s\n", part->without);
	else
		printf("         costs: %s cannot be traced; the rest can\n", list);
}

/* What the kernel's verifier said of a program that it refused, a few lines for a report of it. */
static void verifier_print(void)
{
	const char *text = loader_verifier_end();

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (line != text) /* the first is cut */
			printf("         says:  %.*s\n", (int)strcspn(line, "\n"), line);
}

/* False: recording cannot do without it, and it is missing. */
static bool part_check(const struct part *part)
{
	bool first = part == parts;
	char cause[160];
	int err = 0;

	cause[0] = 0;
	if (!part_known(part))
		part_lacks(part, cause, sizeof(cause));
	else if (part->program && (err = probe_try(part->program)))
		snprintf(cause, sizeof(cause), "%s", strerror(-err));
	printf("%s  %-30s %s\n",
	       verdicts[!*cause               ? FINE
			: part_optional(part) ? WEAK
					      : MISSING],
	       first ? "probes, by loading each" : "", part->purpose);
	if (!*cause)
		return true;
	part_cost(part);
	printf("         cause: %s\n", cause);
	if (err)
		verifier_print();
	return part_optional(part);
}

/* What recording costs here, with everything watched. */
static void cost_print(void)
{
	static const char what[] = "cost of a call";
	struct probe *p = probe_new(RING_BYTES, ~0u);
	struct cost cost;

	if (!p)
		return; /* which was said */
	if (cost_attach(p, getpid(), ~0u, &cost))
		goto out;
	if (cost.error)
		printf("%s  %-30s not measured: %s\n", verdicts[WEAK], what, strerror(-cost.error));
	else
		printf("%s  %-30s at least %lld ns if it is recorded, %lld ns if not\n",
		       verdicts[FINE], what, (long long)cost.call_ns,
		       (long long)cost.other_call_ns);
out:
	probe_free(p);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_ARG)
		argp_error(state, "no arguments are taken");
	return ARGP_ERR_UNKNOWN;
}

static const char doc[] =
	"Say for this machine, by trying, whether each thing that recording needs is there, what "
	"its absence costs and how to mend it. Exits with 1 if recording cannot work."
	"\vExamples:\n"
	"  sudo ipctrace doctor\n"
	"  ipctrace doctor | grep MISSING\n"
	"  sudo ipctrace doctor && sudo ipctrace record -- ./app\n";

static const struct argp argp = {NULL, parse, NULL, doc, NULL, NULL, NULL};

static int doctor_run(int argc, char **argv)
{
	bool fine = true;

	if (command_parse(&doctor_command, argc, argv, 0, NULL))
		return IPCT_EXIT_FAILURE;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		fine &= check_run(&checks[i]);
	for (const struct part *part = parts; part->purpose; part++)
		fine &= part_check(part);
	kernel_types_done();
	if (fine)
		cost_print();
	printf("\n%s\n", fine ? "Recording works on this machine."
			      : "Recording does not work here until what is MISSING is mended.");
	return fine ? 0 : IPCT_EXIT_FAILURE;
}

const struct command doctor_command = {
	.name = "doctor",
	.summary = "say what this machine lacks for recording",
	.argp = &argp,
	.usage_status = IPCT_EXIT_USAGE,
	.run = doctor_run,
};
