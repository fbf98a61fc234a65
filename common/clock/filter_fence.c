/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_fence.h"

#include <math.h>

/*
 * s/s by which an oscillator may change between two exchanges without the estimate's knowing: a fan
 * or a load that begins makes 1 ppm of a crystal without compensation (recorded: 1.4 ppm in a day).
 */
static const double unseen = 1e-6;
static const double sds = 5; /* 6 in 10^7 of a normal distribution lie beyond */

void filter_fence_later(struct filter_fence *f, double rate, double sd, double dt)
{
    f->lower += (rate - unseen - sds * sd) * dt;
    f->upper += (rate + unseen + sds * sd) * dt;
}

enum filter_fence_says filter_fence_add(struct filter_fence *f, double up, double down)
{
    /* Stamps of a coarse clock may make the round trip a little less than none. */
    double lower = fmin(-down, up), upper = fmax(-down, up);
    enum filter_fence_says says = FILTER_FENCE_AGREES;

    if (f->known && fmax(f->lower, lower) > fmin(f->upper, upper)) {
        if (++f->missed < FILTER_FENCE_JUMP)
            return FILTER_FENCE_CONTRADICTS;
        says = FILTER_FENCE_MOVED;
    }
    f->missed = 0;
    if (!f->known || says == FILTER_FENCE_MOVED) {
        f->lower = lower;
        f->upper = upper;
    }
    f->known = true;
    f->lower = fmax(f->lower, lower);
    f->upper = fmin(f->upper, upper);
    return says;
}

double filter_fence_within(const struct filter_fence *f, double phase)
{
    return fmin(fmax(phase, f->lower), f->upper);
}
