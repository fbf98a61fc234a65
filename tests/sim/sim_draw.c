/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_draw.h"

#include <math.h>
#include <string.h>

#define FOR_GOOD 1e9

/* s: two of them on both ways are less than maxdelay, beyond which nobody is heard. */
#define ROUTE_HEARD 0.02

static double uniform(struct sim_rand *r, double from, double to)
{
    return from + (to - from) * sim_rand_uniform(r);
}

static double log_uniform(struct sim_rand *r, double from, double to)
{
    return exp(uniform(r, log(from), log(to)));
}

static bool chance(struct sim_rand *r, double share)
{
    return sim_rand_uniform(r) < share;
}

static double sign(struct sim_rand *r)
{
    return chance(r, 0.5) ? 1 : -1;
}

/* A quartz of any quality; sometimes one whose kernel has taken its frequency wrong. */
static void draw_oscillator(struct sim_rand *r, struct sim_osc_setting *o, double duration)
{
    o->frequency = 2e-5 * sim_rand_normal(r);
    if (chance(r, 0.1))
        o->frequency = uniform(r, -4.5e-4, 4.5e-4);
    if (chance(r, 0.03))
        o->frequency = sign(r) * uniform(r, 1e-3, 0.05);
    o->wander = log_uniform(r, 1e-11, 1e-8);
    if (chance(r, 0.3)) {
        o->sine_period = log_uniform(r, 1200, 86400);
        o->sine = log_uniform(r, 1e-8, 1e-6);
    }
    if (chance(r, 0.25)) {
        o->jump = sign(r) * log_uniform(r, 1e-7, 3e-6);
        o->jump_at = uniform(r, duration / 10, duration);
    }
    if (chance(r, 0.2))
        o->aging = sign(r) * log_uniform(r, 1e-10, 1e-8);
}

/* One way or both, longer or shorter, for an hour or for good. */
static void draw_route(struct sim_rand *r, struct sim_net_setting *n, double duration)
{
    double size = log_uniform(r, 1e-4, 0.1);
    struct sim_route *route = &n->routes[n->n_routes++];

    route->from = uniform(r, duration / 20, duration);
    route->to = chance(r, 0.5) ? FOR_GOOD : route->from + log_uniform(r, 300, 14400);
    if (chance(r, 0.3))
        size = -fmin(size, 0.4 * fmin(n->delay[SIM_UP], n->delay[SIM_DOWN]));
    if (chance(r, 0.6))
        route->up = size;
    if (fabs(route->up) <= 0 || chance(r, 0.3))
        route->down = size * uniform(r, 0.5, 1);
}

static struct sim_spell_setting draw_spell(struct sim_rand *r, double size)
{
    return (struct sim_spell_setting){size, uniform(r, 0.02, 0.6), log_uniform(r, 30, 20000)};
}

static void draw_queues(struct sim_rand *r, struct sim_net_setting *n)
{
    double size = log_uniform(r, 1e-4, 0.1);
    int way = chance(r, 0.5) ? SIM_UP : SIM_DOWN;

    if (chance(r, 0.15)) {
        n->congestion = size;
        n->congestion_period = log_uniform(r, 600, 86400);
    }
    if (chance(r, 0.1)) {
        n->congestion_down = size;
        n->congestion_down_period = log_uniform(r, 600, 86400);
    }
    if (chance(r, 0.15))
        n->jam[way] = draw_spell(r, size);
    if (chance(r, 0.1))
        n->bloat[way] = draw_spell(r, uniform(r, 0.02, 0.4));
    if (chance(r, 0.15)) {
        n->queue = size / 3;
        n->queue_memory = log_uniform(r, 10, 3600);
    }
    if (chance(r, 0.1))
        n->grid = 0.01;
    if (chance(r, 0.2)) {
        n->spike_share = log_uniform(r, 0.003, 0.2);
        n->spike = log_uniform(r, 1e-3, 0.5);
    }
}

