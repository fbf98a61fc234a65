/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Orders that are carried out in part: what clock_limit_check() refuses is taken out. */
#include <string.h>

#include "common/clock/clock_limit.h"

/* What is left of an order whose step is not made: the rest told of the clock after it. */
#define WITHOUT_STEP (CLOCK_SET_FREQ | CLOCK_SET_TAI)

void clock_limit_rates(const struct clock_limit *l, struct mono now, double *low, double *high)
{
    bool settled = l->have_reference || (l->have_first && ns_sub_sat(now.ns, l->first.ns) >
                                                              CLOCK_LIMIT_SETTLE_S * NS_PER_S);
    int64_t reference = l->have_reference ? l->reference : l->rate;

    *low = clock_order_rate(-CLOCK_FREQ_MAX, CLOCK_TICK_MIN);
    *high = clock_order_rate(CLOCK_FREQ_MAX, CLOCK_TICK_MAX);
    if (!settled)
        return;
    *low = (double)(reference - CLOCK_LIMIT_FREQ) / CLOCK_FREQ_PER_RATE;
    *high = (double)(reference + CLOCK_LIMIT_FREQ) / CLOCK_FREQ_PER_RATE;
}

/* The nearest rate that may be, with the tick that is in the order as long as it reaches. */
static void nearest_rate(const struct clock_limit *l, struct clock_order *o)
{
    int64_t reference = l->have_reference ? l->reference : l->rate;
    int64_t wanted = o->freq + ((int64_t)o->tick_us - CLOCK_TICK_NOMINAL) * CLOCK_LIMIT_PER_TICK;
    int64_t rate = reference + (wanted > reference ? CLOCK_LIMIT_FREQ : -CLOCK_LIMIT_FREQ);
    int64_t left = rate - ((int64_t)o->tick_us - CLOCK_TICK_NOMINAL) * CLOCK_LIMIT_PER_TICK;

    if (left > CLOCK_FREQ_MAX || left < -CLOCK_FREQ_MAX) {
        o->tick_us = (int32_t)(CLOCK_TICK_NOMINAL + rate / CLOCK_LIMIT_PER_TICK);
        left = rate - ((int64_t)o->tick_us - CLOCK_TICK_NOMINAL) * CLOCK_LIMIT_PER_TICK;
    }
    o->freq = (int32_t)left;
}

/* Takes out what was refused; false: nothing is left, or nothing can be told apart. */
static bool take_out(const struct clock_limit *l, struct clock_order *o, enum clock_verdict v,
                     uint32_t *refused)
{
    switch (v) {
    case CLOCK_VERDICT_STEP_LATE:
    case CLOCK_VERDICT_STEP_BUDGET:
    case CLOCK_VERDICT_STEP_SMALL:
    case CLOCK_VERDICT_STEP_RANGE:
        *refused |= CLOCK_SET_STEP;
        *o = (struct clock_order){.what = o->what & WITHOUT_STEP,
                                  .freq = o->freq,
                                  .tick_us = o->tick_us,
                                  .tai_s = o->tai_s};
        return o->what != 0 && l->mode == CLOCK_MODE_DAEMON;
    case CLOCK_VERDICT_FREQ:
        if ((*refused & CLOCK_SET_FREQ) != 0)
            return false;
        *refused |= CLOCK_SET_FREQ;
        nearest_rate(l, o);
        return true;
    case CLOCK_VERDICT_LEAP:
        *refused |= CLOCK_REFUSED_LEAP;
        o->status &= ~(uint32_t)(CLOCK_INS | CLOCK_DEL);
        return true;
    case CLOCK_VERDICT_TAI:
        *refused |= CLOCK_SET_TAI;
        o->what &= ~(uint32_t)CLOCK_SET_TAI;
        o->tai_s = 0;
        return o->what != 0;
    default:
        *refused |= o->what & CLOCK_SET_ALL;
        return false;
    }
}

enum clock_verdict clock_limit_take(struct clock_limit *l, struct clock_order *o, struct mono now,
                                    struct wall wall, const struct leap_table *leaps,
                                    uint32_t *refused)
{
    enum clock_verdict first = clock_limit_check(l, o, now, wall, leaps), v = first;

    *refused = 0;
    /* Each turn takes a part out for good: there are four that can be. */
    while (v != CLOCK_VERDICT_OK && take_out(l, o, v, refused))
        v = clock_limit_check(l, o, now, wall, leaps);
    if (v != CLOCK_VERDICT_OK)
        memset(o, 0, sizeof *o);
    return first;
}
