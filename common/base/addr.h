/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address literals and host names as people write them; nothing is resolved. */
#ifndef NTSC_ADDR_H
#define NTSC_ADDR_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/net_addr.h"

#define NTS_NAME_MAX 255  /* octets of a host name, without the final 0 */
#define NTS_KE_PORT  4460 /* RFC 8915 section 7.1 */

/*@ requires \valid_read(text + (0 .. len - 1)) && \valid(a);
    assigns *a; */
/*
 * Reads the `len` octets at `text` as an address literal, without brackets and without port:
 * "192.0.2.1" (four decimal numbers, no leading zeros) or IPv6 as RFC 4291 section 2.2 has it, with
 * an optional zone as number, "fe80::1%2" (RFC 4007 section 11.2). Fills *a (port 0) and returns
 * true; false, and *a untouched, for anything else.
 */
bool addr_parse(const char *text, size_t len, struct net_addr *a);

/*@ requires \valid_read(text + (0 .. len - 1));
    assigns \nothing; */
/*
 * Whether the `len` octets at `text` are a host name: labels of 1..63 letters, digits, '-' and '_',
 * 253 octets at most, no '-' at either end of a label. One final dot may follow, which tells
 * resolvers that the name is whole (RFC 1034 section 3.1). A last label that is a number, decimal
 * or 0x, is refused, so that a mistyped address is never taken for a name (RFC 1123 section 2.1),
 * nor a name for an old form of an address by the resolver ("127.1", "0x7f000001").
 */
bool addr_is_name(const char *text, size_t len);

/*
 * "HOST", or, unless the port is the usual one, "HOST:PORT" and "[HOST]:PORT" for an IPv6 literal;
 * cut to n octets with the 0.
 */
void addr_with_port(const char *host, unsigned port, unsigned usual, char *buf, size_t n);

/* The same of an address with its port, whichever that is. */
void addr_text_with_port(const struct net_addr *a, char *buf, size_t n);

#endif
