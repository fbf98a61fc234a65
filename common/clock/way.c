/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/way.h"

#include "common/base/invariant.h"

#define HALF_NS (WAY_LONGER_NS / 2)

void way_fits(struct way *w, int64_t delay_ns, bool first)
{
    if (first || w->usual_ns == 0)
        w->usual_ns = delay_ns;
    w->usual_ns += (delay_ns - w->usual_ns) / WAY_USUAL_SHARE;
    w->answers = 0;
    w->by_and_by = false;
}

static void count(struct way *w, struct mono now, int64_t delay_ns)
{
    bool late = ns_sub_sat(now.ns, w->since.ns) >= HALF_NS;
    int64_t *least = late ? &w->late_ns : &w->early_ns;

    if (delay_ns < *least)
        *least = delay_ns;
    if (w->answers < WAY_ANSWERS)
        w->answers++;
}

bool way_beyond(struct way *w, struct mono now, int64_t *delay_ns, int64_t maxdelay_ns)
{
    int64_t at_once = ns_add_sat(w->usual_ns, maxdelay_ns / WAY_AT_ONCE_SHARE), least;

    if (w->answers == 0) {
        w->since = now;
        w->early_ns = w->late_ns = INT64_MAX;
    }
    count(w, now, *delay_ns);
    INVARIANT(w->answers > 0 && w->answers <= WAY_ANSWERS);
    if (w->answers < WAY_ANSWERS || ns_sub_sat(now.ns, w->since.ns) < WAY_LONGER_NS)
        return false;
    least = w->early_ns < w->late_ns ? w->early_ns : w->late_ns;
    w->by_and_by = w->by_and_by || w->early_ns < at_once;
    if (ns_sub_sat(w->late_ns, w->early_ns) <= maxdelay_ns / WAY_SAME_SHARE && !w->by_and_by) {
        way_fits(w, least, true);
        *delay_ns = least;
        return true;
    }
    /* Half an hour is looked back upon, no more. */
    w->early_ns = w->late_ns;
    w->late_ns = INT64_MAX;
    w->since.ns = ns_sub_sat(now.ns, HALF_NS);
    return false;
}
