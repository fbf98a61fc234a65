/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits on jointly normal scalars, matched by normal ones: expectation propagation. */
#ifndef NTSC_FILTER_EP_H
#define NTSC_FILTER_EP_H

/* A limit as if the scalar had been measured: value with variance; variance < 0: says nothing. */
struct filter_site {
    double value, variance;
};

/* Two jointly normal scalars: means, variances and covariance. */
struct filter_pair {
    double m1, m2, v1, c, v2;
};

/* s <= 0 for s ~ N(m, v), matched in its first two moments. Returns the log of P(s <= 0). */
double filter_ep_below(double m, double v, struct filter_site *site);

/* Both scalars <= 0, one site each. Returns the logarithm of the probability of both. */
double filter_ep_both(const struct filter_pair *q, struct filter_site site[2]);

/* Logarithm of the normal density with variance v at distance x from its mean. */
double filter_ep_log_normal(double x, double v);

#endif
