/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_split.h"

#include <math.h>

#include "common/base/invariant.h"

/*
 * Both ways alike, one alone, the other alone: as probable as each other; and something else. A way
 * that has grown alone does so again: of a queue or a detour that grows by and by.
 */
static const double prior = 0.3, prior_else = 0.1;
static const double prior_again = 0.8, prior_other = 0.05;

/* A hypothesis that has so much of the probability is taken for the truth. */
static const double enough = 0.9;

/* Ways that are said to be alike differ by so much of the change. */
static const double alike = 0.01;

double filter_split_begin(struct filter_split *s, const struct filter_split_view *before,
                          double least, double by)
{
    /* asymmetries of 0 and +- by / 2 */
    double adds = 2 * (by / 2) * (by / 2) / 3;

    INVARIANT(before->variance >= 0 && least >= 0);
    s->before = before->mean;
    s->variance = before->variance + adds;
    s->least = least;
    s->open = true;
    return adds;
}

static double log_normal(double x, double variance)
{
    return -0.5 * (x * x / variance + log(variance));
}

bool filter_split_decide(struct filter_split *s, const struct filter_split_view *now, double least,
                         double error, struct filter_split_view *out)
{
    double by = least - s->least, spread = error * error + alike * alike * by * by;
    int rises = by > 0 ? 1 : -1, won = 0;
    double sum = prior_else, best = 0, at = 0;

    if (!s->open || !(by != 0))
        return false;
    for (int k = -1; k <= 1; k++) {
        double d = s->before + k * by / 2;
        /* what was seen since, as the ratio of posterior and prior density */
        double first = s->alone == 0 ? prior : k * rises == s->alone ? prior_again : prior_other;
        double p = first * exp(log_normal(d - now->mean, now->variance + spread) -
                               log_normal(d - s->before, s->variance));

        sum += p;
        if (p > best) {
            best = p;
            at = d;
            won = k * rises;
        }
    }
    if (best < enough * sum)
        return false;
    s->open = false;
    s->alone = won;
    *out = (struct filter_split_view){at, spread};
    return true;
}
