/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_osc.h"

#include <math.h>
#include <string.h>

static double rate_at(const struct sim_osc *o, double s)
{
    const struct sim_osc_setting *set = o->set;
    double rate = set->frequency + o->walk;

    if (set->sine_period > 0)
        rate += set->sine * sin(2 * M_PI * s / set->sine_period);
    if (set->sine2_period > 0)
        rate += set->sine2 * sin(2 * M_PI * s / set->sine2_period);
    if (set->jump_at > 0 && s >= set->jump_at)
        rate += set->jump;
    if (set->rates != NULL)
        rate += sim_recording_rate(set->rates, o->from + s);
    return rate + set->aging / 86400 * s;
}

void sim_osc_init(struct sim_osc *o, const struct sim_osc_setting *set, uint64_t seed)
{
    memset(o, 0, sizeof *o);
    o->set = set;
    o->raw_ns = INT64_C(50000000000); /* the machine has been up for a while */
    o->from = (double)(seed * 9973 % 1000000);
    sim_rand_init(&o->random, seed, 1);
    o->rate = rate_at(o, 0);
}

int64_t sim_osc_advance(struct sim_osc *o, int64_t t)
{
    double dt = (double)(t - o->t);
    double more = dt * o->rate + o->rest;
    double whole = floor(more);
    int64_t gone = t - o->t + (int64_t)whole;

    o->rest = more - whole;
    o->raw_ns += gone;
    o->t = t;
    return gone;
}

void sim_osc_second(struct sim_osc *o)
{
    if (o->set->wander > 0)
        o->walk += o->set->wander * sim_rand_normal(&o->random);
    o->rate = rate_at(o, (double)o->t * 1e-9);
}

void sim_osc_skip(struct sim_osc *o, int64_t t)
{
    o->walk += o->set->wander * sqrt((double)(t - o->t) * 1e-9) * sim_rand_normal(&o->random);
    o->t = t;
    o->rate = rate_at(o, (double)t * 1e-9);
}
