/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_bank.h"

#include <math.h>
#include <string.h>

#include "common/base/interval.h"
#include "common/base/invariant.h"

/* s^-1/2; half decades from better than any crystal to a step of the frequency. */
static const double wanders[FILTER_WANDERS] = {3.16e-12, 1e-11,   3.16e-11, 1e-10,   3.16e-10,
                                               1e-9,     3.16e-9, 1e-8,     3.16e-8, 1e-7};

/* s; half decades from a LAN's time stamps to 10 ms. Decades: symmetric noise costs twice. */
static const double hiddens[FILTER_HIDDENS] = {1e-6,    3.16e-6, 1e-5,    3.16e-5, 1e-4,
                                               3.16e-4, 1e-3,    3.16e-3, 1e-2};

/* Share of its weight that a hypothesis gives away at each step; 0.008 is no better. */
static const double exchange = 0.004;
/* And to the greatest wander: a step of the frequency. */
static const double leap = 1e-5;

/*
 * Oscillators that are not as usual, at the start: those hypotheses with the greatest wanders begin
 * with these standard deviations of the rate and shares of the weight, about the tails of Student's
 * t with 3 degrees of freedom: a fifth is off by 60 ppm, three in a hundred by 200 ppm, as clocks
 * of virtual machines are, one in a thousand by what only the kernel's tick can mend.
 */
static const struct {
    double sd, share;
} far[] = {{0.03, 1e-3}, {200e-6, 0.03}, {60e-6, 0.2}};
/* Of a rate that is known better than those of crystals on sale, fewer are so far off. */
static const double usual_sd = FILTER_RATE_USUAL_SD;

/* Logarithm of a density that arithmetic has lost: it weighs nothing. */
static const double impossible = -1e9;
enum { FARS = sizeof far / sizeof *far };

/* A phase that the fence moves may have been wrong by its rate, up to what the kernel reaches. */
static const double rate_moved = 500e-6;

enum { STEP_HIDDEN = FILTER_KINDS, STEP_WANDER = FILTER_HIDDENS * FILTER_KINDS };

static int wander_of(int i)
{
    return i / STEP_WANDER;
}

static int hidden_of(int i)
{
    return i / STEP_HIDDEN % FILTER_HIDDENS;
}

static enum filter_kind kind_of(int i)
{
    return (enum filter_kind)(i % FILTER_KINDS);
}

/* The sum of the weights is 1 at rest: what neighbours give is not what they get. */
static void normalize(struct filter_work *w)
{
    double sum = 0;

    for (int i = 0; i < FILTER_MODELS; i++)
        sum += w->models[i].weight;
    INVARIANT(sum > 0 && isfinite(sum));
    for (int i = 0; i < FILTER_MODELS; i++)
        w->models[i].weight /= sum;
}

void filter_bank_keep(struct filter_work *w, struct filter_bank *b)
{
    normalize(w);
    for (int i = 0; i < FILTER_MODELS; i++)
        filter_state_keep(&w->models[i], &b->models[i]);
}

/* Is it one of those that begin with a rate that is not as usual? Which one, or FARS. */
static int far_of(int i)
{
    int from_top = FILTER_WANDERS - 1 - wander_of(i);

    return from_top < FARS ? from_top : FARS;
}

void filter_bank_start(struct filter_bank *b, double z, double r, double rate, double sd)
{
    struct filter_work w = {.models = {{.weight = 0}}};

    for (int i = 0; i < FILTER_MODELS; i++) {
        struct filter_state *g = &w.models[i];
        int f = far_of(i);

        *g = (struct filter_state){.m = {z, rate, 0, 0}, .weight = 1.0 / (int)FILTER_WANDERS};
        g->p[FILTER_XX] = r;
        g->p[FILTER_YY] = sd * sd;
        g->p[FILTER_CC] = 1 / INTERVAL_UNIFORM; /* any share in -1/2..1/2 */
        if (f < FARS) {
            g->p[FILTER_YY] = fmax(sd * sd, far[f].sd * far[f].sd);
            g->weight = far[f].share * fmin(sd / usual_sd, 1);
        }
    }
    filter_bank_keep(&w, b);
}

bool filter_bank_spread(struct filter_bank *b)
{
    struct filter_work w;
    double share = 0;

    for (int i = 0; i < FILTER_MODELS; i++)
        share += far_of(i) < FARS ? (double)b->models[i].weight : 0;
    if (share < 0.5)
        return false;
    for (int i = 0; i < FILTER_MODELS; i++) {
        int from[FARS];
        double part[FARS];

        for (int f = 0; f < FARS; f++) {
            from[f] = (FILTER_WANDERS - 1 - f) * STEP_WANDER + i % STEP_WANDER;
            part[f] = 1;
        }
        filter_state_mix(b->models, from, part, FARS, &w.models[i]);
    }
    filter_bank_keep(&w, b);
    return true;
}

