/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/interval.h"

#include <math.h>

static int64_t ns_of(double s)
{
    return s < 1e9 ? (int64_t)ceil(s * 1e9) : NS_PER_S * NS_PER_S;
}

struct interval interval_at(const struct interval *iv, struct raw at,
                            const struct interval_drift *d)
{
    struct interval out = *iv;
    double dt = s_from_ns(ns_sub_sat(at.ns, iv->at.ns));
    int64_t shift, slack;

    if (!(dt > 0))
        return out;
    shift = (int64_t)(fmin(fmax(d->frequency * dt, -1e9), 1e9) * 1e9);
    slack = ns_of(hypot(d->rate * dt, d->wander * dt * sqrt(dt)));
    out.at = at;
    out.lo_ns = ns_sub_sat(ns_add_sat(iv->lo_ns, shift), slack);
    out.hi_ns = ns_add_sat(ns_add_sat(iv->hi_ns, shift), slack);
    return out;
}

bool interval_add(struct interval *iv, struct raw at, int64_t up_ns, int64_t down_ns,
                  const struct interval_drift *d)
{
    struct interval before = interval_at(iv, at, d);

    *iv = (struct interval){-down_ns, up_ns, at, true};
    if (!before.known)
        return true;
    if (before.lo_ns > iv->hi_ns || before.hi_ns < iv->lo_ns)
        return false;
    iv->lo_ns = before.lo_ns > iv->lo_ns ? before.lo_ns : iv->lo_ns;
    iv->hi_ns = before.hi_ns < iv->hi_ns ? before.hi_ns : iv->hi_ns;
    return true;
}

int64_t interval_reach_ns(const struct interval *iv, int64_t phase_ns)
{
    int64_t above = ns_sub_sat(iv->hi_ns, phase_ns), below = ns_sub_sat(phase_ns, iv->lo_ns);

    return above > below ? above : below;
}
