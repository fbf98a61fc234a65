/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_state.h"

#include <math.h>
#include <string.h>

#include "common/base/invariant.h"

/* A nanosecond, 10^-13, none (no route has changed yet), and a ten-thousandth. */
static const double least_variance[FILTER_STATES] = {1e-18, 1e-26, 0, 1e-8};
static const int diagonal[FILTER_STATES] = {FILTER_XX, FILTER_YY, FILTER_DD, FILTER_CC};

/*
 * Variance by which the share walks at each sample: it is learned anew in some thousand. It stops
 * at that of a share of which nothing is known.
 */
static const double share_walk = 1e-6;
static const double share_unknown = 1.0 / 12;

void filter_state_keep(const struct filter_state *g, struct filter_kept *out)
{
    memcpy(out->m, g->m, sizeof out->m);
    for (int i = 0; i < FILTER_COVARIANCES; i++)
        out->p[i] = (float)g->p[i];
    out->weight = (float)fmax(g->weight, FILTER_WEIGHT_LEAST);
}

void filter_state_mix(const struct filter_kept *old, const int *from, const double *part, int n,
                      struct filter_state *out)
{
    double d[FILTER_STATES];

    memset(out, 0, sizeof *out);
    for (int i = 0; i < n; i++)
        out->weight += part[i] * (double)old[from[i]].weight;
    out->weight = fmax(out->weight, FILTER_WEIGHT_LEAST);
    for (int i = 0; i < n; i++) {
        double share = part[i] * (double)old[from[i]].weight / out->weight;

        for (int a = 0; a < FILTER_STATES; a++)
            out->m[a] += share * old[from[i]].m[a];
    }
    for (int i = 0; i < n; i++) {
        const struct filter_kept *g = &old[from[i]];
        double share = part[i] * (double)g->weight / out->weight;

        for (int a = 0; a < FILTER_STATES; a++)
            d[a] = g->m[a] - out->m[a];
        for (int a = 0, c = 0; a < FILTER_STATES; a++)
            for (int b = a; b < FILTER_STATES; b++, c++)
                out->p[c] += share * ((double)g->p[c] + d[a] * d[b]);
    }
}

void filter_state_later(struct filter_state *g, double walk, double dt)
{
    double *p = g->p, q = walk * walk;

    INVARIANT(dt >= 0);
    g->m[FILTER_PHASE] += g->m[FILTER_RATE] * dt;
    p[FILTER_XX] += 2 * dt * p[FILTER_XY] + dt * dt * p[FILTER_YY] + q * dt * dt * dt / 3;
    p[FILTER_XY] += dt * p[FILTER_YY] + q * dt * dt / 2;
    p[FILTER_XD] += dt * p[FILTER_YD];
    p[FILTER_XC] += dt * p[FILTER_YC];
    p[FILTER_YY] += q * dt;
    if (p[FILTER_CC] < share_unknown)
        p[FILTER_CC] += share_walk;
}

double filter_state_variance(const struct filter_state *g, double slope)
{
    const double *p = g->p;

    return p[FILTER_XX] + 2 * p[FILTER_XD] + p[FILTER_DD] +
           2 * slope * (p[FILTER_XC] + p[FILTER_DC]) + slope * slope * p[FILTER_CC];
}

void filter_state_see(struct filter_state *g, double slope, double variance, double by, double left)
{
    double *p = g->p, sd = sqrt(variance), lost = (1 - left) / variance;
    /* covariance of each member with what was looked at */
    double c[FILTER_STATES] = {p[FILTER_XX] + p[FILTER_XD] + slope * p[FILTER_XC],
                               p[FILTER_XY] + p[FILTER_YD] + slope * p[FILTER_YC],
                               p[FILTER_XD] + p[FILTER_DD] + slope * p[FILTER_DC],
                               p[FILTER_XC] + p[FILTER_DC] + slope * p[FILTER_CC]};

    INVARIANT(variance > 0 && left >= 0 && left <= 1);
    for (int a = 0; a < FILTER_STATES; a++)
        g->m[a] += c[a] / sd * by;
    for (int a = 0, i = 0; a < FILTER_STATES; a++)
        for (int b = a; b < FILTER_STATES; b++, i++)
            p[i] -= lost * c[a] * c[b];
}

void filter_state_place(struct filter_state *g, double z, double r)
{
    g->m[FILTER_PHASE] = z;
    g->p[FILTER_XX] = r;
    g->p[FILTER_XY] = g->p[FILTER_XD] = g->p[FILTER_XC] = 0;
}

void filter_state_tidy(struct filter_state *g)
{
    double *p = g->p;

    g->m[FILTER_SHARE] = fmin(fmax(g->m[FILTER_SHARE], -0.5), 0.5);
    for (int a = 0; a < FILTER_STATES; a++)
        p[diagonal[a]] = fmax(p[diagonal[a]], least_variance[a]);
    for (int a = 0, c = 0; a < FILTER_STATES; a++)
        for (int b = a; b < FILTER_STATES; b++, c++) {
            double most = sqrt(p[diagonal[a]] * p[diagonal[b]]);

            if (a != b)
                p[c] = fmin(fmax(p[c], -most), most);
        }
    INVARIANT(p[FILTER_XX] > 0 && p[FILTER_YY] > 0 && p[FILTER_DD] >= 0 && p[FILTER_CC] > 0);
}
