/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_host.h"

#include <math.h>
#include <string.h>

#include "tests/sim/sim_exchange.h"
#include "tests/sim/sim_keeper.h"
#include "tests/sim/sim_turn.h"

/* poll(2) counts in milliseconds. */
#define WAIT_NS INT64_C(1000000)

struct mono sim_host_now(const struct sim_host *h)
{
    return sim_world_mono(h->world);
}

struct turn_clocks sim_host_clocks(const struct sim_host *h)
{
    return (struct turn_clocks){.now = sim_world_instant(h->world), .slept_ns = h->world->slept_ns};
}

void sim_host_trace(struct sim_host *h, const char *what, double a, double b)
{
    if (h->world->trace != NULL)
        fprintf(h->world->trace, "%s %.6f %.9g %.9g\n", what, (double)h->world->t * 1e-9, a, b);
}

void sim_host_init(struct sim_host *h, struct sim_world *w)
{
    const struct sim_daemon_setting *set = &w->set->daemon;
    const struct wall epoch = {SIM_EPOCH_S * NS_PER_S};

    memset(h, 0, sizeof *h);
    h->world = w;
    h->policy = pilot_policy;
    h->policy.pivot = epoch;
    clock_limit_init(&h->limit, CLOCK_MODE_DAEMON, llrint(set->step * 1e9),
                     (uint16_t)set->step_count,
                     (struct wall){epoch.ns - INT64_C(31536000) * NS_PER_S},
                     (struct wall){epoch.ns + (INT64_C(1) << 31) * NS_PER_S});
    h->limit.later_ns = llrint(set->later * 1e9);
    h->wake_t = INT64_MAX;
}

static void wait(struct sim_host *h)
{
    int64_t ns;

    h->wake = turn_next(&h->turn);
    for (unsigned i = 0; i < h->ensemble.n; i++) {
        if (source_next(&h->peers[i].source).ns <= sim_host_now(h).ns)
            sim_exchange_timer(h, i);
        if (source_next(&h->peers[i].source).ns < h->wake.ns)
            h->wake = source_next(&h->peers[i].source);
    }
    if (h->wake.ns == SOURCE_NEVER.ns) {
        h->wake_t = INT64_MAX;
        return;
    }
    ns = h->wake.ns - sim_host_now(h).ns;
    ns = ns > 0 ? (ns + WAIT_NS - 1) / WAIT_NS * WAIT_NS : 0;
    h->wake.ns = sim_host_now(h).ns + ns;
    h->wake_t = h->world->t + 1 + (int64_t)((double)ns / (1 + sim_world_rate(h->world)));
}

void sim_host_run(struct sim_host *h)
{
    struct sim_event e;
    bool woken = false;

    while (sim_world_take_event(h->world, &e)) {
        if (!h->running || (e.kind == SIM_DATAGRAM && !h->peers[e.server].open))
            continue;
        woken = true;
        if (e.kind == SIM_DATAGRAM)
            sim_exchange_datagram(h, &e);
        else
            sim_exchange_ke_end(h, &e);
    }
    if (!h->running)
        return;
    if (!woken && h->world->t < h->wake_t)
        return;
    if (!woken && sim_host_now(h).ns < h->wake.ns) {
        /* The clock's rate has changed since: poll(2) goes on waiting. */
        h->wake_t =
            h->world->t + 1 +
            (int64_t)((double)(h->wake.ns - sim_host_now(h).ns) / (1 + sim_world_rate(h->world)));
        return;
    }
    h->wakeups++;
    sim_turn_take(h);
    wait(h);
}

static void prepare_source(struct sim_host *h, unsigned i)
{
    const struct sim_daemon_setting *set = &h->world->set->daemon;
    struct sim_peer *p = &h->peers[i];

    ensemble_source_init(&h->sources[i], (uint8_t)set->minpoll, (uint8_t)set->maxpoll);
    if (h->start_rate_sd > 0)
        ensemble_source_frequency(&h->sources[i], h->start_rate, h->start_rate_sd);
    source_init(&p->source, &h->policy, sim_host_now(h));
    p->source.xleave = set->xleave != 0;
    p->open = false;
    p->ke = 0;
}

static void start_frequency(struct sim_host *h)
{
    h->start_rate = pilot_start_clock(&h->ensemble, h->has_stored ? &h->stored : NULL,
                                      sim_keeper_rate(h), &h->start_rate_sd);
}

static struct source *source_of(void *owner, unsigned i)
{
    struct sim_host *h = owner;

    return &h->peers[i].source;
}

void sim_host_start(struct sim_host *h)
{
    const struct sim_scenario *set = h->world->set;
    const struct turn_sources sources = {source_of, h};
    struct turn_clocks clocks = sim_host_clocks(h);
    const struct discipline_config config = {.step_ns = llrint(set->daemon.step * 1e9),
                                             .panic_ns = llrint(set->daemon.panic * 1e9),
                                             .step_count = (uint16_t)set->daemon.step_count};

    memset(&h->ensemble, 0, sizeof h->ensemble);
    memset(h->sources, 0, sizeof h->sources);
    for (unsigned i = 0; i < set->n_servers; i++)
        h->peers[i].possible.n = 0;
    h->ensemble.floor = h->limit.floor;
    if (h->has_stored && h->stored.last_good_s * NS_PER_S > h->ensemble.floor.ns)
        h->ensemble.floor.ns = h->stored.last_good_s * NS_PER_S;
    h->ensemble.sources = h->sources;
    h->ensemble.n = set->n_servers;
    h->ensemble.trust_old = set->daemon.trust_old != 0;
    h->ensemble.trust_single = set->daemon.trust_single != 0;
    h->ensemble.policy.minsources = (unsigned)set->daemon.minsources;
    if (set->daemon.minsources <= 0)
        h->ensemble.policy.minsources = set->n_servers > 2 ? 2 : 1;
    h->ensemble.maxdelay_ns = llrint(set->daemon.maxdelay * 1e9);
    discipline_init(&h->ensemble.discipline, &config, h->limit.steps, h->limit.synchronized);
    start_frequency(h);
    for (unsigned i = 0; i < set->n_servers; i++)
        prepare_source(h, i);
    turn_begin(&h->turn, &h->ensemble, &sources, &clocks);
    h->running = true;
    h->wakeups++;
    wait(h);
}

void sim_host_stop(struct sim_host *h, bool in_order)
{
    if (in_order)
        sim_turn_store(h, true);
    h->running = false;
    h->wake_t = INT64_MAX;
}

static void wake(struct sim_host *h)
{
    if (!h->running)
        return;
    h->wake = sim_host_now(h);
    h->wake_t = h->world->t;
}

void sim_host_online(struct sim_host *h)
{
    h->offline = false;
    turn_ask_all(&h->turn, PILOT_ASK_NOW);
    wake(h);
}

/* The clock process notices it by itself. */
void sim_host_resumed(struct sim_host *h)
{
    clock_limit_resumed(&h->limit);
    wake(h);
}

void sim_host_paused(struct sim_host *h, int64_t ns)
{
    if (h->running && h->wake_t < INT64_MAX)
        h->wake_t += ns;
}

void sim_host_clock_set(struct sim_host *h)
{
    wake(h);
}
