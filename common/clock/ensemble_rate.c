/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sources together say of the one oscillator that they watch. */
#include "common/clock/ensemble.h"

#include <math.h>

/* How far the rate can be from what the source says, by its own exchanges, s/s. */
static double own_reach(const struct ensemble_source *s)
{
    return rate_range_reach(&s->rates, s->estimate.frequency, sqrt(s->estimate.var_frequency));
}

/* Distances of a rate from what each source says, sorted: more than half of the voices are honest.
 */
struct distances {
    double d[SELECT_MAX];
    unsigned n;
};

static void add_distance(struct distances *all, double distance)
{
    unsigned k = all->n++;

    for (; k > 0 && all->d[k - 1] > distance; k--)
        all->d[k] = all->d[k - 1];
    all->d[k] = distance;
}

/* At least one of those with the smaller half of the distances is honest. */
static double honest_distance(const struct distances *all)
{
    return all->n > 0 ? all->d[all->n / 2] : RATE_UNSEEN;
}

/* A rate that is known so well, s/s, says something of what another source believes of its own. */
#define REACH_KNOWN (2 * RATE_DRIFT)

double ensemble_reach(const struct ensemble *e, const struct ensemble_source *s)
{
    double own = own_reach(s);
    struct distances all = {.n = 0};

    if (s->verdict.state == SELECT_FALSETICKER || s->verdict.state == SELECT_PROBATION)
        return own;
    for (unsigned i = 0; i < e->n; i++) {
        const struct ensemble_source *o = &e->sources[i];
        double reach = own_reach(o), away = fabs(o->estimate.frequency - s->estimate.frequency);

        if (o == s || o->verdict.state == SELECT_SELECTED)
            add_distance(&all, o != s && reach < REACH_KNOWN ? fmax(own, away + reach) : own);
    }
    return honest_distance(&all);
}

double ensemble_rate_reach(const struct ensemble *e)
{
    struct distances all = {.n = 0};

    for (unsigned i = 0; i < e->n; i++) {
        const struct ensemble_source *s = &e->sources[i];

        if (s->verdict.state == SELECT_SELECTED || s->verdict.state == SELECT_UNDECIDED)
            add_distance(&all, s->reach + fabs(s->claim.rate - e->result.rate));
    }
    return honest_distance(&all);
}