/* Those that may turn into hypothesis j, and what part of each. Returns how many. */
static int sources(int j, int *from, double *part)
{
    int w = wander_of(j), h = hidden_of(j), kind = (int)kind_of(j), n = 0;
    const struct {
        bool is;
        int at;
    } near[] = {
        {w > 0, j - STEP_WANDER},  {w < FILTER_WANDERS - 1, j + STEP_WANDER},
        {h > 0, j - STEP_HIDDEN},  {h < FILTER_HIDDENS - 1, j + STEP_HIDDEN},
        {kind != 0, j - kind},     {kind != 1, j + 1 - kind},
        {kind != 2, j + 2 - kind},
    };

    from[n] = j;
    part[n++] = 1 - exchange;
    for (unsigned i = 0; i < sizeof near / sizeof *near; i++) {
        if (!near[i].is)
            continue;
        from[n] = near[i].at;
        part[n++] = exchange / 4;
    }
    for (int i = j - STEP_WANDER; w == FILTER_WANDERS - 1 && i >= 0; i -= STEP_WANDER) {
        from[n] = i;
        part[n++] = leap;
    }
    return n;
}

void filter_bank_predict(const struct filter_bank *b, struct filter_work *w, double dt)
{
    int from[8 + FILTER_WANDERS];
    double part[8 + FILTER_WANDERS];

    for (int j = 0; j < FILTER_MODELS; j++) {
        int n = sources(j, from, part);

        INVARIANT(n <= 8 + FILTER_WANDERS);
        filter_state_mix(b->models, from, part, n, &w->models[j]);
        filter_state_later(&w->models[j], wanders[wander_of(j)], dt);
    }
}

void filter_bank_observe(struct filter_work *w, double z, const struct filter_excess *e)
{
    double best = -INFINITY;

    for (int i = 0; i < FILTER_MODELS; i++) {
        struct filter_state *g = &w->models[i];
        double evidence = filter_noise_observe(g, kind_of(i), hiddens[hidden_of(i)], z, e);

        g->weight = log(fmax(g->weight, FILTER_WEIGHT_LEAST)) +
                    (isfinite(evidence) ? evidence : impossible);
        best = fmax(best, g->weight);
    }
    for (int i = 0; i < FILTER_MODELS; i++)
        w->models[i].weight = exp(w->models[i].weight - best);
}

void filter_bank_unsettle(struct filter_work *w, double variance)
{
    for (int i = 0; i < FILTER_MODELS; i++)
        w->models[i].p[FILTER_DD] += variance;
}

/* A measurement of the asymmetry. */
void filter_bank_decide(struct filter_work *w, double asymmetry, double variance)
{
    for (int i = 0; i < FILTER_MODELS; i++) {
        struct filter_state *g = &w->models[i];
        double *p = g->p, v = p[FILTER_DD] + variance, off = asymmetry - g->m[FILTER_ASYMMETRY];
        const double c[FILTER_STATES] = {p[FILTER_XD], p[FILTER_YD], p[FILTER_DD], p[FILTER_DC]};

        for (int a = 0; a < FILTER_STATES; a++)
            g->m[a] += c[a] / v * off;
        for (int a = 0, k = 0; a < FILTER_STATES; a++)
            for (int b = a; b < FILTER_STATES; b++, k++)
                p[k] -= c[a] * c[b] / v;
    }
}

void filter_bank_settle(struct filter_work *w, double asymmetry, double variance)
{
    for (int i = 0; i < FILTER_MODELS; i++) {
        struct filter_state *g = &w->models[i];

        g->m[FILTER_ASYMMETRY] = asymmetry;
        g->p[FILTER_DD] = variance;
        g->p[FILTER_XD] = g->p[FILTER_YD] = g->p[FILTER_DC] = 0;
    }
}

void filter_bank_place(struct filter_work *w, double z, double r, double sd)
{
    for (int i = 0; i < FILTER_MODELS; i++) {
        struct filter_state *g = &w->models[i];

        filter_state_place(g, z - g->m[FILTER_ASYMMETRY], r);
        g->p[FILTER_YY] += sd * sd;
    }
}

void filter_bank_confine(struct filter_work *w, const struct filter_fence *f, double dt)
{
    for (int i = 0; i < FILTER_MODELS; i++) {
        struct filter_state *g = &w->models[i];
        double *p = g->p, at = g->m[FILTER_PHASE], by = filter_fence_within(f, at) - at;

        if (by != 0) { /* it was wrong by as much */
            filter_state_place(g, at + by, p[FILTER_XX] + by * by);
            p[FILTER_YY] += fmin(by * by / (dt * dt), rate_moved * rate_moved);
            if (p[FILTER_DD] > 0)
                g->m[FILTER_ASYMMETRY] -= by;
        }
        g->m[FILTER_RATE] = fmin(fmax(g->m[FILTER_RATE], -FILTER_RATE_MOST), FILTER_RATE_MOST);
        filter_state_tidy(g);
    }
}

void filter_bank_shift(struct filter_bank *b, double by)
{
    for (int i = 0; i < FILTER_MODELS; i++)
        b->models[i].m[FILTER_PHASE] += by;
}

void filter_bank_mean(const struct filter_bank *b, struct filter_state *mean)
{
    int from[FILTER_MODELS];
    double part[FILTER_MODELS];

    for (int i = 0; i < FILTER_MODELS; i++) {
        from[i] = i;
        part[i] = 1;
    }
    filter_state_mix(b->models, from, part, FILTER_MODELS, mean);
}

double filter_bank_wander(const struct filter_bank *b, double *mean_log)
{
    double square = 0, sum = 0;

    *mean_log = 0;
    for (int i = 0; i < FILTER_MODELS; i++) {
        double w = wanders[wander_of(i)], weight = (double)b->models[i].weight;

        square += weight * w * w;
        *mean_log += weight * log(w);
        sum += weight;
    }
    *mean_log /= sum;
    return sqrt(square / sum);
}
