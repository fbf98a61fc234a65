/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One TCP connection to whichever of several addresses answers first (RFC 8305). */
#ifndef NTSC_CONNECT_H
#define NTSC_CONNECT_H

#include "client/ke/resolve.h"

/*
 * RFC 8305 section 5, "Connection Attempt Delay": 250 ms recommended, 100 allowed. With 200 a dead
 * address costs a quarter of a second in all.
 */
#define CONNECT_DELAY_MS 200

/*
 * Tries the addresses in order, the next one CONNECT_DELAY_MS after the last or as soon as that one
 * failed; the first to finish wins, the others are dropped. Returns a blocking socket with
 * TCP_NODELAY and sets *won; or -1 with *f set to the most telling failure. Sets no limit of its
 * own: the process's deadline ends a silent wait.
 */
int connect_first(const struct addr_list *list, struct net_addr *won, struct failure *f);

/* Round trip of an open connection as the kernel has measured it, in milliseconds, rounded up. */
int connect_rtt_ms(int fd);

#endif
