/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_possible.h"

#include <math.h>

/* Unseen changes of the oscillator: far more than any oscillator here makes, s/s. */
#define DRIFT 50e-6

/* Of the rate itself, before anybody has seen it: two clocks that the kernel can just steer, s/s.
 */
#define RATE_MOST 0.22

/* Stamps are whole nanoseconds, and of 1/2^32 s at the server. */
#define ROUNDING 1e-6

void sim_possible_add(struct sim_possible *p, double t, double low, double high, double slack)
{
    unsigned i = p->n++ % SIM_POSSIBLE;

    p->at[i] = t;
    p->low[i] = low - slack - ROUNDING;
    p->high[i] = high + slack + ROUNDING;
}

/*
 * An estimate errs by error - off (t - t_i) at the earlier exchange i when its rate is off by
 * `off`, which is one number, give or take DRIFT: is there one with which it was within all of
 * them?
 */
static bool some_rate(const struct sim_possible *p, double t, double error)
{
    double low = -RATE_MOST, high = RATE_MOST;

    for (unsigned i = 0; i < SIM_POSSIBLE && i < p->n; i++) {
        double age = t - p->at[i];

        if (age <= 0) {
            if (error < p->low[i] || error > p->high[i])
                return false;
            continue;
        }
        low = fmax(low, (error - p->high[i]) / age - DRIFT);
        high = fmin(high, (error - p->low[i]) / age + DRIFT);
    }
    return low <= high;
}

double sim_possible_beyond(const struct sim_possible *p, double t, double error)
{
    double beyond = 0;

    if (some_rate(p, t, error))
        return 0;
    for (unsigned i = 0; i < SIM_POSSIBLE && i < p->n; i++) {
        double drift = DRIFT * (t - p->at[i]);

        beyond = fmax(beyond, fmax(p->low[i] - drift - error, error - p->high[i] - drift));
    }
    return fmax(beyond, ROUNDING);
}
