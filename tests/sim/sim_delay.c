/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_delay.h"

#include <math.h>

/* Shape of the Lomax distribution: its variance is infinite. */
#define PARETO 1.5

/* A radio link sends one packet in five again, three times the scale later. */
#define AGAIN_SHARE 0.2
#define AGAIN_LATER 3

const char *const sim_shape_names[SIM_SHAPES] = {
    [SIM_EXPONENTIAL] = "exponential", [SIM_LOGNORMAL] = "lognormal",
    [SIM_PARETO] = "pareto",           [SIM_GAMMA] = "gamma",
    [SIM_GAUSSIAN] = "gaussian",       [SIM_UNIFORM] = "uniform",
    [SIM_BIMODAL] = "bimodal",
};

/* Mean 1. Marsaglia and Tsang (2000); below 1 by way of k + 1. */
static double draw_gamma(struct sim_rand *r, double k)
{
    double shape = k < 1 ? k + 1 : k;
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d), x, v;

    do {
        x = sim_rand_normal(r);
        v = 1 + c * x;
        v = v * v * v;
    } while (v <= 0 || log(sim_rand_uniform(r)) >= x * x / 2 + d - d * v + d * log(v));
    return d * v * (k < 1 ? pow(sim_rand_uniform(r), 1 / k) : 1) / k;
}

double sim_delay_draw(struct sim_rand *r, enum sim_shape shape, double scale, double gamma)
{
    switch (shape) {
    case SIM_LOGNORMAL:
        return scale * exp(sim_rand_normal(r));
    case SIM_PARETO:
        return scale * (pow(sim_rand_uniform(r), -1 / PARETO) - 1);
    case SIM_GAMMA:
        return scale * draw_gamma(r, gamma > 0 ? gamma : 2);
    case SIM_GAUSSIAN:
        return scale * fabs(sim_rand_normal(r));
    case SIM_UNIFORM:
        return scale * 2 * sim_rand_uniform(r);
    case SIM_BIMODAL:
        return scale * (sim_rand_uniform(r) < AGAIN_SHARE
                            ? AGAIN_LATER + sim_rand_exponential(r) / 2
                            : sim_rand_exponential(r) / 5);
    case SIM_EXPONENTIAL:
    case SIM_SHAPES:
        break;
    }
    return scale * sim_rand_exponential(r);
}

bool sim_spell_at(struct sim_spell *s, struct sim_rand *r, double t, double share, double length)
{
    if (share <= 0)
        return false;
    if (!s->began)
        *s = (struct sim_spell){.on = true, .began = true}; /* ends at once */
    while (t >= s->until) {
        s->on = !s->on;
        s->since = s->until;
        s->until += length * (s->on ? 1 : (1 - share) / share) * sim_rand_exponential(r);
    }
    return s->on;
}

/*
 * Brownian motion with drift -v and variance w a second that is reflected at 0: its stationary mean
 * is w / 2v, its time of relaxation w / v^2. The step is exact: the end and the greatest rise
 * before it are drawn together.
 */
double sim_queue_at(struct sim_queue *q, struct sim_rand *r, double t, double mean, double memory)
{
    double v = 2 * mean / memory, w = 2 * mean * v, dt = t - q->at, end, rise;

    if (mean <= 0)
        return 0;
    if (dt > 0) {
        end = -v * dt + sqrt(w * dt) * sim_rand_normal(r);
        rise = (end + sqrt(end * end - 2 * w * dt * log(sim_rand_uniform(r)))) / 2;
        q->waiting = fmax(q->waiting + end, rise);
        q->at = t;
    }
    return q->waiting;
}
