/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_noise.h"

#include <math.h>
#include <stdbool.h>

#include "common/base/interval.h"
#include "common/base/invariant.h"

/* Logarithm of the ratio of the densities at the two ends of a box; with 10 it is too blunt. */
static const double tilt_most = 40;

/* An excess of more usual ones than this is an event: nobody knows which way was long. */
static const double tilt_until = 6;
static const double slope_until = 3; /* and half of what lies beyond is added to the noise */

/* Squared deviations, 6 x 6: cures single lies within the interval and costs nothing elsewhere. */
static const double outlier = 36;

#define LOG_SQRT_2PI 0.918938533204673
#define SQRT_2PI     2.5066282746310002

/* A density whose logarithm changes by less from end to end is level: the formula would divide 0 by
 * 0. */
static const double level = 1e-3;

/*
 * Deviations: a box that is narrower is a point beside the prior, and one beyond the last of them
 * has a share of the normal distribution that is too small to be divided by.
 */
static const double narrowest = 0.3, tail = 6;

/* Of the variance, at least so much is left: rounding may say none, or less. */
static const double left_least = 1e-9;

static double density(double a)
{
    return exp(-a * a / 2) / SQRT_2PI;
}

static double below(double a)
{
    return 0.5 * erfc(-a * M_SQRT1_2);
}

/*
 * z is off by anything within +- e/2, where the density changes with exp(tilt x error): the product
 * with the normal prior is a normal one, moved by the tilt and cut off at both ends, of which the
 * first two moments are kept. Returns false when the box is so narrow or so far away that it is a
 * Gaussian measurement.
 */
static bool observe_box(struct filter_state *g, double v, double off, double e, double tilt,
                        double *evidence)
{
    double sd = sqrt(v), shift = 0, l = -log(e), a, b, sign = 1, all, pa, pb, mean, left, steep;

    tilt = fmin(fmax(tilt, -tilt_most / e), tilt_most / e);
    steep = fabs(tilt) * e;
    if (steep > level) {
        shift = -tilt * sd;
        l = tilt * off + tilt * tilt * v / 2 - steep / 2 - log((1 - exp(-steep)) / fabs(tilt));
    }
    a = (off - e / 2) / sd - shift;
    b = (off + e / 2) / sd - shift;
    if (a > 0) { /* mirrored: no difference of two numbers near 1 */
        double c = a;

        a = -b;
        b = -c;
        sign = -1;
    }
    if (!(b - a > narrowest && b > -tail && fabs(shift) < tail))
        return false;
    all = below(b) - below(a);
    pa = density(a);
    pb = density(b);
    mean = (pa - pb) / all;
    left = fmin(fmax(1 + (a * pa - b * pb) / all - mean * mean, left_least), 1);
    filter_state_see(g, 0, v, sign * mean + shift, left);
    *evidence = l + log(all);
    return true;
}

double filter_noise_observe(struct filter_state *g, enum filter_kind kind, double hidden, double z,
                            const struct filter_excess *e)
{
    double off = z - g->m[FILTER_PHASE] - g->m[FILTER_ASYMMETRY], slope = 0, v, evidence, tilt = 0;

    if (kind == FILTER_SLOPE) {
        double more = fmax(0, e->now - slope_until * e->usual);

        slope = e->now - more;
        off -= slope * g->m[FILTER_SHARE];
        v = filter_state_variance(g, slope) + hidden * hidden + more * more / 4;
    } else {
        v = filter_state_variance(g, 0) + hidden * hidden;
        if (kind == FILTER_TILTED && e->now < tilt_until * e->usual)
            tilt = 1 / e->way[1] - 1 / e->way[0];
        if (observe_box(g, v, off, e->now, tilt, &evidence))
            return evidence;
        v += e->now * e->now / INTERVAL_UNIFORM;
    }
    INVARIANT(v > 0);
    if (off * off < outlier * v)
        filter_state_see(g, slope, v, off / sqrt(v), 0);
    return -0.5 * (fmin(off * off / v, outlier) + log(v)) - LOG_SQRT_2PI;
}
