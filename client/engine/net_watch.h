/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether there is a network, as the kernel tells: nobody has to wake up to find out. */
#ifndef NTSC_NET_WATCH_H
#define NTSC_NET_WATCH_H

#include <stdbool.h>

#include "common/base/time.h"
#include "common/source/net_quiet.h"
#include "common/source/net_view.h"

struct net_watch {
    int events; /* readable: something has changed; -1: nothing is known of the network */
    int query;
    struct net_view view;
    struct net_quiet quiet;
    struct net_place place;
    bool other; /* by the last look it is another network than before */
};

/* Knows of nothing: there always may be a network. */
void net_watch_init(struct net_watch *w);

/* Listens from now on; before the sandbox, which opens no such socket. */
void net_watch_open(struct net_watch *w);

/* What to wait for until it is readable; -1: nothing is known, or it waits until it is quiet. */
int net_watch_fd(const struct net_watch *w);

/* It is readable: something has changed. A look follows when it is quiet again. */
void net_watch_stirred(struct net_watch *w, struct mono now);

/* When net_watch_look() is due; INT64_MAX: it is not. */
struct mono net_watch_next(const struct net_watch *w);

/* Looks when that is due. True when an address or a default route has come. */
bool net_watch_look(struct net_watch *w, struct mono now);

/* Whether any route leads off this machine. */
bool net_watch_is_there(const struct net_watch *w);

#endif
