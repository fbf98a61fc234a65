/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_host.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/nts/cert_span.h"
#include "tests/sim/sim_aead.h"

/* poll(2) counts in milliseconds. */
#define WAIT_NS INT64_C(1000000)

static void perform(struct sim_host *h, unsigned i, struct source_out *out);

static struct mono now(const struct sim_host *h)
{
    return sim_world_mono(h->world);
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

static struct turn_clocks read_clocks(const struct sim_host *h)
{
    return (struct turn_clocks){.now = sim_world_instant(h->world), .slept_ns = h->world->slept_ns};
}

static struct source *source_of(void *owner, unsigned i)
{
    struct sim_host *h = owner;

    return &h->peers[i].source;
}

static void store_frequency(struct sim_host *h, bool at_once)
{
    struct turn_clocks clocks = read_clocks(h);

    if (turn_store(&h->turn, &clocks, at_once, &h->stored))
        h->has_stored = true;
}

static void trace(struct sim_host *h, const char *what, double a, double b)
{
    if (h->world->trace != NULL)
        fprintf(h->world->trace, "%s %.6f %.9g %.9g\n", what, (double)h->world->t * 1e-9, a, b);
}

static double kernel_rate(const struct sim_host *h)
{
    const struct kernel_clock *k = &h->world->kernel;

    return clock_order_rate((int32_t)(k->time_freq / INT64_C(65536000)), k->tick_us);
}

/* The clock process looks at the clocks. */
void sim_host_look(struct sim_host *h)
{
    const struct kernel_clock *k = &h->world->kernel;
    struct witness_look look = {.wall = k->wall,
                                .raw = {h->world->osc.raw_ns},
                                .rate_ppb = llrint(kernel_rate(h) * 1e9),
                                .synchronized = (k->status & KERNEL_STA_UNSYNC) == 0};

    look.has_battery = sim_world_battery(h->world, &look.battery.lo_ns);
    /* It is read in whole seconds. */
    look.battery.lo_ns -= look.battery.lo_ns % NS_PER_S;
    look.battery.hi_ns = look.battery.lo_ns + NS_PER_S;
    (void)clock_witness_look(&h->limit.witness, &look);
    h->looked = now(h);
}

/* As a virtual machine's does. */
bool sim_host_looks(const struct sim_host *h)
{
    return h->running &&
           clock_witness_next(&h->limit.witness, h->looked, 64 * NS_PER_S).ns <= now(h).ns;
}

/* The clock process does what the limits allow of an order; its answer. */
static struct clock_answer order(struct sim_host *h, const struct clock_order *o)
{
    struct clock_answer r = {.asked = 1};
    bool late = h->limit.synchronized;
    struct clock_order part = *o;

