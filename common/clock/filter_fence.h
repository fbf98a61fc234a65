/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the phase can be at all. Packets do not travel back in time: each exchange confines the
 * phase to -down..up, and what the oscillator may have done since then widens what earlier ones
 * said. Every estimate obeys, whatever it believes of noise, route and queues.
 *
 * Two memories make it. One interval is carried on for good, and widened by what is believed of the
 * rate. The last few exchanges are kept as they were, and nothing is believed: one rate, give or
 * take what an oscillator does, has to lead through all of them.
 */
#ifndef NTSC_FILTER_FENCE_H
#define NTSC_FILTER_FENCE_H

#include <stdbool.h>

/* So many contradictions in a row are no lies and no errors: the source's time has jumped. */
enum { FILTER_FENCE_JUMP = 4 };

/* Exchanges that are kept. */
enum { FILTER_FENCE_RECENT = 8 };

struct filter_fence_post {
    double lower, upper; /* the phase lay between them, s, */
    double age;          /* so many seconds ago */
};

struct filter_fence {
    double lower, upper; /* the phase lies between them, s; when `known` */
    bool known;
    int missed; /* exchanges in a row that contradict it */
    int posts;
    struct filter_fence_post post[FILTER_FENCE_RECENT]; /* latest first */
};

enum filter_fence_says {
    FILTER_FENCE_AGREES,
    FILTER_FENCE_CONTRADICTS, /* the exchange is to be ignored */
    FILTER_FENCE_MOVED,       /* once too often: the fence stands around this exchange alone */
};

/* What nobody has to see of an oscillator: s/s at once, and how its rate walks, s^-1/2. */
struct filter_fence_drift {
    double rate, walk;
};

/* dt s later: the oscillator's rate was at most `reach` from `rate` in the mean. */
void filter_fence_later(struct filter_fence *f, double rate, double reach, double dt);

/* One exchange: -down <= phase <= up, s. */
enum filter_fence_says filter_fence_add(struct filter_fence *f, double up, double down,
                                        const struct filter_fence_drift *d);

/* All phases are `by` s greater. */
void filter_fence_shift(struct filter_fence *f, double by);

/* The nearest phase within. */
double filter_fence_within(const struct filter_fence *f, double phase);

#endif
