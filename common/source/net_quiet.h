/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to look at addresses and routes after something has stirred in the network. A cable that is
 * put in makes tens of events, a container or a routing daemon thousands, and a look asks the
 * kernel for all routes there are: one follows when nothing more has come for a second.
 */
#ifndef NTSC_NET_QUIET_H
#define NTSC_NET_QUIET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

#define NET_QUIET_NS NS_PER_S
/* Where it never gets quiet it is looked nevertheless: servers are asked no more often than that
 * for it (PILOT_ROUND_NS). */
#define NET_QUIET_LAST_NS (16 * NS_PER_S)
/* Looks may take 1 in so many of the time: half a million routes take the kernel about a second. */
#define NET_QUIET_SHARE 50

struct net_quiet {
    bool waiting;       /* something has stirred since the last look, */
    struct mono first;  /* for the first time then, */
    struct mono at;     /* and the next moment at which to see whether more has */
    struct mono rested; /* no look before that */
};

/* Something has stirred. */
void net_quiet_stirred(struct net_quiet *q, struct mono now);

/* When to see whether it goes on; INT64_MAX: nothing has stirred. */
struct mono net_quiet_next(const struct net_quiet *q);

/* It has been seen whether something has stirred since; true when the look is due. */
bool net_quiet_over(struct net_quiet *q, struct mono now, bool stirred);

/* A look was taken, from `begin` to `end`. */
void net_quiet_looked(struct net_quiet *q, struct mono begin, struct mono end);

#endif
