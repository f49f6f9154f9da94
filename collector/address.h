/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket addresses as text, and the names that connections have by them.
 */
#ifndef IPCT_ADDRESS_H
#define IPCT_ADDRESS_H

#include <stddef.h>
#include <linux/types.h>
#include "schemas/event.h"

/*
 * `address` as people write it: 192.0.2.1:443, [2001:db8::1]:443, /run/some.sock, @abstract with
 * unprintable bytes as \x00. An IPv4 address in IPv6 clothes is shown as what it is. Empty if there
 * is none, or none that says anything (an unspecified address with port 0).
 */
void address_text(const struct ipct_address *address, char *out, size_t size);

/*
 * The name of an object with the addresses of end 0 and end 1: `from → to` of a connection by
 * addresses and ports, and the one path of a UNIX socket. Empty if it has no address.
 */
void address_name(const struct ipct_object *a, char *out, size_t size);

#endif
