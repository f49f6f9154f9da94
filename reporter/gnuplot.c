// SPDX-License-Identifier: BSD-2-Clause
/*
 * `ipctrace report --gnuplot DIR`: data files and scripts that can be run again, edited and put
 * into a paper, and where gnuplot is installed the pictures. The scripts are the files in
 * templates/ as they are: nothing from a trace is ever put into one.
 */
#include "reporter/outputs.h"
#include "reporter/escape.h"
#include "reporter/gnuplot.h"
#include "schemas/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define IPCT_RENDER_TIMEOUT_MS 30000

#define SCRIPTS(X)                                                                                 \
	X(style, 0)                                                                                \
	X(terminal, 0)                                                                             \
	X(legend, 0)                                                                               \
	X(matrix, 0)                                                                               \
	X(empty, 0)                                                                                \
	X(finish, 0)                                                                               \
	X(flow, 1)                                                                                 \
	X(wakes, 1)                                                                                \
	X(shared, 1)                                                                               \
	X(cdf, 1)                                                                                  \
	X(percentiles, 1)                                                                          \
	X(histogram, 1)                                                                            \
	X(sizes, 1)                                                                                \
	X(heat, 1)                                                                                 \
	X(parts, 1)                                                                                \
	X(depth, 1)                                                                                \
	X(calls, 1)                                                                                \
	X(mechanisms, 1)

#define DECLARE(name, is_plot) extern const char gnuplot_##name##_gp[], gnuplot_##name##_gp_end[];
SCRIPTS(DECLARE)

static const struct script {
	const char *name;
	int is_plot; /* a picture comes from it; the others are loaded by these */
	const char *text, *end;
} scripts[] = {
#define ROW(name, is_plot) {#name, is_plot, gnuplot_##name##_gp, gnuplot_##name##_gp_end},
	SCRIPTS(ROW)};

#define SCRIPT_COUNT (sizeof(scripts) / sizeof(scripts[0]))

static const char *const formats[] = {"svg", "png"};

static int plots_open(struct plots *plots, sqlite3 *db, const char *dir)
{
	memset(plots, 0, sizeof(*plots));
	plots->db = db;
	plots->dir = dir;
	plots->dir_fd = -1;
	if (!mkdir(dir, 0777) || errno == EEXIST)
		plots->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (plots->dir_fd >= 0)
		return 0;
	say_error("cannot use folder '%s' for plots: %s", dir, strerror(errno));
	return -errno;
}

static int write_script(const struct plots *plots, const struct script *script)
{
	char name[64];
	FILE *file;

	snprintf(name, sizeof(name), "%s.gp", script->name);
	file = plot_open(plots, name);
	if (!file)
		return -EIO;
	fwrite(script->text, 1, script->end - script->text, file);
	return plot_close(plots, name, file, 0);
}

static int write_data(struct plots *plots)
{
	int err = plot_losses(plots);

	if (err)
		return err;
	cost_read(plots->db, &plots->cost);
	plots->captions = plot_open(plots, "captions.tsv");
	if (!plots->captions)
		return -EIO;
	fputs("# What stands below each plot.\n"
	      "# plot\tseries\tcaption\tlosses\twhat is not shown\n",
	      plots->captions);
	err = plot_mechanisms(plots);
	if (!err)
		err = plot_matrices(plots);
	if (!err)
		err = plot_transit(plots);
	if (!err)
		err = plot_messages(plots);
	if (!err)
		err = plot_parts(plots);
	if (!err)
		err = plot_depth(plots);
	if (!err)
		err = plot_calls(plots);
	return plot_close(plots, "captions.tsv", plots->captions, err);
}

static void say_program(const struct plots *plots, const char *name, struct program_result *result)
{
	char *line, *rest = result->err;

	if (result->status == -1)
		say_error("cannot render plot '%s/%s': gnuplot took longer than %d s", plots->dir,
			  name, IPCT_RENDER_TIMEOUT_MS / 1000);
	else if (WIFSIGNALED(result->status))
		say_error("cannot render plot '%s/%s': gnuplot was ended by signal %d", plots->dir,
			  name, WTERMSIG(result->status));
	else
		say_error("cannot render plot '%s/%s': gnuplot ended with status %d", plots->dir,
			  name, WEXITSTATUS(result->status));
	while ((line = strsep(&rest, "\n"))) {
		char *safe = *line ? escape_text(line, strlen(line)) : NULL;

		if (safe)
			say_note("  gnuplot: %s", safe);
		free(safe);
	}
}

/* The picture comes over gnuplot's stdout: gnuplot itself would follow links and miss errors. */
static int render(const struct plots *plots, char *gnuplot, const char *plot, const char *format)
{
	char name[64], script[64], set_format[64];
	char *argv[] = {gnuplot, "--default-settings", "-e", set_format, script, NULL};
	struct program_result result;
	int fd, err;

	snprintf(name, sizeof(name), "%s.%s", plot, format);
	snprintf(script, sizeof(script), "%s.gp", plot);
	snprintf(set_format, sizeof(set_format), "format = '%s'", format);
	fd = plot_open_fd(plots, name);
	if (fd < 0)
		return fd;
	err = program_run(argv, plots->dir_fd, fd, IPCT_RENDER_TIMEOUT_MS, &result);
	if (close(fd) && !err)
		err = -errno;
	if (err) {
		plot_failed(plots, name, err);
	} else if (result.status) {
		say_program(plots, name, &result);
		err = result.status == -1 ? -ETIMEDOUT : -EIO;
	}
	if (err)
		unlinkat(plots->dir_fd, name, 0);
	return err;
}

static int render_all(const struct plots *plots, char *gnuplot)
{
	for (size_t i = 0; i < SCRIPT_COUNT; i++) {
		if (!scripts[i].is_plot || !plot_has_data(plots, scripts[i].name))
			continue;
		for (int f = 0; f < 2; f++) {
			int err = render(plots, gnuplot, scripts[i].name, formats[f]);

			if (err)
				return err;
		}
	}
	return 0;
}

static void say_how(const struct plots *plots)
{
	say_note("wrote scripts and data for plots to '%s'; gnuplot is not installed", plots->dir);
	say_hint("install gnuplot-nox, then run there: "
		 "gnuplot flow.gp cdf.gp percentiles.gp histogram.gp sizes.gp heat.gp calls.gp "
		 "mechanisms.gp");
}

int gnuplot_write(sqlite3 *db, const char *dir)
{
	struct plots plots;
	char *gnuplot = NULL;
	int err = plots_open(&plots, db, dir);

	for (size_t i = 0; i < SCRIPT_COUNT && !err; i++)
		err = write_script(&plots, &scripts[i]);
	if (!err)
		err = write_data(&plots);
	if (err)
		goto out;
	gnuplot = program_find("gnuplot");
	if (gnuplot)
		err = render_all(&plots, gnuplot);
	else
		say_how(&plots);
	if (gnuplot && !err)
		say_note("wrote plots with their scripts and data to '%s'", dir);
out:
	free(gnuplot);
	if (plots.dir_fd >= 0)
		close(plots.dir_fd);
	return err ? 1 : 0;
}
