/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the selection: the sources as claims and voices, and what is made of those who agree. */
#ifndef NTSC_SELECT_WORK_H
#define NTSC_SELECT_WORK_H

#include "common/base/time.h"
#include "common/clock/select.h"

#define SELECT_SD_FLOOR_S 1e-9 /* what no network clock is better than: keeps weights finite */

struct select_work {
    const struct select_input *in;
    unsigned n;
    unsigned voice[SELECT_MAX]; /* the lowest index among those who are one voice */
    int64_t lo[SELECT_MAX], hi[SELECT_MAX];
};

struct select_place {
    int64_t lo, hi; /* where the most voices agree */
    unsigned agreeing;
    unsigned loyal;   /* of the sources used the last time */
    double comfort;   /* share of the narrowest claim that the others leave of it */
    double precision; /* of the claims that hold it, 1 / s^2 */
    bool tied;        /* elsewhere as many others agree */
    bool ambiguous;   /* and neither the last time nor the comfort speaks for this place */
};

static inline double select_square(double x)
{
    return x * x;
}

static inline double select_at_least(double x, double low)
{
    return x > low ? x : low; /* low also for NaN */
}

static inline unsigned select_count_bits(uint64_t set)
{
    unsigned n = 0;

    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

static inline bool select_claims(const struct select_work *w, unsigned i, int64_t x)
{
    return w->in[i].reachable && w->lo[i] <= x && x <= w->hi[i];
}

static inline uint64_t select_voices_at(const struct select_work *w, int64_t x)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < w->n; i++) {
        if (select_claims(w, i, x))
            set |= UINT64_C(1) << w->voice[i];
    }
    return set;
}

/*
 * Combines the offsets and rates of those whose state is SELECT_SELECTED (at least one), fills
 * their weights, everybody's off_ns, and all of *r that holds with a majority only, but the leap.
 */
void select_combine(const struct select_work *w, const struct select_place *p,
                    struct select_output *out, struct select_result *r);

#endif