    sim_host_look(h);
    r.verdict = (int32_t)clock_limit_take(&h->limit, &part, now(h), h->world->kernel.wall,
                                          &h->ensemble.leaps, &r.refused);
    if (part.what != 0 && sim_world_order(h->world, &part) != 0)
        abort(); /* what the limits let pass the kernel takes */
    clock_limit_rates(&h->limit, now(h), &r.rate_low, &r.rate_high);
    r.rate = kernel_rate(h);
    h->refused += r.refused != 0;
    if ((part.what & CLOCK_SET_STEP) != 0) {
        h->steps++;
        h->late_steps += late;
        trace(h, "step", s_from_ns(part.step_ns), 0);
    }
    return r;
}

/* As the daemon does with what was decided; what comes of an order is known at once. */
static void updated(struct sim_host *h, enum turn_verdict verdict, const struct clock_order *first)
{
    struct clock_order o = *first;

    while (verdict == TURN_ORDER) {
        struct clock_answer r = order(h, &o);
        struct turn_clocks clocks = read_clocks(h);
        struct turn_answer answer;

        turn_answered(&h->turn, &r, &clocks, &answer);
        verdict = TURN_UPDATED;
        if (answer.update)
            verdict = turn_update(&h->turn, &clocks, &o);
    }
    if (verdict == TURN_UPDATED)
        store_frequency(h, false);
}

static void update(struct sim_host *h)
{
    struct turn_clocks clocks = read_clocks(h);
    struct clock_order o = {0};
    enum turn_verdict verdict = turn_update(&h->turn, &clocks, &o);

    updated(h, verdict, &o);
}

static void plan(struct sim_host *h, unsigned i)
{
    pilot_plan(&h->ensemble, i, &h->peers[i].source, h->peers[i].sent,
               (uint32_t)sim_rand_next(&h->world->random));
}

/* The server's clock less the raw one, ns. */
static int64_t true_phase(const struct sim_host *h, unsigned i)
{
    const struct sim_world *w = h->world;

    return SIM_EPOCH_S * NS_PER_S + w->t - w->osc.raw_ns +
           llrint(sim_server_error(&w->servers[i], w->t) * 1e9);
}

/* Holds the estimate of an honest source, at the end of the exchange, against what it can be. */
static void check_possible(struct sim_host *h, unsigned i, const struct sample *s)
{
    const struct sim_server_setting *set = &h->world->set->servers[i];
    double t = (double)h->world->t * 1e-9, delay = s_from_ns(s->delay_ns);
    int64_t phase = true_phase(h, i);
    struct sim_peer *p = &h->peers[i];
    struct filter_estimate est;
    double beyond;

    h->widest = fmax(h->widest, delay / 2);
    sim_possible_add(&p->possible, t, -s_from_ns(s->down_ns + phase),
                     s_from_ns(s->up_ns - p->phase_sent_ns),
                     s_from_ns(s->root_delay_ns / 2 + s->root_dispersion_ns) +
                         delay * 2 * fabs(h->world->osc.rate));
    if (fabs(set->drift) > 0 || fabs(set->jump) > 0 ||
        !filter_predict(&h->sources[i].filter, sim_world_instant(h->world).raw, &est))
        return;
    beyond = sim_possible_beyond(&p->possible, t, s_from_ns(est.phase_ns - phase) + est.phase_s);
    h->impossible += beyond > 0;
    h->beyond = fmax(h->beyond, beyond);
}

static void on_sample(struct sim_host *h, unsigned i, const struct sample *s)
{
    pilot_sample(&h->ensemble, i, &h->peers[i].ntp, s);
    check_possible(h, i, s);
    if (h->jump_seen <= 0 && sim_server_jumped(&h->world->servers[0], h->world->t))
        h->jump_seen = (double)h->world->t * 1e-9;
    (void)turn_sampled(&h->turn);
    trace(h, "poll", i, (double)h->sources[i].claim.offset_ns * 1e-9);
    plan(h, i);
}

static void on_failed(struct sim_host *h, unsigned i)
{
    bool again = pilot_failed(&h->ensemble, i, &h->peers[i].source);

    update(h);
    if (again)
        plan(h, i);
}

static void start_ke(struct sim_host *h, unsigned i)
{
    double takes = h->world->set->servers[i].ke_seconds +
                   4 * sim_net_least(&h->world->nets[i], (double)h->world->t * 1e-9);
    struct sim_event e = {.kind = SIM_KE_END,
                          .t = h->world->t + llrint(takes * 1e9),
                          .server = i,
                          .query = ++h->ke_number};

    h->kes++;
    h->peers[i].ke = h->ke_number;
    sim_world_add_event(h->world, &e);
}

static void send_query(struct sim_host *h, unsigned i, struct source_out *out)
{
    struct sim_peer *p = &h->peers[i];
    struct instant at = sim_world_instant(h->world);

    p->ntp = out->to;
    p->sent = at.mono;
    if (h->offline || out->packet_len == 0) {
        source_send_failed(&p->source, at.mono, out);
        perform(h, i, out);
        return;
    }
    h->packets++;
    p->open = true;
    p->query = ++h->queries;
    p->phase_sent_ns = true_phase(h, i);
    p->stamps.t1 = at.wall;
    p->stamps.t1_raw = at.raw;
    sim_world_send(h->world, i, p->query, out->packet, out->packet_len);
}

static void perform(struct sim_host *h, unsigned i, struct source_out *out)
{
    struct sim_peer *p = &h->peers[i];

    for (unsigned k = 0; k < out->n; k++) {
        switch (out->act[k]) {
        case SOURCE_SAVE:
            if (p->source.session.provisional)
                break;
            p->stored = p->source.session;
            p->has_stored = true;
            break;
        case SOURCE_SEND:
            send_query(h, i, out);
            return;
        case SOURCE_CLOSE:
            p->open = false;
            break;
        case SOURCE_START_KE:
            start_ke(h, i);
            break;
        case SOURCE_SAMPLE:
            on_sample(h, i, &out->sample);
            break;
        case SOURCE_FAILED:
            on_failed(h, i);
            break;
        }
    }
}

static void sync_store(struct sim_host *h, struct sim_peer *p)
{
    if (!p->source.session.provisional)
        source_sync(&p->source, p->has_stored ? &p->stored : NULL, now(h));
}

static void timer(struct sim_host *h, unsigned i)
{
    struct source_tools tools = {.aead = &sim_aead};
    struct source_out out = {.n = 0};

    sim_rand_fill(&h->world->random, &tools.random, sizeof tools.random);
    sync_store(h, &h->peers[i]);
    source_timer(&h->peers[i].source, now(h), &tools, &out);
    perform(h, i, &out);
}

static void datagram(struct sim_host *h, const struct sim_event *e)
{
    struct sim_peer *p = &h->peers[e->server];
    struct instant at = sim_world_instant(h->world);
    struct source_out out = {.n = 0};

    if (!p->open || e->query != p->query || h->offline ||
        !source_expects(&p->source, e->data, e->len))
        return;
    p->stamps.t4 = at.wall;
    p->stamps.t4_raw = at.raw;
    sync_store(h, p);
    source_datagram(&p->source, at.mono, e->data, e->len, &p->stamps, &sim_aead, &out);
    perform(h, e->server, &out);
}

/* What ntsc-ke and the clock process make of the dates, as s->provisional; false: refused. */
static bool judge_dates(const struct sim_host *h, struct nts_session *s, struct failure *f)
{
    const struct cert_span span = {s->not_before_s, s->not_after_s};
    int64_t now_s = h->world->kernel.wall.ns / NS_PER_S;
    int64_t floor_s = h->limit.floor.ns / NS_PER_S, at_s;
    bool two_steps = h->world->set->daemon.dates_strict == 0 && !h->limit.synchronized &&
                     !h->ensemble.discipline.synchronized_once &&
                     (h->world->kernel.status & KERNEL_STA_UNSYNC) != 0;

    if (h->has_stored && h->stored.last_good_s > floor_s)
        floor_s = h->stored.last_good_s;
    s->provisional = !cert_span_holds(&span, now_s);
    *f = failure_make(STAGE_TLS_TIME, REASON_NOT_YET_VALID, 0);
    return !s->provisional || (two_steps && cert_span_time(&span, now_s, floor_s, &at_s));
}

static void ke_end(struct sim_host *h, const struct sim_event *e)
{
    struct sim_peer *p = &h->peers[e->server];
    struct failure f = failure_make(STAGE_RESOLVE, REASON_DNS_DOWN, 0);
    struct source_out out = {.n = 0};
    struct nts_session s;
    bool reached = false;

    if (e->query != p->ke)
        return;
    if (h->offline ||
        !sim_server_ke(&h->world->servers[e->server], h->world->t, &s, &f, &reached) ||
        !judge_dates(h, &s, &f)) {
        source_ke_failed(&p->source, now(h), &f, reached, &out);
    } else {
        s.made = h->world->kernel.wall;
        source_ke_done(&p->source, now(h), &s, &out);
    }
    perform(h, e->server, &out);
}

/* As the daemon does before each wait. */
static void turn(struct sim_host *h)
{
    struct turn_clocks clocks = read_clocks(h);
    struct turn_out out;

    turn_take(&h->turn, &clocks, &out);
    updated(h, out.verdict, &out.order);
}

static void wait(struct sim_host *h)
{
    int64_t ns;

    h->wake = turn_next(&h->turn);
    for (unsigned i = 0; i < h->ensemble.n; i++) {
        if (source_next(&h->peers[i].source).ns <= now(h).ns)
            timer(h, i);
        if (source_next(&h->peers[i].source).ns < h->wake.ns)
            h->wake = source_next(&h->peers[i].source);
    }
    if (h->wake.ns == SOURCE_NEVER.ns) {
        h->wake_t = INT64_MAX;
        return;
    }
    ns = h->wake.ns - now(h).ns;
    ns = ns > 0 ? (ns + WAIT_NS - 1) / WAIT_NS * WAIT_NS : 0;
    h->wake.ns = now(h).ns + ns;
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
            datagram(h, &e);
        else
            ke_end(h, &e);
    }
    if (!h->running)
        return;
    if (!woken && h->world->t < h->wake_t)
        return;
    if (!woken && now(h).ns < h->wake.ns) {
        /* The clock's rate has changed since: poll(2) goes on waiting. */
        h->wake_t = h->world->t + 1 +
                    (int64_t)((double)(h->wake.ns - now(h).ns) / (1 + sim_world_rate(h->world)));
        return;
    }
    h->wakeups++;
    turn(h);
    wait(h);
}

