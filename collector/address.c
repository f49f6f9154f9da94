// SPDX-License-Identifier: BSD-2-Clause
/*
 * Socket addresses as text.
 */
#include "collector/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* An abstract name may hold any byte; a path ends at the first NUL. */
static void unix_text(const char *name, size_t len, char *out, size_t size)
{
	size_t used = 0;
	bool abstract = len && !*name;

	for (size_t i = 0; i < len && used + 5 < size; i++) {
		if (abstract && !i)
			used += snprintf(out + used, size - used, "@");
		else if (!abstract && !name[i])
			break;
		else if (abstract && !isprint((unsigned char)name[i]))
			used += snprintf(out + used, size - used, "\\x%02x",
					 (unsigned char)name[i]);
		else
			used += snprintf(out + used, size - used, "%c", name[i]);
	}
}

static void inet_text(const struct sockaddr_in *in, char *out, size_t size)
{
	char host[INET_ADDRSTRLEN];

	if (!in->sin_port && !in->sin_addr.s_addr)
		return;
	inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
	snprintf(out, size, "%s:%u", host, ntohs(in->sin_port));
}

static void inet6_text(const struct sockaddr_in6 *in6, char *out, size_t size)
{
	struct sockaddr_in in = {.sin_port = in6->sin6_port};
	char host[INET6_ADDRSTRLEN];

	if (!in6->sin6_port && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		return;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(&in.sin_addr, &in6->sin6_addr.s6_addr[12], sizeof(in.sin_addr));
		inet_text(&in, out, size);
		return;
	}
	inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
	snprintf(out, size, "[%s]:%u", host, ntohs(in6->sin6_port));
}

void address_text(const struct ipct_address *address, char *out, size_t size)
{
	union {
		sa_family_t family;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		char data[sizeof(address->data)];
	} sa;

	*out = 0;
	memset(&sa, 0, sizeof(sa));
	if (address->len < sizeof(sa.family) || address->len > sizeof(address->data))
		return;
	memcpy(&sa, address->data, address->len);
	switch (sa.family) {
	case AF_UNIX:
		unix_text(sa.data + sizeof(sa.family), address->len - sizeof(sa.family), out, size);
		break;
	case AF_INET:
		inet_text(&sa.in, out, size);
		break;
	case AF_INET6:
		inet6_text(&sa.in6, out, size);
		break;
	}
}

void address_name(const struct ipct_object *a, char *out, size_t size)
{
	char local[IPCT_PATH_LEN / 2], remote[sizeof(local)];
	sa_family_t family = AF_UNSPEC;

	address_text(&a->local, local, sizeof(local));
	address_text(&a->remote, remote, sizeof(remote));
	if (a->local.len >= sizeof(family))
		memcpy(&family, a->local.data, sizeof(family));
	if (*local && *remote && family != AF_UNIX)
		snprintf(out, size, "%s → %s", local, remote);
	else
		snprintf(out, size, "%s", *remote ? remote : local);
}
