/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_fence.h"

#include <math.h>
#include <string.h>

#include "common/base/invariant.h"
#include "common/clock/rate_range.h"

void filter_fence_later(struct filter_fence *f, double rate, double reach, double dt)
{
    INVARIANT(reach >= 0 && dt >= 0 && f->posts <= FILTER_FENCE_RECENT);
    f->lower += (rate - reach) * dt;
    f->upper += (rate + reach) * dt;
    for (int i = 0; i < f->posts; i++)
        f->post[i].age += dt;
}

/* How far the oscillator may have come from one rate in that time, s. */
static double strayed(const struct filter_fence_drift *d, double age)
{
    return age * hypot(d->rate, RATE_SDS * d->walk * sqrt(age / 3));
}

/*
 * Rates that lead from each of the first n posts to each later one; none: *low > *high. With any
 * one of them the posts, moved on to the present, meet in pairs, and so they all do.
 */
static void rates_through(const struct filter_fence *f, const struct filter_fence_drift *d, int n,
                          double *low, double *high)
{
    *low = -RATE_UNSEEN;
    *high = RATE_UNSEEN;
    for (int i = 1; i < n; i++) {
        for (int k = 0; k < i; k++) {
            const struct filter_fence_post *a = &f->post[i], *b = &f->post[k];
            double dt = a->age - b->age, slack = strayed(d, a->age) + strayed(d, b->age);

            if (!(dt > 0))
                continue;
            *low = fmax(*low, (b->lower - a->upper - slack) / dt);
            *high = fmin(*high, (b->upper - a->lower + slack) / dt);
        }
    }
}

/* The present phase by the last n posts and the interval that was carried on. */
static bool meet(const struct filter_fence *f, const struct filter_fence_drift *d, int n,
                 double *lower, double *upper)
{
    double low, high;

    rates_through(f, d, n, &low, &high);
    *lower = f->lower;
    *upper = f->upper;
    for (int i = 0; i < n; i++) {
        const struct filter_fence_post *p = &f->post[i];

        *lower = fmax(*lower, p->lower + low * p->age - strayed(d, p->age));
        *upper = fmin(*upper, p->upper + high * p->age + strayed(d, p->age));
    }
    return low <= high && *lower <= *upper;
}

/* The newest becomes the first; the oldest go, and all that do not fit the new ones. */
static void remember(struct filter_fence *f, double lower, double upper,
                     const struct filter_fence_drift *d)
{
    if (f->posts == FILTER_FENCE_RECENT)
        f->posts--;
    memmove(f->post + 1, f->post, (size_t)f->posts * sizeof *f->post);
    f->post[0] = (struct filter_fence_post){lower, upper, 0};
    f->posts++;
    while (f->posts > 1 && !meet(f, d, f->posts, &lower, &upper))
        f->posts--;
    if (f->posts > 1) {
        f->lower = lower;
        f->upper = upper;
    }
}

enum filter_fence_says filter_fence_add(struct filter_fence *f, double up, double down,
                                        const struct filter_fence_drift *d)
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
        f->posts = 0;
    }
    f->known = true;
    f->lower = fmax(f->lower, lower);
    f->upper = fmin(f->upper, upper);
    remember(f, lower, upper, d);
    INVARIANT(f->lower <= f->upper && f->posts > 0 && f->posts <= FILTER_FENCE_RECENT);
    return says;
}

void filter_fence_shift(struct filter_fence *f, double by)
{
    f->lower += by;
    f->upper += by;
    for (int i = 0; i < f->posts; i++) {
        f->post[i].lower += by;
        f->post[i].upper += by;
    }
}

double filter_fence_within(const struct filter_fence *f, double phase)
{
    return fmin(fmax(phase, f->lower), f->upper);
}
