/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What Linux says of addresses and routes (rtnetlink(7)), as far as a client has to know: is there
 * a way off this machine, and has anything come that is worth a try? Octets as the kernel gives
 * them are read with every length checked.
 */
#ifndef NTSC_NET_VIEW_H
#define NTSC_NET_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/time.h"

/* Message types that are asked for, and groups that are listened to (linux/rtnetlink.h). */
enum {
    NET_VIEW_GET_ADDRESSES = 22,
    NET_VIEW_GET_ROUTES = 26,
    NET_VIEW_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400, /* links, IPv4 and IPv6 of the others */
};

struct net_view {
    bool done; /* the end of what was asked for */
    bool bad;  /* malformed, or the kernel reports an error: nothing is known */
    /* Global addresses, without temporary ones (RFC 8981) and those still being checked. */
    unsigned addresses;
    /* Routes that lead to other machines by links that are up, and the default ones of them. */
    unsigned ways, defaults;
    uint64_t address_sum, default_sum; /* tell one set of them from another */
};

/* Takes one datagram of an answer; begin with a view of zeros. */
void net_view_take(struct net_view *v, const uint8_t *data, size_t len);

/* Whether an address or a default route has come, so that what did not work may work now. */
bool net_view_came(const struct net_view *before, const struct net_view *now);

/* The network that this machine was in last. */
struct net_place {
    bool known, away; /* it is gone, since: */
    struct mono away_since;
    uint64_t sum; /* of gateways and their interfaces; without them of addresses */
};

/* After so long without a network it may be another one that looks the same. */
#define NET_PLACE_AWAY_NS (3600 * NS_PER_S)

/* What is seen at `now`; true when the network is another one than before. */
bool net_place_other(struct net_place *p, const struct net_view *v, struct mono now);

/* Writes the question for all there is of one kind; returns its octets, NET_VIEW_QUESTION. */
#define NET_VIEW_QUESTION 20
size_t net_view_ask(uint16_t type, uint8_t buf[NET_VIEW_QUESTION]);

#endif
