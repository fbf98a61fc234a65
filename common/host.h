/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host may be called: a DNS name or an address literal. Judged by syntax alone. */
#ifndef NTSC_HOST_H
#define NTSC_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* Four decimal numbers without leading zeros, nothing that inet_aton() would also take. */
bool host_is_ipv4(const char *s, size_t len);

/* RFC 4291 section 2.2, without brackets and without a zone. */
bool host_is_ipv6(const char *s, size_t len);

/*
 * A DNS name: labels of 1 to 63 letters, digits, '-' and '_', no '-' at their ends, one final dot
 * allowed, 253 octets at most without it. A name whose last label is a number is none: resolvers
 * take it for an old form of an IPv4 address ("127.1", "0x7f000001").
 */
bool host_is_name(const char *s, size_t len);

/* One of the three. */
bool host_valid(const char *s, size_t len);

#endif
