/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_box.h"

#include "common/clock/filter_ep.h"

#include <math.h>
#include <string.h>

/* Log evidence of a sample that a model cannot explain, relative to one that it explains. */
static const double miss = -14;

/* The excess, in scales, up to which the exponential density is believed. */
static const double knee = 10;

double filter_box_density(double e, double scale, double tail, double *slope)
{
    /* no queue is exponential for ever: beyond the knee as heavy as a Lomax of shape 1 */
    if (isinf(tail) && e > knee * scale) {
        double beyond = e - knee * scale + 2 * scale;

        *slope = 2 / beyond;
        return -knee - 2 * log(beyond / (2 * scale));
    }
    if (isinf(tail)) {
        *slope = 1 / scale;
        return -e / scale;
    }
    *slope = (tail + 1) / (scale + e);
    return -(tail + 1) * log1p(e / scale);
}

/* Phase, frequency, base, noise. */
struct state {
    double m[4];
    double p[4][4];
};

static void expand(const struct filter_model *g, double hidden, struct state *s)
{
    memset(s, 0, sizeof *s);
    memcpy(s->m, g->m, sizeof g->m);
    for (int a = 0, c = 0; a < 3; a++)
        for (int b = a; b < 3; b++, c++)
            s->p[a][b] = s->p[b][a] = g->p[c];
    s->p[3][3] = hidden * hidden;
}

static void collapse(const struct state *s, struct filter_model *g)
{
    memcpy(g->m, s->m, sizeof g->m);
    for (int a = 0, c = 0; a < 3; a++)
        for (int b = a; b < 3; b++, c++)
            g->p[c] = s->p[a][b];
}

/* Kalman update: (phase_part * (phase + noise) + base_part * base) was measured as site says. */
static void apply(struct state *s, double phase_part, double base_part,
                  const struct filter_site *site)
{
    double h[4], k[4], nu, v;

    if (site->variance < 0)
        return;
    for (int a = 0; a < 4; a++)
        h[a] = phase_part * (s->p[a][0] + s->p[a][3]) + base_part * s->p[a][2];
    nu = site->value - phase_part * (s->m[0] + s->m[3]) - base_part * s->m[2];
    v = phase_part * (h[0] + h[3]) + base_part * h[2] + site->variance;
    for (int a = 0; a < 4; a++) {
        k[a] = h[a] / v;
        s->m[a] += k[a] * nu;
    }
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
            s->p[a][b] -= k[a] * h[b];
}

/* Multiplies by exp of the log density of both excesses, taken as linear around the box. */
static double tilt(struct state *s, const struct filter_box *box)
{
    double z = s->m[0] + s->m[3], base = s->m[2], slope_up, slope_down, l, gz, gb, hz[4] = {0};
    double hi = box->upper - base, lo = box->lower + base, mid = (box->upper + box->lower) / 2;
    double at = hi > lo ? fmin(fmax(z, lo), hi) : mid;

    l = filter_box_density(fmax(hi - at, 0), box->scale[0], box->tail[0], &slope_up);
    l += filter_box_density(fmax(at - lo, 0), box->scale[1], box->tail[1], &slope_down);
    gz = slope_up - slope_down;
    gb = slope_up + slope_down;
    l += gz * (z - at);
    for (int a = 0; a < 4; a++) {
        hz[a] = gz * (s->p[a][0] + s->p[a][3]) + gb * s->p[a][2];
        s->m[a] += hz[a];
    }
    return l + 0.5 * (gz * (hz[0] + hz[3]) + gb * hz[2]);
}

/* The prior is not wide compared to the box. Returns the logarithm of the evidence. */
static double narrow(struct state *s, const struct filter_box *box)
{
    struct filter_site site[2];
    struct filter_pair q;
    double vz, c, vb, l = tilt(s, box);

    vz = s->p[0][0] + 2 * s->p[0][3] + s->p[3][3];
    vb = s->p[2][2];
    c = s->p[0][2] + s->p[3][2];
    q.m1 = s->m[0] + s->m[3] + s->m[2] - box->upper;
    q.m2 = box->lower + s->m[2] - (s->m[0] + s->m[3]);
    q.v1 = vz + 2 * c + vb;
    q.v2 = vz - 2 * c + vb;
    q.c = vb - vz;
    l += filter_ep_both(&q, site);
    site[0].value += box->upper;
    site[1].value -= box->lower;
    apply(s, 1, 1, &site[0]);
    apply(s, -1, 1, &site[1]);
    return l;
}

