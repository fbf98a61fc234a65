/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_run.h"

#include <math.h>
#include <stdlib.h>

#include "tests/sim/sim_host.h"
#include "tests/sim/sim_keeper.h"

/*
 * The clock runs away when it is farther off than the packets of its servers have ever been on
 * their way, twice over, and what is usual at a start.
 */
#define AWAY_TIMES 2
#define AWAY_S     0.05

/* A trace has about so many lines of errors. */
#define TRACE_LINES 20000

struct run {
    struct sim_world world;
    struct sim_host host;
    struct sim_result *out;
    int64_t end, next_second;
    int64_t trace_every;
    unsigned happened;           /* of the happenings */
    int64_t online_at, start_at; /* true ns; INT64_MAX: no such thing to come */
    bool acted;                  /* upon the jump of the first server */
    double least;                /* what the bound cannot be below */
};

static int64_t ns_of(double s)
{
    return llrint(s * 1e9);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/*
 * Half the least round trip and root distance of the server that makes it a majority: the nearer
 * ones alone might lie.
 */
static double least_bound(const struct sim_world *w, double t)
{
    unsigned n = w->set->n_servers;
    double d[SIM_SERVERS];

    for (unsigned i = 0; i < n; i++) {
        const struct sim_server_setting *s = &w->set->servers[i];

        d[i] = sim_net_least(&w->nets[i], t) / 2 + s->root_delay / 2 + s->root_dispersion;
    }
    qsort(d, n, sizeof *d, compare);
    return d[n / 2];
}

/* Without the daemon nobody but the kernel has a bound. */
static double bound_now(const struct run *r)
{
    if (r->host.running)
        return discipline_bound_s(&r->host.ensemble.discipline, sim_world_mono(&r->world));
    if (r->world.kernel.status & KERNEL_STA_UNSYNC)
        return INFINITY;
    return (double)r->world.kernel.maxerror_us * 1e-6;
}

/* A jump of the servers is followed when most of it is what the clock is to make good. */
static void see_jump(struct run *r, double t)
{
    const struct sim_host *h = &r->host;

    if (h->jump_seen <= 0 || r->acted)
        return;
    r->out->value[SIM_ACTED] = t - h->jump_seen;
    r->acted =
        fabs(s_from_ns(h->ensemble.result.offset_ns)) > 0.9 * fabs(r->world.set->servers[0].jump);
}

static void second(struct run *r)
{
    double t = (double)r->world.t * 1e-9;
    double error = sim_world_error(&r->world), bound = bound_now(r);
    const struct discipline *d = &r->host.ensemble.discipline;

    if (r->world.t % (3600 * NS_PER_S) == 0 || r->world.t == 0 || r->world.set->nets[0].ramp > 0 ||
        r->world.set->nets[0].n_routes > 0)
        r->least = least_bound(&r->world, t);
    sim_result_second(r->out, t, error, sim_world_rate(&r->world), bound, r->least);
    r->out->value[SIM_PANIC] += d->state == DISCIPLINE_PANIC;
    r->out->value[SIM_CAPPED] += d->capped;
    r->out->value[SIM_COASTING] += d->state == DISCIPLINE_COASTING;
    see_jump(r, t);
    if (isfinite(bound) && t >= r->out->settle &&
        fabs(error) > AWAY_TIMES * r->host.widest + AWAY_S)
        r->out->value[SIM_AWAY]++;
    if (t >= r->out->settle) {
        bool unsync = (r->world.kernel.status & KERNEL_STA_UNSYNC) != 0;

        r->out->value[SIM_UNSYNC] += unsync;
        r->out->value[SIM_SYNC] += !unsync;
        r->out->value[SIM_UNTRUE] +=
            !unsync && fabs(error) > (double)r->world.kernel.maxerror_us * 1e-6;
    }
    if (sim_keeper_looks(&r->host))
        sim_keeper_look(&r->host);
    if (r->world.trace != NULL && r->world.t % r->trace_every == 0)
        fprintf(r->world.trace, "error %.0f %.9g %.9g\n", t, error, isfinite(bound) ? bound : -1);
}

static void happen(struct run *r, const struct sim_happening *what)
{
    switch (what->kind) {
    case SIM_SLEEP:
        sim_world_sleep(&r->world, ns_of(what->value));
        r->next_second = (r->world.t / NS_PER_S + 1) * NS_PER_S;
        sim_host_resumed(&r->host);
        break;
    case SIM_PAUSE:
        sim_world_pause(&r->world, ns_of(what->value));
        r->next_second = (r->world.t / NS_PER_S + 1) * NS_PER_S;
        sim_host_paused(&r->host, ns_of(what->value) - ns_of(what->at));
        break;
    case SIM_OFFLINE:
        r->host.offline = true;
        r->online_at = ns_of(what->value);
        break;
    case SIM_RESTART:
        sim_host_stop(&r->host, true);
        sim_host_start(&r->host);
        break;
    case SIM_KILL:
        sim_host_stop(&r->host, false);
        r->start_at = ns_of(what->at + what->value);
        break;
    case SIM_STEPPED:
        sim_world_step(&r->world, ns_of(what->value));
        sim_host_clock_set(&r->host);
        break;
    }
}

static int64_t next_happening(const struct run *r)
{
    const struct sim_scenario *set = r->world.set;
    int64_t t = r->online_at < r->start_at ? r->online_at : r->start_at;

    if (r->happened < set->n_happenings && ns_of(set->happenings[r->happened].at) < t)
        t = ns_of(set->happenings[r->happened].at);
    return t;
}

static void happenings(struct run *r)
{
    const struct sim_scenario *set = r->world.set;

    if (r->online_at <= r->world.t) {
        sim_host_online(&r->host);
        r->online_at = INT64_MAX;
    }
    if (r->start_at <= r->world.t) {
        r->start_at = INT64_MAX;
        sim_host_start(&r->host);
    }
    while (r->happened < set->n_happenings && ns_of(set->happenings[r->happened].at) <= r->world.t)
        happen(r, &set->happenings[r->happened++]);
}

static int64_t earliest(const struct run *r, int64_t script)
{
    int64_t t = r->next_second;

    t = r->host.wake_t < t ? r->host.wake_t : t;
    t = r->world.next_event < t ? r->world.next_event : t;
    t = script < t ? script : t;
    return t > r->world.t ? t : r->world.t;
}

static void go(struct run *r)
{
    int64_t script = next_happening(r);

    while (r->world.t < r->end) {
        int64_t t = earliest(r, script);

        if (t > r->world.t)
            sim_world_advance(&r->world, t);
        if (t >= script) {
            happenings(r);
            script = next_happening(r);
        }
        if (r->world.next_event <= r->world.t || r->host.wake_t <= r->world.t)
            sim_host_run(&r->host);
        if (t == r->next_second && r->world.t == t) {
            second(r);
            r->next_second += NS_PER_S;
        }
    }
}

static void collect(struct run *r)
{
    double *v = r->out->value;

    v[SIM_PACKETS] = (double)r->host.packets;
    v[SIM_KES] = (double)r->host.kes;
    v[SIM_WAKEUPS] = (double)r->host.wakeups;
    v[SIM_STEPS] = (double)r->host.steps;
    v[SIM_LATE_STEPS] = (double)r->host.late_steps;
    v[SIM_REFUSED] = (double)r->host.refused;
    v[SIM_IMPOSSIBLE] = (double)r->host.impossible;
    v[SIM_BEYOND] = r->host.beyond;
    for (unsigned i = 0; i < r->world.set->n_servers; i++) {
        v[SIM_REUSED] += (double)r->world.servers[i].reused;
        v[SIM_NAKS] += (double)r->world.servers[i].naks;
    }
    sim_result_end(r->out);
}

void sim_run(const struct sim_scenario *set, uint64_t seed, FILE *trace, struct sim_result *out)
{
    struct run *r = calloc(1, sizeof *r);

    if (r == NULL)
        abort();
    r->out = out;
    r->end = ns_of(set->duration);
    r->online_at = r->start_at = INT64_MAX;
    r->trace_every = (r->end / NS_PER_S / TRACE_LINES + 1) * NS_PER_S;
    sim_result_init(out, set->settle, set->window[0], set->window[1]);
    sim_world_init(&r->world, set, seed);
    r->world.trace = trace;
    sim_host_init(&r->host, &r->world);
    second(r);
    r->next_second = NS_PER_S;
    sim_host_start(&r->host);
    go(r);
    collect(r);
    sim_world_free(&r->world);
    free(r);
}
