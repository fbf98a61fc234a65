/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first samples, before the path is known: Gaussian, and all of them anew with each.
 *
 * What was tried: share of the starts that take 6 s to stay within 1 ms at 1 ms of jitter; median
 * of that time at 10 ms up and 0.1 ms down (both 60 seeds); RMS error over the limit at 10 ms x
 * 1e-10 in the whole (24 seeds, of which one or two decide):
 *
 *   frequency 0 +- 50 ppm                                    88 %  421 s  1.26
 *   0 +- 20 ppm, with the tails of Student's t               97 %  446 s  1.32
 *   and the mean excess told apart for the two ways (this)   97 %  244 s  1.34
 *   this, and the first samples once more as boxes           97 %   86 s  1.58
 *   the same, but the models' weights as they were           97 %   86 s  1.62
 *
 * One or two of 24 seeds decide the last column: on 8 seeds this one gives 1.26.
 */
#include "common/clock/filter.h"
#include "common/clock/filter_work.h"

#include <math.h>

/* Rounds in which the prior of the frequency is found, and how wide it is in the first. */
enum { START_ROUNDS = 3, START_WIDE = 5 };

/*
 * Variance of one of the first offsets, from how far its delay lies above the least one. With
 * queueing only, an excess e confines the error to +-e/2; the least of n delays is itself above
 * the true one by about b, and by something even when few delays agree by chance.
 */
static double start_variance(const struct filter *f, int n, double least, double mean, int i)
{
    double b, excess = f->first[i].delay;

    if (n == 1)
        return excess * excess / 12 + FILTER_LEAST_VARIANCE;
    b = (mean - least) * n / (n - 1) / 2 * sqrt(M_PI / (2 * n)) * (1 + 4.0 / (n * n));
    b = fmax(b, 0.02 * least / (n * n));
    excess += b - least;
    return (excess * excess + b * b) / 12 + FILTER_LEAST_VARIANCE;
}

static void add_gaussian(struct filter *f, double z, double r, double delay, double dt)
{
    double evidence[FILTER_MODELS], nu;
    struct filter_model mean;

    filter_predict_models(f, dt);
    filter_bank_mean(f->models, &filter_grid, 0, &mean);
    nu = z - mean.m[0];
    if (nu * nu > 25 * (mean.p[FILTER_XX] + delay * delay / 12)) {
        filter_relocate(f, z, r, nu / dt); /* a frequency beyond all expectation, or a jump */
        return;
    }
    filter_bank_observe(f->models, &filter_grid, z, r, evidence);
    filter_bank_weigh(f->models, &filter_grid, evidence);
}

/* All samples so far with this prior of the frequency; returns what they make of it. */
static double run_first(struct filter *f, int n, double sd)
{
    struct filter_model start = {.m = {f->first[0].z, f->frequency, 0}}, mean;

    start.p[FILTER_XX] = start_variance(f, n, f->least, f->mean, 0);
    start.p[FILTER_YY] = sd * sd;
    filter_bank_init(f->models, &filter_grid, &start);
    for (int i = 1; i < n; i++)
        add_gaussian(f, f->first[i].z, start_variance(f, n, f->least, f->mean, i),
                     f->first[i].delay,
                     fmin(f->first[i].at - f->first[i - 1].at, FILTER_LONGEST_S));
    filter_bank_mean(f->models, &filter_grid, 0, &mean);
    return mean.m[1];
}

/*
 * Most oscillators are within 20 ppm and few are far off: the frequency's prior has the tails of
 * Student's t with 3 degrees of freedom, as the normal one that fits what was found.
 */
double filter_start_sd(const struct filter *f, double found)
{
    double off = (found - f->frequency) / f->frequency_sd;

    return f->frequency_sd * sqrt(fmax((3 + off * off) / 4, 1));
}

/*
 * All samples so far, in the light of what the latest one tells of the delays, and of what they
 * tell of the frequency, beginning with a wide prior.
 */
void filter_start_over(struct filter *f, int n)
{
    double least = f->first[0].delay, mean = 0, sd = START_WIDE * f->frequency_sd;

    for (int i = 0; i < n; i++) {
        least = fmin(least, f->first[i].delay);
        mean += f->first[i].delay / n;
    }
    f->least = least;
    f->mean = mean;
    for (int round = 0; round < START_ROUNDS; round++) {
        sd = filter_start_sd(f, run_first(f, n, sd));
    }
    run_first(f, n, sd);
}

/* Mean excess of the way up over the first samples, as far as it can be told from the way down. */
double filter_start_up(const struct filter *f, double scale)
{
    double up = 0, last = f->first[FILTER_START - 1].at;
    struct filter_model mean;

    filter_bank_mean(f->models, &filter_grid, 0, &mean);
    for (int i = 0; i < FILTER_START; i++) {
        const struct filter_first *s = &f->first[i];
        double off = s->z - mean.m[0] - mean.m[1] * (s->at - last);
        double half = (s->delay - f->least) / 2;

        up += fmin(fmax(half + off, 0), 2 * half) / FILTER_START;
    }
    return fmin(fmax(up, 0.1 * scale), 1.9 * scale);
}
