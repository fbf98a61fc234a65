/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the phase can be at all. Packets do not travel back in time: each exchange confines the
 * phase to -down..up, and what the oscillator may have done since then widens what earlier ones
 * said. Every estimate obeys, whatever it believes of noise, route and queues.
 */
#ifndef NTSC_FILTER_FENCE_H
#define NTSC_FILTER_FENCE_H

#include <stdbool.h>

/* So many contradictions in a row are no lies and no errors: the source's time has jumped. */
enum { FILTER_FENCE_JUMP = 4 };

struct filter_fence {
    double lower, upper; /* the phase lies between them, s; when `known` */
    bool known;
    int missed; /* exchanges in a row that contradict it */
};

enum filter_fence_says {
    FILTER_FENCE_AGREES,
    FILTER_FENCE_CONTRADICTS, /* the exchange is to be ignored */
    FILTER_FENCE_MOVED,       /* once too often: the fence stands around this exchange alone */
};

/* What the oscillator may have done in dt s: the rate is believed to be rate +- 5 sd. */
void filter_fence_later(struct filter_fence *f, double rate, double sd, double dt);

/* One exchange: -down <= phase <= up, s. */
enum filter_fence_says filter_fence_add(struct filter_fence *f, double up, double down);

/* The nearest phase within. */
double filter_fence_within(const struct filter_fence *f, double phase);

#endif
