/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "world.h"

#include <math.h>
#include <string.h>

struct random {
    uint64_t state;
};

/* SplitMix64. */
static uint64_t next(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* In (0, 1). */
static double uniform(struct random *r)
{
    return ((double)(next(r) >> 11) + 0.5) / 9007199254740992.0;
}

static double exponential(struct random *r)
{
    return -log(uniform(r));
}

static double normal(struct random *r)
{
    double a = sqrt(2 * exponential(r));

    return a * cos(2 * M_PI * uniform(r));
}

/* State of a run. */
struct world {
    const struct world_setting *set;
    struct random oscillator, network;
    bool told;
    struct filter filter;
    struct filter_state model; /* instead of the filter, when told */
    struct raw model_at;
    struct filter_estimate estimate;
    double raw_error, frequency; /* of the raw clock, s and s/s */
    double floor[2];
};

static double jitter(struct world *w, double scale)
{
    switch (w->set->delay) {
    case WORLD_LOGNORMAL:
        return scale * exp(normal(&w->network));
    case WORLD_PARETO:
        return scale * (pow(uniform(&w->network), -1 / 1.5) - 1);
    case WORLD_EXPONENTIAL:
        break;
    }
    return scale * exponential(&w->network);
}

/* Delay of a packet; way 0 is up. Draws the same count of random numbers whatever happens. */
static double packet_delay(struct world *w, int t, int way)
{
    const struct world_setting *s = w->set;
    double d = s->base + jitter(w, way ? s->down : s->up);
    double extra = exponential(&w->network), chance = uniform(&w->network);

    switch (s->event) {
    case WORLD_ROUTE_UP:
        return d + (way == 0 && t >= s->seconds / 2 ? 0.02 : 0);
    case WORLD_ROUTE_HOUR:
        return d + (way == 0 && t >= s->seconds / 2 && t < s->seconds / 2 + 3600 ? 0.02 : 0);
    case WORLD_ROUTE_BOTH:
        return d + (t >= s->seconds / 2 ? 0.02 : 0);
    case WORLD_CONGESTED:
        return d + (way == 0 && t % 4000 >= 2000 ? 0.01 * extra : 0);
    case WORLD_SPIKES:
        return d + (chance < 0.05 ? 0.05 * extra : 0);
    case WORLD_FLOOR:
        w->floor[way] = fabs(w->floor[way] + 0.05 * s->up * normal(&w->network));
        return d + w->floor[way];
    default:
        return d;
    }
}

static double frequency_event(const struct world_setting *s, int t)
{
    switch (s->event) {
    case WORLD_FREQUENCY_STEP:
        return t >= s->seconds / 2 ? -1e-6 : 0;
    case WORLD_DAILY:
        return 5e-7 * sin(2 * M_PI * t / 86400);
    case WORLD_HOURLY:
        return 1e-7 * sin(2 * M_PI * t / 3600);
    default:
        return 0;
    }
}

static struct raw raw_now(const struct world *w, int t)
{
    return (struct raw){(int64_t)t * NS_PER_S + llrint(w->raw_error * 1e9)};
}

/* The estimator that is told everything but phase and frequency. */
static void told_add(struct world *w, const struct filter_sample *s)
{
    const struct world_setting *set = w->set;
    double up = s_from_ns(s->up_ns), down = s_from_ns(s->down_ns), middle = (up - down) / 2;
    const struct filter_excess e = {up + down - 2 * set->base, INFINITY, {set->up, set->down}};
    struct filter_state *g = &w->model;

    if (g->weight > 0) {
        filter_state_later(g, set->wander, s_from_ns(s->at.ns - w->model_at.ns));
        (void)filter_noise_observe(g, FILTER_TILTED, 0, middle, &e);
        filter_state_tidy(g);
    } else {
        *g = (struct filter_state){.m = {middle}, .weight = 1};
        g->p[FILTER_XX] = (set->up + set->down) * (set->up + set->down);
        g->p[FILTER_YY] = 1e-8;
    }
    w->model_at = s->at;
    w->estimate = (struct filter_estimate){
        .at = s->at, .phase_s = g->m[FILTER_PHASE], .frequency = g->m[FILTER_RATE]};
}

static void exchange(struct world *w, int t)
{
    double up = packet_delay(w, t, 0), down = packet_delay(w, t, 1);
    double noise = w->set->hidden * normal(&w->network);
    double kept = fmin(uniform(&w->network), uniform(&w->network));
    struct filter_sample s;

    if (kept < w->set->loss)
        return;
    s.at = raw_now(w, t);
    s.up_ns = llrint((up - w->raw_error + noise) * 1e9);
    s.down_ns = llrint((down + w->raw_error - noise) * 1e9);
    if (w->told) {
        told_add(w, &s);
        return;
    }
    filter_add(&w->filter, &s);
    filter_predict(&w->filter, s.at, &w->estimate);
}

/* Four queries at the start, then one each poll interval; none while asleep or offline. */
static int is_poll(const struct world_setting *s, int t)
{
    int gap = s->event == WORLD_SLEEP ? 28800 : s->event == WORLD_OFFLINE ? 259200 : 0;

    if (t < 8)
        return t % 2 == 0;
    if (t >= s->seconds / 2 && t < s->seconds / 2 + gap)
        return 0;
    return t % s->poll == 6 % s->poll;
}

/* Judged by what the estimate is before the next sample: a straight line. */
static void judge(const struct world *w, int t, struct world_result *out)
{
    double dt = s_from_ns(raw_now(w, t).ns - w->estimate.at.ns);
    double e = (double)w->estimate.phase_ns / 1e9 + w->estimate.phase_s +
               w->estimate.frequency * dt + w->raw_error;
    double v = w->estimate.var_phase + 2 * dt * w->estimate.cov +
               dt * dt * w->estimate.var_frequency +
               w->estimate.wander * w->estimate.wander * dt * dt * dt / 3;
    double fe = w->estimate.frequency + w->frequency / (1 + w->frequency);

    out->square += e * e;
    out->frequency_square += fe * fe;
    out->max = fmax(out->max, fabs(e));
    out->inside += e * e <= 16 * v;
    out->variance += v;
}

void world_run(const struct world_setting *set, uint64_t seed, bool told, struct world_result *out)
{
    struct world w = {.set = set,
                      .told = told,
                      .oscillator = {seed * 2 + 1},
                      .network = {UINT64_C(0xabcdef) + seed * 2}};
    double walk = set->frequency;
    int n = set->seconds - set->settle;

    memset(out, 0, sizeof *out);
    next(&w.oscillator);
    next(&w.network);
    filter_init(&w.filter);
    for (int t = 0; t < set->seconds; t++) {
        if (is_poll(set, t))
            exchange(&w, t);
        if (t >= set->settle)
            judge(&w, t, out);
        walk += set->wander * normal(&w.oscillator);
        w.frequency = walk + frequency_event(set, t);
        w.raw_error += w.frequency;
    }
    out->square /= n;
    out->frequency_square /= n;
    out->inside /= n;
    out->variance /= n;
}
