/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether there is a network, as the kernel tells: nobody has to wake up to find out. */
#ifndef NTSC_NET_WATCH_H
#define NTSC_NET_WATCH_H

#include <stdbool.h>

#include "common/source/net_view.h"

struct net_watch {
    int events; /* readable: something has changed; -1: nothing is known of the network */
    int query;
    struct net_view view;
};

/* Knows of nothing: there always may be a network. */
void net_watch_init(struct net_watch *w);

/* Listens from now on; before the sandbox, which opens no such socket. */
void net_watch_open(struct net_watch *w);

/* `events` is readable: looks again. True when an address or a default route has come. */
bool net_watch_look(struct net_watch *w);

/* Whether any route leads off this machine. */
bool net_watch_is_there(const struct net_watch *w);

#endif
