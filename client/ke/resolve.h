/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names to addresses, through the system's resolver. */
#ifndef NTSC_RESOLVE_H
#define NTSC_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/ke/addr_list.h"
#include "common/base/err.h"
#include "common/msg/msg.h"

/*
 * Fills *list with addresses of `host` (name or literal), each with `port`, of `family` (4, 6 or 0
 * for both), in the order to be tried: the resolver's (RFC 6724), families interleaved, IPv6 first
 * (RFC 8305 section 4). Where name servers fail they are asked again for what they cannot validate.
 * After limit_ms without an answer it gives up (REASON_DNS_DOWN) although the resolver still runs;
 * 0 waits as long as the resolver does. Names of this machine (localhost, RFC 6761 section 6.3) are
 * known without asking. False with *f set when nothing was found.
 */
NTSC_CHECK_RESULT bool resolve_host(const char *host, uint8_t family, uint16_t port, int limit_ms,
                                    struct addr_list *list, struct failure *f);

/* The interleaving alone; keeps the order within a family. */
void resolve_interleave(struct addr_list *list);

#endif
