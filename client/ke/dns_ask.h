/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to the name servers of resolv.conf that getaddrinfo() does not ask. */
#ifndef NTSC_DNS_ASK_H
#define NTSC_DNS_ASK_H

#include <stdint.h>

#include "client/ke/addr_list.h"
#include "common/nts/dns_msg.h"

/*
 * Fills *list with addresses of `host`, of `family` (4, 6 or 0 for both) and with port 0, IPv4
 * first; also those that a validating resolver would hold back, as it does while the clock is wrong
 * (RFC 4035 section 3.2.2). Blocks for some seconds where no name server answers.
 */
void dns_ask_addresses(const char *host, uint8_t family, struct addr_list *list);

/*
 * Fills srv[0..most-1] with the services of `name` ("_ntske._tcp.pool.example"), as DNS has them,
 * and returns how many; 0 also where no name server answers.
 */
unsigned dns_ask_services(const char *name, struct dns_srv *srv, unsigned most);

#endif
