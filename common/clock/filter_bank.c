/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_bank.h"

#include <math.h>
#include <string.h>

static const double tiny = 1e-300;

void filter_bank_init(struct filter_model *models, const struct filter_grid *grid,
                      const struct filter_model *start)
{
    int n = grid->wanders * grid->hiddens;

    for (int i = 0; i < n; i++) {
        models[i] = *start;
        models[i].weight = 1.0 / n;
    }
}

enum { NEAR_MAX = 5 + FILTER_BANK_MAX };

/* The models next to i on the grid; returns how many. */
static int neighbours(const struct filter_grid *grid, int i, int *near)
{
    int a = i / grid->hiddens, b = i % grid->hiddens, n = 0;

    if (a > 0)
        near[n++] = i - grid->hiddens;
    if (a < grid->wanders - 1)
        near[n++] = i + grid->hiddens;
    if (b > 0)
        near[n++] = i - 1;
    if (b < grid->hiddens - 1)
        near[n++] = i + 1;
    return n;
}

/* Share of its weight that model i keeps, and that it gives to each neighbour. */
static double keeps(const struct filter_grid *grid, int i, double *gives)
{
    int near[4], n = neighbours(grid, i, near);
    double stay = 1;

    *gives = 0;
    if (n > 0) {
        *gives = grid->exchange / n;
        stay -= grid->exchange;
    }
    return i / grid->hiddens < grid->wanders - 1 ? stay - grid->leap : stay;
}

/* Those that may turn into model j, and the weight that each brings; returns how many. */
static int sources(const struct filter_model *old, const struct filter_grid *grid, int j,
                   int near[NEAR_MAX], double share[NEAR_MAX])
{
    int n = neighbours(grid, j, near);
    double gives;

    for (int k = 0; k < n; k++) {
        keeps(grid, near[k], &gives);
        share[k] = old[near[k]].weight * gives;
    }
    near[n] = j;
    share[n] = old[j].weight * keeps(grid, j, &gives);
    n++;
    if (grid->leap <= 0 || j / grid->hiddens < grid->wanders - 1)
        return n;
    for (int i = j - grid->hiddens; i >= 0; i -= grid->hiddens, n++) {
        near[n] = i;
        share[n] = old[i].weight * grid->leap;
    }
    return n;
}

/* Model j becomes the mixture of those that may have turned into it. */
static void mix_one(const struct filter_model *old, const struct filter_grid *grid, int j,
                    struct filter_model *out)
{
    int near[NEAR_MAX];
    double share[NEAR_MAX];
    int n = sources(old, grid, j, near, share);

    memset(out, 0, sizeof *out);
    for (int k = 0; k < n; k++)
        out->weight += share[k];
    out->weight = fmax(out->weight, tiny);
    for (int k = 0; k < n; k++) {
        share[k] /= out->weight;
        for (int a = 0; a < 3; a++)
            out->m[a] += share[k] * old[near[k]].m[a];
    }
    for (int k = 0; k < n; k++) {
        const struct filter_model *g = &old[near[k]];
        double d[3] = {0};

        for (int a = 0; a < 3; a++)
            d[a] = g->m[a] - out->m[a];
        for (int a = 0, c = 0; a < 3; a++)
            for (int b = a; b < 3; b++, c++)
                out->p[c] += share[k] * (g->p[c] + d[a] * d[b]);
    }
}

/* Is the covariance positive definite? Cholesky's decomposition tells. */
static int is_sound(const double *p)
{
    double yy, yb, bb;

    if (!(p[FILTER_XX] > 0))
        return 0;
    yy = p[FILTER_YY] - p[FILTER_XY] * p[FILTER_XY] / p[FILTER_XX];
    yb = p[FILTER_YB] - p[FILTER_XY] * p[FILTER_XB] / p[FILTER_XX];
    bb = p[FILTER_BB] - p[FILTER_XB] * p[FILTER_XB] / p[FILTER_XX];
    return yy > 0 && bb - yb * yb / yy > 0;
}

