/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one exchange says about the phase. It is only ever seen as the middle of the exchange,
 * z = (up - down) / 2: how far that may be off is read from the excess of the round trip over the
 * least one. A wrong least round trip so changes what a sample weighs, and moves no phase.
 *
 * No shape of the delays is assumed: three kinds of noise compete by evidence.
 */
#ifndef NTSC_FILTER_NOISE_H
#define NTSC_FILTER_NOISE_H

#include "common/clock/filter_state.h"

enum filter_kind {
    FILTER_UNIFORM, /* z is off by anything within +- e/2: two alike queues, and harmless for all */
    FILTER_SLOPE,   /* z is off by a learned share of e, else Gaussian: symmetric noise, one way */
    FILTER_TILTED,  /* as uniform, but the two ways have different typical excesses */
    FILTER_KINDS,
};

/* How long the queues are. */
struct filter_excess {
    double now;    /* of this exchange's round trip, > 0, s */
    double usual;  /* median, s */
    double way[2]; /* of the way up and the way down, mean if exponential, > 0, s */
};

/*
 * The middle of an exchange was z; `hidden` is the noise that the round trip does not show, s.
 * Returns the logarithm of the evidence. A sample that is too far off leaves the state alone, at
 * that price.
 */
double filter_noise_observe(struct filter_state *g, enum filter_kind kind, double hidden, double z,
                            const struct filter_excess *e);

#endif
