// SPDX-License-Identifier: BSD-2-Clause
/*
 * Numbers as a person reads them. Three significant digits are what the eye compares in a
 * column; what needs every digit is in the JSON and CSV outputs.
 */
#include "units.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

struct scale {
	double step;
	double limit; /* a value from here on is better said in the next unit */
	const char *const *units;
	int count;
};

static const char *const ns_units[] = {"ns", "µs", "ms", "s"};
static const char *const byte_units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
static const char *const count_units[] = {"", "k", "M", "G", "T", "P", "E"};

static const struct scale ns_scale = {1000, 999.5, ns_units, 4};
static const struct scale byte_scale = {1024, 1023.5, byte_units, 7};
static const struct scale count_scale = {1000, 999.5, count_units, 7};

/* The size of `value`; that of INT64_MIN has no int64_t. */
static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static char *grouped(char *buf, int negative, uint64_t value, const char *unit)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	char *to = buf;

	if (negative)
		*to++ = '-';
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	strcpy(to, unit);
	return buf;
}

static char *scaled(char *buf, int negative, double value, const struct scale *scale)
{
	int unit = 0, decimals;

	while (value >= scale->limit && unit < scale->count - 1) {
		value /= scale->step;
		unit++;
	}
	decimals = !unit || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
	snprintf(buf, IPCT_UNIT_LEN, "%s%.*f %s", negative ? "-" : "", decimals, value,
		 scale->units[unit]);
	return buf;
}

char *unit_ns(char buf[IPCT_UNIT_LEN], int64_t ns)
{
	uint64_t size = magnitude(ns);

	if (size >= 999500000000)
		return grouped(buf, ns < 0, (size + 500000000) / 1000000000, " s");
	return scaled(buf, ns < 0, (double)size, &ns_scale);
}

char *unit_bytes(char buf[IPCT_UNIT_LEN], int64_t bytes)
{
	return scaled(buf, bytes < 0, (double)magnitude(bytes), &byte_scale);
}

char *unit_rate(char buf[IPCT_UNIT_LEN], int64_t bytes, int64_t ns)
{
	if (ns <= 0 || bytes < 0)
		return strcpy(buf, "-");
	scaled(buf, 0, (double)bytes * 1e9 / (double)ns, &byte_scale);
	return strcat(buf, "/s");
}

char *unit_count(char buf[IPCT_UNIT_LEN], int64_t count)
{
	return grouped(buf, count < 0, magnitude(count), "");
}

char *unit_count_short(char buf[IPCT_UNIT_LEN], int64_t count)
{
	uint64_t size = magnitude(count);

	if (size < 1000000)
		return grouped(buf, count < 0, size, "");
	return scaled(buf, count < 0, (double)size, &count_scale);
}

char *unit_share(char buf[IPCT_UNIT_LEN], int64_t part, int64_t whole)
{
	double percent = 100.0 * (double)part / (double)whole;

	if (whole <= 0)
		return strcpy(buf, "-");
	if (part <= 0 || part >= whole)
		return strcpy(buf, part <= 0 ? "0%" : "100%");
	if (percent < 1)
		return strcpy(buf, "<1%");
	snprintf(buf, IPCT_UNIT_LEN, "%d%%", (int)percent);
	return buf;
}

/* Give what is left of `percent` to the parts with the largest remainders, one each. */
static void shares_round(int *shares, double *rest, int count, int percent)
{
	for (int i = 0; i < count; i++)
		percent -= shares[i] > 0 ? shares[i] : 0;
	while (percent-- > 0) {
		int most = 0;

		for (int i = 1; i < count; i++)
			if (rest[i] > rest[most])
				most = i;
		shares[most]++;
		rest[most] -= 1;
	}
}

void unit_shares(char bufs[][IPCT_UNIT_LEN], const int64_t *parts, int count)
{
	double rest[IPCT_UNIT_SHARES_MAX] = {0}, whole = 0;
	int shares[IPCT_UNIT_SHARES_MAX] = {0}, small = 0;

	for (int i = 0; i < count; i++)
		whole += parts[i] > 0 ? (double)parts[i] : 0;
	for (int i = 0; i < count && whole > 0; i++) {
		double percent = parts[i] > 0 ? 100 * (double)parts[i] / whole : 0;

		shares[i] = percent > 0 && percent < 1 ? -1 : (int)percent;
		rest[i] = percent >= 1 ? percent - shares[i] : -count;
		small |= shares[i] < 0;
	}
	if (whole > 0)
		shares_round(shares, rest, count, 100 - small);
	for (int i = 0; i < count; i++)
		snprintf(bufs[i], IPCT_UNIT_LEN,
			 whole <= 0      ? "-"
			 : shares[i] < 0 ? "<1%%"
					 : "%d%%",
			 shares[i]);
}

char *unit_utc(char buf[IPCT_UNIT_LEN], int64_t realtime_ns)
{
	time_t seconds = realtime_ns / 1000000000;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(buf, IPCT_UNIT_LEN, "%F %T UTC", &tm))
		strcpy(buf, "unknown");
	return buf;
}

char *unit_status(char buf[IPCT_UNIT_LEN], int64_t status)
{
	int wait = (int)status;
	const char *name = WIFSIGNALED(wait) ? sigabbrev_np(WTERMSIG(wait)) : NULL;

	if (WIFEXITED(wait))
		snprintf(buf, IPCT_UNIT_LEN, "%d", WEXITSTATUS(wait));
	else if (name)
		snprintf(buf, IPCT_UNIT_LEN, "SIG%s", name);
	else if (WIFSIGNALED(wait))
		snprintf(buf, IPCT_UNIT_LEN, "signal %d", WTERMSIG(wait));
	else
		strcpy(buf, "?");
	return buf;
}