static void prepare_source(struct sim_host *h, unsigned i)
{
    const struct sim_daemon_setting *set = &h->world->set->daemon;
    struct sim_peer *p = &h->peers[i];

    ensemble_source_init(&h->sources[i], (uint8_t)set->minpoll, (uint8_t)set->maxpoll);
    if (h->start_rate_sd > 0)
        ensemble_source_frequency(&h->sources[i], h->start_rate, h->start_rate_sd);
    source_init(&p->source, &h->policy, now(h));
    p->source.xleave = set->xleave != 0;
    p->open = false;
    p->ke = 0;
}

static void start_frequency(struct sim_host *h)
{
    const struct kernel_clock *k = &h->world->kernel;
    double rate = clock_order_rate((int32_t)(k->time_freq / INT64_C(65536000)), k->tick_us);

    h->start_rate =
        pilot_start_clock(&h->ensemble, h->has_stored ? &h->stored : NULL, rate, &h->start_rate_sd);
}

void sim_host_start(struct sim_host *h)
{
    const struct sim_scenario *set = h->world->set;
    const struct turn_sources sources = {source_of, h};
    struct turn_clocks clocks = read_clocks(h);
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
        store_frequency(h, true);
    h->running = false;
    h->wake_t = INT64_MAX;
}

static void wake(struct sim_host *h)
{
    if (!h->running)
        return;
    h->wake = now(h);
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
