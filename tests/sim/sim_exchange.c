/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_exchange.h"

#include <math.h>

#include "common/nts/cert_span.h"
#include "tests/sim/sim_aead.h"
#include "tests/sim/sim_turn.h"

static void perform(struct sim_host *h, unsigned i, struct source_out *out);

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
    sim_host_trace(h, "poll", i, (double)h->sources[i].claim.offset_ns * 1e-9);
    plan(h, i);
}

static void on_failed(struct sim_host *h, unsigned i)
{
    bool again = pilot_failed(&h->ensemble, i, &h->peers[i].source);

    sim_turn_update(h);
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
        source_sync(&p->source, p->has_stored ? &p->stored : NULL, sim_host_now(h));
}

void sim_exchange_timer(struct sim_host *h, unsigned i)
{
    struct source_tools tools = {.aead = &sim_aead};
    struct source_out out = {.n = 0};

    sim_rand_fill(&h->world->random, &tools.random, sizeof tools.random);
    sync_store(h, &h->peers[i]);
    source_timer(&h->peers[i].source, sim_host_now(h), &tools, &out);
    perform(h, i, &out);
}

void sim_exchange_datagram(struct sim_host *h, const struct sim_event *e)
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

void sim_exchange_ke_end(struct sim_host *h, const struct sim_event *e)
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
        source_ke_failed(&p->source, sim_host_now(h), &f, reached, &out);
    } else {
        s.made = h->world->kernel.wall;
        source_ke_done(&p->source, sim_host_now(h), &s, &out);
    }
    perform(h, e->server, &out);
}
