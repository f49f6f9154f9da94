// SPDX-License-Identifier: BSD-2-Clause
/*
 * Socket addresses as text, also those that no kernel would make.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>

#include "collector/address.h"

static struct ipct_address address_of(const void *sa, size_t len)
{
	struct ipct_address a = {.len = len};

	memcpy(a.data, sa, len);
	return a;
}

static struct ipct_address inet4(const char *host, unsigned port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, host, &in.sin_addr), 1);
	return address_of(&in, sizeof(in));
}

static struct ipct_address inet6(const char *host, unsigned port)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET6, host, &in6.sin6_addr), 1);
	return address_of(&in6, sizeof(in6));
}

static struct ipct_address local(const char *path, size_t len)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	memcpy(un.sun_path, path, len);
	return address_of(&un, offsetof(struct sockaddr_un, sun_path) + len);
}

static void assert_text(struct ipct_address a, const char *expected)
{
	char text[600];

	address_text(&a, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_inet(void **state)
{
	assert_text(inet4("192.0.2.1", 443), "192.0.2.1:443");
	assert_text(inet4("0.0.0.0", 80), "0.0.0.0:80");
	assert_text(inet4("0.0.0.0", 0), "");
	assert_text(inet6("2001:db8::1", 443), "[2001:db8::1]:443");
	assert_text(inet6("::", 0), "");
	assert_text(inet6("::ffff:127.0.0.1", 6379), "127.0.0.1:6379");
}

static void test_unix(void **state)
{
	assert_text(local("/run/x.sock\0rest", 16), "/run/x.sock");
	assert_text(local("relative", 8), "relative");
	assert_text(local("\0abstract", 9), "@abstract");
	assert_text(local("\0a\0\n", 4), "@a\\x00\\x0a");
	assert_text(local("", 0), "");
}

/* The longest that the field holds: every byte of it takes four places. */
static void test_long(void **state)
{
	char name[108] = {0}, text[600];
	struct ipct_address a = local(name, sizeof(name));

	address_text(&a, text, sizeof(text));
	assert_int_equal(strlen(text), 1 + 107 * 4);
	address_text(&a, text, 20);
	assert_true(strlen(text) < 20);
}

static void test_damaged(void **state)
{
	struct ipct_address a = {.len = 1};

	assert_text(a, "");
	a.len = 65535;
	assert_text(a, "");
	a = inet4("192.0.2.1", 443);
	a.len = 4; /* the rest is as if it were zero */
	assert_text(a, "0.0.0.0:443");
	a.data[0] = 99;
	assert_text(a, "");
}

static void test_names(void **state)
{
	struct ipct_object o = {.local = inet4("127.0.0.1", 5000),
				.remote = inet4("127.0.0.1", 80)};
	char name[600];

	address_name(&o, name, sizeof(name));
	assert_string_equal(name, "127.0.0.1:5000 → 127.0.0.1:80");
	o.remote.len = 0;
	address_name(&o, name, sizeof(name));
	assert_string_equal(name, "127.0.0.1:5000");
	o.local = local("", 0);
	o.remote = local("/run/x.sock", 11);
	address_name(&o, name, sizeof(name));
	assert_string_equal(name, "/run/x.sock");
	o.remote.len = 0;
	address_name(&o, name, sizeof(name));
	assert_string_equal(name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inet),  cmocka_unit_test(test_unix),
		cmocka_unit_test(test_long),  cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
