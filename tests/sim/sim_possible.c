/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_possible.h"

#include <math.h>

/* Unseen changes of the oscillator: far more than any oscillator here makes, s/s. */
#define DRIFT 50e-6

/* Stamps are whole nanoseconds, and of 1/2^32 s at the server. */
#define ROUNDING 1e-6

void sim_possible_add(struct sim_possible *p, double t, double low, double high, double slack)
{
    unsigned i = p->n++ % SIM_POSSIBLE;

    p->at[i] = t;
    p->low[i] = low - slack - ROUNDING;
    p->high[i] = high + slack + ROUNDING;
}

double sim_possible_beyond(const struct sim_possible *p, double t, double error)
{
    double beyond = 0;

    for (unsigned i = 0; i < SIM_POSSIBLE && i < p->n; i++) {
        double drift = DRIFT * (t - p->at[i]);

        beyond = fmax(beyond, fmax(p->low[i] - drift - error, error - p->high[i] - drift));
    }
    return beyond;
}
