/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of client/engine/net_watch.c: a simulated network is always there. */
#include "client/engine/net_watch.h"

void net_watch_init(struct net_watch *w)
{
    *w = (struct net_watch){.events = -1, .query = -1};
}

void net_watch_open(struct net_watch *w)
{
    (void)w;
}

int net_watch_fd(const struct net_watch *w)
{
    (void)w;
    return -1;
}

void net_watch_stirred(struct net_watch *w, struct mono now)
{
    (void)w, (void)now;
}

struct mono net_watch_next(const struct net_watch *w)
{
    (void)w;
    return (struct mono){INT64_MAX};
}

bool net_watch_look(struct net_watch *w, struct mono now)
{
    (void)w, (void)now;
    return false;
}

bool net_watch_is_there(const struct net_watch *w)
{
    (void)w;
    return true;
}