/* Log density of the excesses where they fit worst: less than that is for the phase to explain. */
static double explained(const struct filter_box *box, double base)
{
    double e = fmax(box->upper - box->lower - 2 * base, 0), none, worst = INFINITY;

    for (int part = 0; part <= 2; part++) {
        double l = filter_box_density(e * part / 2, box->scale[0], box->tail[0], &none) +
                   filter_box_density(e - e * part / 2, box->scale[1], box->tail[1], &none);

        worst = fmin(worst, l);
    }
    return worst;
}

/* Mean and variance of exp(g z) on [-w/2, w/2]; returns the logarithm of its integral. */
static double exponential_moments(double g, double w, double *mean, double *variance)
{
    double k = fabs(g) * w, sign = g < 0 ? -1 : 1, rest;

    if (k < 0.02) {
        *mean = g * w * w / 12;
        *variance = w * w / 12;
        return log(w);
    }
    rest = exp(-k);
    *mean = sign * w * (0.5 - 1 / k + rest / (1 - rest));
    *variance = w * w * (1 / (k * k) - rest / ((1 - rest) * (1 - rest)));
    return k / 2 + log(w * (1 - rest) / k);
}

/*
 * The prior is wide compared to the box: the box becomes a measurement of phase and noise, and the
 * round trip alone, whose density is that of the sum of two excesses, speaks of the base.
 */
static double wide(struct state *s, const struct filter_box *box)
{
    double room = (box->upper - box->lower) / 2, e, w, l, slope[2], gb, pb[4], mean, variance;
    struct filter_site site;

    e = fmax(2 * (room - s->m[2]), 2 * sqrt(s->p[2][2]));
    l = filter_box_density(e / 2, box->scale[0], box->tail[0], &slope[0]);
    l += filter_box_density(e / 2, box->scale[1], box->tail[1], &slope[1]);
    gb = fmax(slope[0] + slope[1] - 2 / e, 0);
    for (int a = 0; a < 4; a++)
        pb[a] = s->p[a][2];
    for (int a = 0; a < 4; a++)
        s->m[a] += gb * pb[a];
    l += gb * gb * pb[2] / 2;
    l += filter_ep_below(s->m[2] - room, s->p[2][2], &site);
    site.value += room;
    apply(s, 0, 1, &site);

    w = fmax(2 * (room - s->m[2]), 1e-9);
    l += exponential_moments(slope[0] - slope[1], w, &mean, &variance);
    site.value = (box->upper + box->lower) / 2 + mean;
    site.variance = variance + s->p[2][2];
    l += filter_ep_log_normal(site.value - s->m[0] - s->m[3],
                              s->p[0][0] + s->p[3][3] + site.variance);
    apply(s, 1, 0, &site);
    return l;
}

double filter_box_update(struct filter_model *g, const struct filter_box *box, double hidden,
                         struct filter_excess *excess)
{
    struct state s;
    double l, width, least = explained(box, g->m[2]) + miss;

    expand(g, hidden, &s);
    width = fmax(box->upper - box->lower - 2 * g->m[2], sqrt(g->p[FILTER_BB]));
    if (s.p[0][0] + s.p[3][3] > 16 * width * width)
        l = wide(&s, box);
    else
        l = narrow(&s, box);
    excess->missed = !(l > least);
    if (excess->missed) {
        excess->up = excess->down = fmax((box->upper - box->lower) / 2 - g->m[2], 0);
        return least;
    }
    excess->up = box->upper - s.m[0] - s.m[3] - s.m[2];
    excess->down = s.m[0] + s.m[3] - s.m[2] - box->lower;
    collapse(&s, g);
    return l;
}
