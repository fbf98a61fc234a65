/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_net.h"

#include <math.h>
#include <string.h>

/* A full buffer is filled within so many seconds, and holds at least so much of its depth. */
#define BLOAT_FILLS 10.0
#define BLOAT_LEAST 0.7

void sim_net_init(struct sim_net *n, const struct sim_net_setting *set, uint64_t seed,
                  uint64_t stream)
{
    memset(n, 0, sizeof *n);
    n->set = set;
    sim_rand_init(&n->random, seed, 100 + stream);
    if (set->grid > 0)
        n->grid_phase = set->grid * sim_rand_uniform(&n->random);
    /* Each seed and each server starts somewhere else. */
    if (set->recording != NULL)
        n->row = (size_t)(seed * 7919 + stream * 31) % set->recording->n;
}

static double fixed(const struct sim_net *n, double t, int way)
{
    const struct sim_net_setting *s = n->set;
    double d = (s->recording != NULL ? 0 : s->delay[way]) + n->floor[way];

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

/* Queues of others' packets: some come and go, some last. */
static double queued(struct sim_net *n, double t, int way)
{
    const struct sim_net_setting *s = n->set;
    const struct sim_spell_setting *jam = &s->jam[way], *bloat = &s->bloat[way];
    double d = sim_queue_at(&n->queue[way], &n->random, t, s->queue, s->queue_memory);

    if (sim_spell_at(&n->jam[way], &n->random, t, jam->share, jam->length))
        d += jam->size * sim_rand_exponential(&n->random);
    if (sim_spell_at(&n->bloat[way], &n->random, t, bloat->share, bloat->length))
        d += bloat->size * fmin((t - n->bloat[way].since) / BLOAT_FILLS, 1) *
             (BLOAT_LEAST + (1 - BLOAT_LEAST) * sim_rand_uniform(&n->random));
    return d;
}

static bool congested(double t, double period)
{
    return fmod(t, period) * 2 >= period;
}

static double delay_of(struct sim_net *n, double t, int way)
{
    const struct sim_net_setting *s = n->set;
    double d = fixed(n, t, way);

    if (s->recording != NULL) {
        n->row = way == SIM_UP ? (n->row + 1) % s->recording->n : n->row;
        d += s->recording->rows[n->row][way];
    } else {
        d += sim_delay_draw(&n->random, s->shape, s->jitter[way], s->gamma);
    }
    if (way == SIM_UP && s->congestion > 0 && congested(t, s->congestion_period))
        d += s->congestion * sim_rand_exponential(&n->random);
    if (way == SIM_DOWN && s->congestion_down > 0 && congested(t, s->congestion_down_period))
        d += s->congestion_down * sim_rand_exponential(&n->random);
    d += queued(n, t, way);
    if (s->spike_share > 0 && sim_rand_uniform(&n->random) < s->spike_share)
        d += s->spike * sim_rand_exponential(&n->random);
    if (s->grid > 0)
        d = ceil((t + d - n->grid_phase) / s->grid) * s->grid + n->grid_phase - t;
    return d;
}

unsigned sim_net_send(struct sim_net *n, double t, int way, size_t len, double delay[2])
{
    const struct sim_net_setting *s = n->set;
    unsigned copies = 1;

    wander_floor(n, t);
    if (sim_spell_at(&n->burst, &n->random, t, s->burst_share, s->burst_length) ||
        (t >= s->outage_from && t < s->outage_to) || (s->mtu > 0 && (double)len > s->mtu))
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
    const struct sim_recording *r = n->set->recording;
    double least = fixed(n, t, SIM_UP) + fixed(n, t, SIM_DOWN), recorded = INFINITY;

    for (size_t i = 0; r != NULL && i < r->n; i++)
        recorded = fmin(recorded, r->rows[i][SIM_UP] + r->rows[i][SIM_DOWN]);
    return r != NULL ? least + recorded : least;
}
