/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the filter: its grid of models, and what it makes of its first samples. */
#ifndef NTSC_FILTER_WORK_H
#define NTSC_FILTER_WORK_H

struct filter;
struct filter_grid;

#define FILTER_LEAST_VARIANCE 1e-18  /* one nanosecond squared */
#define FILTER_LONGEST_S      864000 /* after ten days of silence a prediction is worth nothing */

extern const struct filter_grid filter_grid;

/* Every model forgets its phase: it is z with variance r, the frequency is less sure by `sd`. */
void filter_relocate(struct filter *f, double z, double r, double sd);

/* The models anew, from the first n samples in f->first. */
void filter_start_over(struct filter *f, int n);

/* Standard deviation of the frequency's prior when the samples say that it is `found`. */
double filter_start_sd(const struct filter *f, double found);

/*
 * Mean excess of the way up over the FILTER_START first samples, as far as it can be told from the
 * way down; `scale` is that of both.
 */
double filter_start_up(const struct filter *f, double scale);

/* All models, dt >= 0 seconds later. */
void filter_predict_models(struct filter *f, double dt);

#endif
