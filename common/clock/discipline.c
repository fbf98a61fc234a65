/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/discipline.h"

#include <math.h>
#include <string.h>

#include "common/base/invariant.h"
#include "common/clock/discipline_work.h"
#include "common/clock/rate_range.h"

#define FREQ_MAX 500e-6 /* s/s that the frequency field reaches */
/* A tick that is not nominal is given up only when the nominal one reaches with room to spare. */
#define FREQ_HOME 400e-6

void discipline_init(struct discipline *d, const struct discipline_config *config, uint16_t steps,
                     bool synchronized_once)
{
    memset(d, 0, sizeof *d);
    d->config = *config;
    if (d->config.bound_max_s <= 0)
        d->config.bound_max_s = DISCIPLINE_BOUND_MAX_S;
    d->tick_us = CLOCK_TICK_NOMINAL;
    d->steps = steps;
    d->synchronized_once = synchronized_once;
    d->may_step = !synchronized_once;
    d->bound_s = d->sd_s = INFINITY;
    d->rate_low = -INFINITY;
    d->rate_high = INFINITY;
    d->asked_at.ns = -DISCIPLINE_ASK_NS;
}

void discipline_resumed(struct discipline *d)
{
    d->may_step = true;
    d->steps = 0;
    d->synchronized_once = false;
    d->bound_s = d->sd_s = INFINITY;
    d->have_reference = false;
    d->began = d->late_refused = false;
}

void discipline_start_rate(struct discipline *d, double rate)
{
    d->rate = rate;
    d->have_rate = true;
}

bool discipline_frequency(double rate, int32_t tick_us, struct clock_order *o)
{
    double left = rate - (tick_us - CLOCK_TICK_NOMINAL) * CLOCK_TICK_RATE;
    double tick = tick_us;

    if (fabs(rate) <= FREQ_HOME) {
        tick = CLOCK_TICK_NOMINAL;
    } else if (!(fabs(left) <= FREQ_MAX)) {
        tick = CLOCK_TICK_NOMINAL + rint(rate / CLOCK_TICK_RATE);
        tick = tick > CLOCK_TICK_MIN ? tick : CLOCK_TICK_MIN;
        tick = tick < CLOCK_TICK_MAX ? tick : CLOCK_TICK_MAX;
    }
    o->tick_us = (int32_t)tick;
    left = rate - (o->tick_us - CLOCK_TICK_NOMINAL) * CLOCK_TICK_RATE;
    INVARIANT(o->tick_us >= CLOCK_TICK_MIN && o->tick_us <= CLOCK_TICK_MAX);
    if (!(fabs(left) <= FREQ_MAX)) {
        o->freq = left > 0 ? CLOCK_FREQ_MAX : -CLOCK_FREQ_MAX;
        return false;
    }
    o->freq = (int32_t)lrint(left * CLOCK_FREQ_PER_RATE);
    return true;
}

double discipline_elapsed_s(struct mono from, struct mono to)
{
    double s = s_from_ns(ns_sub_sat(to.ns, from.ns));

    return s > 0 ? s : 0;
}

/* Phase that the kernel has not slewed yet after t seconds; it begins with the next whole second.
 */
static double left_after(const struct discipline *d, double t)
{
    return fabs(d->left_s) * (t > 1 ? exp(-(t - 1) / (4 << d->constant)) : 1);
}

/* What frequency error and wander add to the phase in t seconds, as in interval_at(). */
static double growth(const struct discipline *d, double t)
{
    return hypot(t * d->rate_reach, RATE_SDS / sqrt(3) * d->wander * t * sqrt(t));
}

double discipline_bound_s(const struct discipline *d, struct mono now)
{
    double t = discipline_elapsed_s(d->updated, now);

    return isfinite(d->bound_s) ? d->bound_s + left_after(d, t) + growth(d, t) : INFINITY;
}

double discipline_sd_s(const struct discipline *d, struct mono now)
{
    double t = discipline_elapsed_s(d->updated, now);
    double rate = t * d->rate_sd;
    double wander = d->wander * d->wander * t * t * t / 3;

    return isfinite(d->sd_s) ? left_after(d, t) + sqrt(d->sd_s * d->sd_s + rate * rate + wander)
                             : INFINITY;
}

/* The uncertainty now becomes that of the last update, as if there had been one. */
void discipline_age(struct discipline *d, struct mono now)
{
    d->bound_s = discipline_bound_s(d, now);
    d->sd_s = discipline_sd_s(d, now);
    d->left_s = d->second_s = 0;
    d->updated = now;
    INVARIANT(d->bound_s >= 0 && d->sd_s >= 0);
}

void discipline_clock_changed(struct discipline *d, struct mono now, double by_s, double rate_by,
                              double for_s)
{
    double by = fabs(by_s) + fabs(rate_by) * for_s;

    discipline_age(d, now);
    d->bound_s += by;
    d->sd_s += by;
}

void discipline_step_refused(struct discipline *d, struct mono now)
{
    double off = fabs(s_from_ns(d->last_step_ns));

    discipline_age(d, now);
    d->bound_s += off;
    d->sd_s += off;
    if (!d->late && d->steps > 0)
        d->steps--;
    d->late_refused = true;
    d->asked_at = now;
}

void discipline_rate_limited(struct discipline *d, double rate, double low, double high)
{
    d->rate_sd += fabs(d->rate - rate);
    d->rate_reach += fabs(d->rate - rate);
    d->rate = rate;
    d->rate_low = low;
    d->rate_high = high;
}

void discipline_table_differs(struct discipline *d, bool tai, bool leap, struct wall now)
{
    d->no_tai = d->no_tai || tai;
    if (leap) {
        d->leap_bits = 0;
        d->no_leap_s = leap_next_midnight_s(now);
    }
}

void discipline_table_read(struct discipline *d)
{
    d->no_tai = false;
    d->no_leap_s = 0;
}

double discipline_slew_takes_s(const struct discipline *d, int64_t offset_ns)
{
    double off = fabs(s_from_ns(offset_ns));

    return off < s_from_ns(d->config.step_ns) ? 0 : off / DISCIPLINE_SLEW_MAX;
}

const char *discipline_state_name(enum discipline_state s)
{
    static const char *const names[] = {
        [DISCIPLINE_WAITING] = "waiting",   [DISCIPLINE_SYNCHRONIZED] = "synchronized",
        [DISCIPLINE_COASTING] = "coasting", [DISCIPLINE_UNSYNCHRONIZED] = "unsynchronized",
        [DISCIPLINE_PANIC] = "panic",       [DISCIPLINE_OUT_OF_RANGE] = "out-of-range",
    };

    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "?";
}
