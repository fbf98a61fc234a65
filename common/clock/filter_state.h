/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one hypothesis believes of an oscillator and the route to a server, as a normal
 * distribution, and the linear algebra on it. Nothing here knows a clock, a packet or a delay.
 */
#ifndef NTSC_FILTER_STATE_H
#define NTSC_FILTER_STATE_H

enum { FILTER_STATES = 4, FILTER_COVARIANCES = 10 };

/*
 * Phase: server time less raw clock, s. Rate: what it grows by in a second, s/s. Asymmetry of the
 * present route against the first one: half the difference of the two ways, s. Share: what part of
 * the excess round trip is error of the phase, -1/2 (all of it on the way down) to 1/2 (up).
 */
enum { FILTER_PHASE, FILTER_RATE, FILTER_ASYMMETRY, FILTER_SHARE };

/* Covariances: upper triangle in rows, of X phase, Y rate, D asymmetry, C share. */
enum {
    FILTER_XX,
    FILTER_XY,
    FILTER_XD,
    FILTER_XC,
    FILTER_YY,
    FILTER_YD,
    FILTER_YC,
    FILTER_DD,
    FILTER_DC,
    FILTER_CC,
};

struct filter_state {
    double m[FILTER_STATES];
    double p[FILTER_COVARIANCES];
    double weight;
};

/*
 * The same at rest. Seven digits are enough for a variance between two exchanges; what is small
 * beside something great is computed from the double one within an exchange.
 */
struct filter_kept {
    double m[FILTER_STATES];
    float p[FILTER_COVARIANCES];
    float weight;
};

/* No weight is below: it keeps its logarithm finite, and a float holds it. */
#define FILTER_WEIGHT_LEAST 1e-30

void filter_state_keep(const struct filter_state *g, struct filter_kept *out);

/*
 * The normal distribution with the moments of a mixture of n >= 1 states: from[i] is an index into
 * `old`, and brings part[i] of its weight. The weights' sum becomes the weight.
 */
void filter_state_mix(const struct filter_kept *old, const int *from, const double *part, int n,
                      struct filter_state *out);

/* dt >= 0 s later; the rate walks by `walk` [s^-1/2]. */
void filter_state_later(struct filter_state *g, double walk, double dt);

/*
 * A number y = phase + asymmetry + slope x share + noise was looked at, and `variance` > 0 is what
 * was believed of it. It moves by `by` of its standard deviations and keeps `left` (0..1) of its
 * variance; all that is correlated follows.
 */
void filter_state_see(struct filter_state *g, double slope, double variance, double by,
                      double left);

/* Variance of phase + asymmetry + slope x share. */
double filter_state_variance(const struct filter_state *g, double slope);

/* The phase is z with the variance r, and nothing else depends on it any more. */
void filter_state_place(struct filter_state *g, double z, double r);

/* Variances above what arithmetic can tell from none, correlations within -1..1. */
void filter_state_tidy(struct filter_state *g);

#endif
