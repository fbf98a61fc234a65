/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bank of hypotheses, one for each (wander of the oscillator, noise that the round trip does not
 * show, kind of the noise that it shows). Evidence weighs them, and neighbours exchange a little
 * weight at each step, so that what changes is learned anew.
 */
#ifndef NTSC_FILTER_BANK_H
#define NTSC_FILTER_BANK_H

#include "common/clock/filter_fence.h"
#include "common/clock/filter_noise.h"
#include "common/clock/filter_state.h"

enum {
    FILTER_WANDERS = 10,
    FILTER_HIDDENS = 9,
    FILTER_MODELS = FILTER_WANDERS * FILTER_HIDDENS * FILTER_KINDS,
};

/* s/s. No clock can be steered that is farther off: the kernel's tick is 10 ms +- 10 %. */
#define FILTER_RATE_MOST 0.11

/* s/s. Crystals without compensation are sold as within 20 ppm. */
#define FILTER_RATE_USUAL_SD 20e-6

/* Between two exchanges; 21 kB. */
struct filter_bank {
    struct filter_kept models[FILTER_MODELS];
};

/* Within one. */
struct filter_work {
    struct filter_state models[FILTER_MODELS];
};

/*
 * The phase is z with the variance r, the rate is `rate` with the standard deviation `sd`: but for
 * a few of the hypotheses, since some oscillators are far from what is usual.
 */
void filter_bank_start(struct filter_bank *b, double z, double r, double rate, double sd);

/*
 * When those few have won, as they do within the first samples if at all, the rate that they found
 * is everybody's, and the wander is as unknown as before. Returns whether it was so.
 */
bool filter_bank_spread(struct filter_bank *b);

/* dt >= 0 s later: neighbours mix, every hypothesis predicts. */
void filter_bank_predict(const struct filter_bank *b, struct filter_work *w, double dt);

/* One exchange with the middle z: every hypothesis learns, and is weighed. */
void filter_bank_observe(struct filter_work *w, double z, const struct filter_excess *e);

/* The route has changed, and this is added to the variance of the asymmetry. */
void filter_bank_unsettle(struct filter_work *w, double variance);

/* The asymmetry is known to be this, all else follows. */
void filter_bank_decide(struct filter_work *w, double asymmetry, double variance);

/* The route with this asymmetry is back. */
void filter_bank_settle(struct filter_work *w, double asymmetry, double variance);

/* The phase is z with the variance r, and the rate may have changed by `sd`. */
void filter_bank_place(struct filter_work *w, double z, double r, double sd);

/* Every hypothesis within the fence and sound; dt: since the last exchange, s. */
void filter_bank_confine(struct filter_work *w, const struct filter_fence *f, double dt);

/* Puts the hypotheses to rest. */
void filter_bank_keep(struct filter_work *w, struct filter_bank *b);

/* All phases are `by` s greater. */
void filter_bank_shift(struct filter_bank *b, double by);

/* Mean and covariance of all. */
void filter_bank_mean(const struct filter_bank *b, struct filter_state *mean);

/* Root of the mean square of the wander, s^-1/2, and the mean of its natural logarithm. */
double filter_bank_wander(const struct filter_bank *b, double *mean_log);

#endif
