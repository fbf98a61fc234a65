/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interacting multiple models: small Kalman filters of the free oscillator, side by side, one for
 * each pair of (oscillator wander, hidden noise); evidence weighs them, and neighbours on the grid
 * exchange a little weight at each step, so that the answer may change with the world.
 *
 * State of each: phase [s], frequency [s/s], base delay [s], the last relative to whatever its
 * owner says. A base delay of variance 0 makes it the plain filter of phase and frequency.
 */
#ifndef NTSC_FILTER_BANK_H
#define NTSC_FILTER_BANK_H

enum { FILTER_BANK_MAX = 100 };

/* Covariance of (phase, frequency, base) as the upper triangle in rows. */
enum { FILTER_XX, FILTER_XY, FILTER_XB, FILTER_YY, FILTER_YB, FILTER_BB };

struct filter_model {
    double m[3];
    double p[6];
    double weight;
};

/* The grid: model i has wander[i / hiddens] [s^-1/2] and hidden[i % hiddens] [s]. */
struct filter_grid {
    const double *wander;
    const double *hidden;
    int wanders;
    int hiddens;
    double exchange; /* share of weight that a model gives to its neighbours at each step */
    double leap;     /* and to the model of greatest wander: a jump of the frequency */
};

/* All models at `phase` and `frequency` with these variances, base 0, and equal weights. */
void filter_bank_init(struct filter_model *models, const struct filter_grid *grid,
                      const struct filter_model *start);

/*
 * One step: neighbours mix, then every model predicts over dt >= 0 seconds. Weights are left as
 * the prior probabilities of the models. `before` has room for as many models, and gets those of
 * before.
 */
void filter_bank_predict(struct filter_model *models, struct filter_model *before,
                         const struct filter_grid *grid, double dt);

/*
 * The phase was seen to be z with variance r [s^2], to which each model adds its hidden noise.
 * Puts the logarithm of the evidence into evidence[i].
 */
void filter_bank_observe(struct filter_model *models, const struct filter_grid *grid, double z,
                         double r, double *evidence);

/* Weights from prior weights and the logarithms of the evidence; never all zero. */
void filter_bank_weigh(struct filter_model *models, const struct filter_grid *grid,
                       const double *evidence);

/*
 * Mean and covariance of the mixture, dt >= 0 seconds later, into `out` (its weight is 1).
 */
void filter_bank_mean(const struct filter_model *models, const struct filter_grid *grid, double dt,
                      struct filter_model *out);

/* Makes the covariance positive definite where rounding broke it; `safe` replaces what is no
 * number. */
void filter_model_repair(struct filter_model *g, const struct filter_model *safe);

/* One model, dt seconds later, with wander w. */
void filter_model_predict(struct filter_model *g, double w, double dt);

#endif