static void draw_net(struct sim_rand *r, struct sim_net_setting *n, double duration)
{
    double delay = log_uniform(r, 5e-5, 0.1), jitter = delay * log_uniform(r, 1e-3, 1);

    n->shape = (enum sim_shape)(sim_rand_next(r) % SIM_SHAPES);
    n->gamma = log_uniform(r, 0.5, 8);
    for (int way = 0; way < 2; way++) {
        n->delay[way] = delay * (chance(r, 0.3) ? uniform(r, 0.3, 1) : 1);
        n->jitter[way] = jitter * (chance(r, 0.5) ? log_uniform(r, 0.05, 1) : 1);
    }
    draw_queues(r, n);
    if (chance(r, 0.2))
        n->floor = n->delay[SIM_UP] * log_uniform(r, 1e-3, 0.1);
    if (chance(r, 0.3))
        n->loss = log_uniform(r, 1e-3, 0.2);
    if (chance(r, 0.1))
        n->duplicate = 0.05;
    for (int i = 0; i < 2; i++)
        if (chance(r, 0.2))
            draw_route(r, n, duration);
}

/* It says honestly how wrong it may be. */
static void draw_honest(struct sim_rand *r, struct sim_server_setting *s)
{
    s->ke_seconds = 0.2;
    if (!chance(r, 0.3))
        return;
    s->noise = log_uniform(r, 1e-6, 1e-4);
    s->root_delay = log_uniform(r, 1e-5, 1e-2);
    s->root_dispersion = 6 * s->noise + log_uniform(r, 1e-5, 1e-2);
    s->stratum = 2;
}

static void draw_liar(struct sim_rand *r, struct sim_server_setting *s, double duration)
{
    s->ke_seconds = 0.2;
    if (chance(r, 0.4)) {
        s->offset = sign(r) * log_uniform(r, 1e-3, 10);
    } else if (chance(r, 0.5)) {
        s->drift = sign(r) * log_uniform(r, 1e-8, 1e-4);
        s->drift_from = uniform(r, 0, duration / 2);
    } else {
        s->jump = sign(r) * log_uniform(r, 1e-3, 10);
        s->jump_at = uniform(r, 1, duration);
    }
}

void sim_draw(struct sim_scenario *s, uint64_t seed)
{
    struct sim_rand r;
    unsigned liars, n;
    bool alike;

    sim_rand_init(&r, seed, 7);
    memset(s, 0, sizeof *s);
    snprintf(s->name, sizeof s->name, "world %llu", (unsigned long long)seed);
    s->duration = floor(log_uniform(&r, 8000, 90000));
    s->settle = 3000;
    s->daemon = sim_daemon_usual;
    if (chance(&r, 0.5)) {
        s->daemon.minpoll = 4 + (double)(sim_rand_next(&r) % 4);
        s->daemon.maxpoll = s->daemon.minpoll + (double)(sim_rand_next(&r) % 5);
    }
    s->clock.offset = sign(&r) * log_uniform(&r, 1e-4, 1e4);
    draw_oscillator(&r, &s->clock.osc, s->duration);
    n = 1 + (unsigned)(sim_rand_next(&r) % 5);
    liars = n > 2 && chance(&r, 0.4) ? 1 + (unsigned)(sim_rand_next(&r) % ((n - 1) / 2)) : 0;
    alike = chance(&r, 0.3); /* all behind one line */
    for (; s->n_servers < n; s->n_servers++) {
        struct sim_net_setting *net = &s->nets[s->n_servers];

        if (alike && s->n_servers > 0)
            *net = s->nets[0];
        else
            draw_net(&r, net, s->duration);
        /* Whoever is not heard has no vote: the liars may not become the majority by that. */
        if (liars > 0) {
            net->loss = net->spike_share = 0;
            memset(net->bloat, 0, sizeof net->bloat);
            for (unsigned i = 0; i < net->n_routes; i++) {
                net->routes[i].up = fmin(net->routes[i].up, ROUTE_HEARD);
                net->routes[i].down = fmin(net->routes[i].down, ROUTE_HEARD);
            }
        }
        if (s->n_servers < liars)
            draw_liar(&r, &s->servers[s->n_servers], s->duration);
        else
            draw_honest(&r, &s->servers[s->n_servers]);
    }
}
