/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one exchange says about (phase, base delay) when delays only ever add: the two one-way
 * delays are at least the base, so that phase + noise lies in a box, and their densities tilt it.
 */
#ifndef NTSC_FILTER_BOX_H
#define NTSC_FILTER_BOX_H

#include "common/clock/filter_bank.h"

#include <stdbool.h>

/* One exchange, all in seconds relative to the models' own reference. */
struct filter_box {
    double upper;    /* phase + noise + base <= upper */
    double lower;    /* phase + noise - base >= lower */
    double scale[2]; /* typical excess of the way up and of the way down, > 0 */
    double tail[2];  /* shape of the Lomax density of the excess; INFINITY: exponential */
};

/* What a model came to believe: the excess of each way [s], or that it cannot explain the sample.
 */
struct filter_excess {
    double up, down;
    bool missed;
};

/*
 * Updates one model, whose hidden noise is `hidden` [s], and tells the expected excess. Returns the
 * logarithm of the evidence. A sample that the model cannot explain (14 nats below what the delay
 * alone makes probable) is an outlier to it: it is left alone, at that price.
 */
double filter_box_update(struct filter_model *g, const struct filter_box *box, double hidden,
                         struct filter_excess *excess);

/* Logarithm of the density of an excess e >= 0 relative to that of none, and its slope -d/de. */
double filter_box_density(double e, double scale, double tail, double *slope);

#endif
