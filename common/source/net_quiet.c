/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source/net_quiet.h"

static struct mono later(struct mono t, int64_t ns)
{
    return (struct mono){ns_add_sat(t.ns, ns)};
}

void net_quiet_stirred(struct net_quiet *q, struct mono now)
{
    if (q->waiting)
        return;
    q->waiting = true;
    q->first = now;
    q->at = later(now, NET_QUIET_NS);
    if (q->rested.ns > q->at.ns)
        q->at = q->rested;
}

struct mono net_quiet_next(const struct net_quiet *q)
{
    return q->waiting ? q->at : (struct mono){INT64_MAX};
}

bool net_quiet_over(struct net_quiet *q, struct mono now, bool stirred)
{
    if (!q->waiting || now.ns < q->at.ns)
        return false;
    if (!stirred || ns_sub_sat(now.ns, q->first.ns) >= NET_QUIET_LAST_NS)
        return true;
    q->at = later(now, NET_QUIET_NS);
    return false;
}

void net_quiet_looked(struct net_quiet *q, struct mono begin, struct mono end)
{
    q->waiting = false;
    q->rested = later(end, ns_sub_sat(end.ns, begin.ns) * NET_QUIET_SHARE);
}
