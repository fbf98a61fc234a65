/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a change of the round trip splits over the two ways. Nobody tells; but routes mostly change
 * both ways alike, or one alone, and the oscillator that goes on as before shows which. Until it
 * does, the asymmetry is a normal number; then it is what that hypothesis says.
 */
#ifndef NTSC_FILTER_SPLIT_H
#define NTSC_FILTER_SPLIT_H

#include <stdbool.h>

/* A change that is not understood yet. */
struct filter_split {
    double before;   /* asymmetry believed before it, s */
    double variance; /* of the asymmetry behind it, nothing being known, s^2 */
    double least;    /* round trip before it, s */
    int alone;       /* of the last one that was understood: 1 the way up alone, -1 down, 0 both */
    bool open;
};

/* What is known of the asymmetry: a mean and a variance, s and s^2. */
struct filter_split_view {
    double mean, variance;
};

/* The round trip was `least` and changes by `by`; returns the variance that this adds. */
double filter_split_begin(struct filter_split *s, const struct filter_split_view *before,
                          double least, double by);

/*
 * The asymmetry is now believed to be `now`, the round trip is at least `least`, give or take
 * `error`. When one hypothesis has won, fills *out with the asymmetry that it says, and returns
 * true.
 */
bool filter_split_decide(struct filter_split *s, const struct filter_split_view *now, double least,
                         double error, struct filter_split_view *out);

#endif