void filter_model_repair(struct filter_model *g, const struct filter_model *safe)
{
    double *p = g->p, sum = g->m[0] + g->m[1] + g->m[2];

    for (int c = 0; c < 6; c++)
        sum += p[c];
    if (!isfinite(sum)) {
        double w = g->weight;

        *g = *safe;
        g->weight = w;
        return;
    }
    /* a nanosecond, 10^-13, and a tenth of a nanosecond */
    p[FILTER_XX] = fmax(p[FILTER_XX], 1e-18);
    p[FILTER_YY] = fmax(p[FILTER_YY], 1e-26);
    p[FILTER_BB] = fmax(p[FILTER_BB], 1e-20);
    for (int i = 0; i < 500 && !is_sound(p); i++) {
        p[FILTER_XY] *= 0.9;
        p[FILTER_XB] *= 0.9;
        p[FILTER_YB] *= 0.9;
    }
}

void filter_model_predict(struct filter_model *g, double w, double dt)
{
    double q = w * w, *p = g->p;

    g->m[0] += g->m[1] * dt;
    p[FILTER_XX] += 2 * dt * p[FILTER_XY] + dt * dt * p[FILTER_YY] + q * dt * dt * dt / 3;
    p[FILTER_XY] += dt * p[FILTER_YY] + q * dt * dt / 2;
    p[FILTER_XB] += dt * p[FILTER_YB];
    p[FILTER_YY] += q * dt;
}

void filter_bank_predict(struct filter_model *models, struct filter_model *before,
                         const struct filter_grid *grid, double dt)
{
    int n = grid->wanders * grid->hiddens;

    memcpy(before, models, (size_t)n * sizeof *before);
    for (int j = 0; j < n; j++) {
        mix_one(before, grid, j, &models[j]);
        filter_model_predict(&models[j], grid->wander[j / grid->hiddens], dt);
    }
}

void filter_bank_observe(struct filter_model *models, const struct filter_grid *grid, double z,
                         double r, double *evidence)
{
    int n = grid->wanders * grid->hiddens;

    for (int i = 0; i < n; i++) {
        struct filter_model *g = &models[i];
        double h = grid->hidden[i % grid->hiddens];
        double noise = r + h * h, nu = z - g->m[0], s = g->p[FILTER_XX] + noise;
        double ky = g->p[FILTER_XY] / s, kb = g->p[FILTER_XB] / s;

        g->m[0] += g->p[FILTER_XX] / s * nu;
        g->m[1] += ky * nu;
        g->m[2] += kb * nu;
        g->p[FILTER_YY] -= ky * g->p[FILTER_XY];
        g->p[FILTER_YB] -= ky * g->p[FILTER_XB];
        g->p[FILTER_BB] -= kb * g->p[FILTER_XB];
        /* not p - k p: that loses everything when the prior is wide */
        g->p[FILTER_XX] *= noise / s;
        g->p[FILTER_XY] *= noise / s;
        g->p[FILTER_XB] *= noise / s;
        evidence[i] = -0.5 * (nu * nu / s + log(s));
    }
}

void filter_bank_weigh(struct filter_model *models, const struct filter_grid *grid,
                       const double *evidence)
{
    int n = grid->wanders * grid->hiddens;
    double best = -INFINITY, sum = 0;

    for (int i = 0; i < n; i++) {
        double e = isfinite(evidence[i]) ? evidence[i] : -1e9;

        models[i].weight = log(fmax(models[i].weight, tiny)) + e;
        best = fmax(best, models[i].weight);
    }
    for (int i = 0; i < n; i++) {
        models[i].weight = exp(models[i].weight - best);
        sum += models[i].weight;
    }
    for (int i = 0; i < n; i++)
        models[i].weight /= sum;
}

void filter_bank_mean(const struct filter_model *models, const struct filter_grid *grid, double dt,
                      struct filter_model *out)
{
    int n = grid->wanders * grid->hiddens;
    double square = 0;

    memset(out, 0, sizeof *out);
    for (int i = 0; i < n; i++)
        for (int a = 0; a < 3; a++)
            out->m[a] += models[i].weight * models[i].m[a];
    for (int i = 0; i < n; i++) {
        const struct filter_model *g = &models[i];
        double w = grid->wander[i / grid->hiddens], d[3];

        for (int a = 0; a < 3; a++)
            d[a] = g->m[a] - out->m[a];
        for (int a = 0, c = 0; a < 3; a++)
            for (int b = a; b < 3; b++, c++)
                out->p[c] += g->weight * (g->p[c] + d[a] * d[b]);
        square += g->weight * w * w;
    }
    out->weight = 1;
    /* Prediction is linear in moments and squared wander: that of the mixture is that of all. */
    if (dt > 0)
        filter_model_predict(out, sqrt(square), dt);
}
