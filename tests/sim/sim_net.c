/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_net.h"

#include <math.h>
#include <string.h>

/* Shape of the Lomax distribution: its variance is infinite. */
#define PARETO 1.5

void sim_net_init(struct sim_net *n, const struct sim_net_setting *set, uint64_t seed,
                  uint64_t stream)
{
    memset(n, 0, sizeof *n);
    n->set = set;
    sim_rand_init(&n->random, seed, 100 + stream);
    n->burst = true; /* ends at once */
}

static double jitter(struct sim_net *n, double scale)
{
    switch (n->set->shape) {
    case SIM_LOGNORMAL:
        return scale * exp(sim_rand_normal(&n->random));
    case SIM_PARETO:
        return scale * (pow(sim_rand_uniform(&n->random), -1 / PARETO) - 1);
    case SIM_EXPONENTIAL:
        break;
    }
    return scale * sim_rand_exponential(&n->random);
}

static double fixed(const struct sim_net *n, double t, int way)
{
    const struct sim_net_setting *s = n->set;
    double d = s->delay[way] + n->floor[way];

    for (unsigned i = 0; i < s->n_routes; i++) {
        if (t >= s->routes[i].from && t < s->routes[i].to)
            d += way == SIM_UP ? s->routes[i].up : s->routes[i].down;
    }
    if (way == SIM_UP && s->ramp > 0 && t > s->ramp_from)
        d += s->ramp * (fmin(t, s->ramp_to) - s->ramp_from);
    return d;
}

static void wander_floor(struct sim_net *n, double t)
{
    double dt = t - n->floor_at;

    if (n->set->floor <= 0 || dt <= 0)
        return;
    for (int way = 0; way < 2; way++)
        n->floor[way] =
            fabs(n->floor[way] + n->set->floor * sqrt(dt / 3600) * sim_rand_normal(&n->random));
    n->floor_at = t;
}

/* All is lost for a while, and then nothing for a longer one. */
static bool in_burst(struct sim_net *n, double t)
{
    const struct sim_net_setting *s = n->set;

    if (s->burst_share <= 0)
        return false;
    while (t >= n->burst_until) {
        double mean = s->burst_length;

        n->burst = !n->burst;
        if (!n->burst)
            mean *= (1 - s->burst_share) / s->burst_share;
        n->burst_until += mean * sim_rand_exponential(&n->random);
    }
    return n->burst;
}

static double delay_of(struct sim_net *n, double t, int way)
{
    const struct sim_net_setting *s = n->set;
    double d = fixed(n, t, way) + jitter(n, s->jitter[way]);

    if (way == SIM_UP && s->congestion > 0 &&
        fmod(t, s->congestion_period) * 2 >= s->congestion_period)
        d += s->congestion * sim_rand_exponential(&n->random);
    if (s->spike_share > 0 && sim_rand_uniform(&n->random) < s->spike_share)
        d += s->spike * sim_rand_exponential(&n->random);
    return d;
}

unsigned sim_net_send(struct sim_net *n, double t, int way, size_t len, double delay[2])
{
    const struct sim_net_setting *s = n->set;
    unsigned copies = 1;

    wander_floor(n, t);
    if (in_burst(n, t) || (t >= s->outage_from && t < s->outage_to) ||
        (s->mtu > 0 && (double)len > s->mtu))
        return 0;
    if (s->loss > 0 && sim_rand_uniform(&n->random) < s->loss)
        return 0;
    if (s->duplicate > 0 && sim_rand_uniform(&n->random) < s->duplicate)
        copies = 2;
    for (unsigned i = 0; i < copies; i++)
        delay[i] = delay_of(n, t, way);
    return copies;
}

double sim_net_least(const struct sim_net *n, double t)
{
    return fixed(n, t, SIM_UP) + fixed(n, t, SIM_DOWN);
}
