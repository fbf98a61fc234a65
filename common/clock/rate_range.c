/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/rate_range.h"

#include <math.h>

/* An interval so much narrower says more in a short time than the one before does in a long one. */
#define NARROWER 4

void rate_range_init(struct rate_range *r)
{
    *r = (struct rate_range){.low = -RATE_UNSEEN, .high = RATE_UNSEEN};
}

static void begin(struct rate_range *r, struct raw at, int64_t lo_ns, int64_t hi_ns)
{
    r->has_origin = true;
    r->at = at;
    r->lo_ns = lo_ns;
    r->hi_ns = hi_ns;
}

static int64_t width(int64_t lo_ns, int64_t hi_ns)
{
    return ns_sub_sat(hi_ns, lo_ns);
}

void rate_range_add(struct rate_range *r, struct raw at, int64_t lo_ns, int64_t hi_ns)
{
    double dt = s_from_ns(ns_sub_sat(at.ns, r->at.ns)), low, high;

    if (!r->has_origin) {
        begin(r, at, lo_ns, hi_ns);
        return;
    }
    if (!(dt > 0))
        return;
    low = s_from_ns(ns_sub_sat(lo_ns, r->hi_ns)) / dt;
    high = s_from_ns(ns_sub_sat(hi_ns, r->lo_ns)) / dt;
    if (high - low <= RATE_SEEN || (!r->seen && high - low <= r->high - r->low)) {
        r->low = low;
        r->high = high;
    }
    /* From here on a new one: the range is of the recent past, and seen the sooner, the narrower.
     */
    if (high - low <= RATE_SEEN || width(lo_ns, hi_ns) < width(r->lo_ns, r->hi_ns) / NARROWER)
        begin(r, at, lo_ns, hi_ns);
    r->seen = r->seen || high - low <= RATE_SEEN;
}

void rate_range_doubt(struct rate_range *r, double rate)
{
    *r = (struct rate_range){.low = rate - RATE_USUAL, .high = rate + RATE_USUAL};
}

void rate_range_break(struct rate_range *r)
{
    r->has_origin = false;
}

void rate_range_shift(struct rate_range *r, int64_t ns)
{
    r->lo_ns = ns_add_sat(r->lo_ns, ns);
    r->hi_ns = ns_add_sat(r->hi_ns, ns);
}

double rate_range_reach(const struct rate_range *r, double rate, double sd)
{
    double believed = hypot(RATE_DRIFT, RATE_SDS * sd);
    double outside = fmax(rate - r->high, r->low - rate);
    double farthest = fmax(rate - r->low, r->high - rate) + RATE_DRIFT;

    if (r->seen && outside <= RATE_DRIFT)
        return believed;
    return fmax(farthest, believed);
}
