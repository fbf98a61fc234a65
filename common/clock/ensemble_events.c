/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to the clock, the machine and the network, and what it leaves of the sources'
 * knowledge. */
#include "common/clock/ensemble.h"

#include <math.h>

/* What a frequency may have changed by in days in which nobody saw it, s/s. */
#define UNSEEN 1e-6

void ensemble_forget(struct ensemble *e, unsigned i)
{
    filter_reset(&e->sources[i].filter);
    e->sources[i].has_sample = e->sources[i].interval.known = false;
    e->sources[i].fresh = 0;
    rate_range_break(&e->sources[i].rates);
}

void ensemble_doubt(struct ensemble *e)
{
    for (unsigned i = 0; i < e->n; i++)
        e->sources[i].fresh = 0;
}

void ensemble_moved(struct ensemble *e, unsigned i)
{
    struct filter *f = &e->sources[i].filter;
    struct filter_estimate est;

    if (filter_predict(f, f->at, &est))
        filter_init_frequency(f, est.frequency, hypot(sqrt(est.var_frequency), UNSEEN));
    ensemble_forget(e, i);
}

void ensemble_resumed(struct ensemble *e)
{
    for (unsigned i = 0; i < e->n; i++)
        ensemble_forget(e, i);
    discipline_resumed(&e->discipline);
}

void ensemble_leap(struct ensemble *e, int64_t ns)
{
    for (unsigned i = 0; i < e->n; i++) {
        struct ensemble_source *s = &e->sources[i];

        filter_shift(&s->filter, ns);
        s->interval.lo_ns = ns_add_sat(s->interval.lo_ns, ns);
        s->interval.hi_ns = ns_add_sat(s->interval.hi_ns, ns);
        rate_range_shift(&s->rates, ns);
    }
}
