/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/daemon_status.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/engine/daemon_log.h"
#include "client/engine/parent.h"
#include "client/engine/status_file.h"
#include "client/shared/clocks.h"
#include "client/shared/history_file.h"
#include "client/shared/log.h"
#include "client/shared/runtime_path.h"

/* Longer than a key exchange and its retries: then the status is stale. */
#define LATE_NS (120 * NS_PER_S)

/* The next measurement, and nothing else that is new, may wait for another within so long. */
#define SHOW_NS (16 * NS_PER_S)

static int64_t bound_ns(double s)
{
    return s < 1e9 ? (int64_t)(s * 1e9) : -1;
}

/* An instant as wall time; 0 for never, and for one that never was. */
static struct wall wall_of(struct mono t, const struct instant *now)
{
    if (t.ns == SOURCE_NEVER.ns || t.ns == 0)
        return (struct wall){0};
    return (struct wall){ns_add_sat(now->wall.ns, ns_sub_sat(t.ns, now->mono.ns))};
}

/* 0 for what is no number, or none that anybody would believe. */
static double known(double v)
{
    return isfinite(v) ? v : 0;
}

/* Without a network nothing is planned. */
static struct mono next_of(const struct daemon *d, unsigned i)
{
    const struct host *h = &d->engine.hosts[i];

    return engine_waits_for_network(&d->engine, h) ? SOURCE_NEVER : source_next(&h->source);
}

/* When something is bound to happen, at the latest. */
static struct mono next_event(const struct daemon *d)
{
    struct mono next = SOURCE_NEVER;

    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        if (next_of(d, i).ns < next.ns)
            next = next_of(d, i);
    return next;
}

static void fill_overall(const struct daemon *d, const struct instant *now, struct status *s)
{
    const struct discipline *c = &d->ensemble.discipline;
    const struct select_result *r = &d->ensemble.result;
    struct mono next = next_event(d);

    *s = (struct status){.at = now->wall,
                         .started = d->started,
                         .pid = d->pid,
                         .monitor_only = d->engine.setup.monitor_only,
                         .synchronized =
                             c->state == DISCIPLINE_SYNCHRONIZED || c->state == DISCIPLINE_COASTING,
                         .offset_ns = r->majority ? r->offset_ns : 0,
                         .bound_ns = bound_ns(discipline_bound_s(c, now->mono)),
                         .sd_s = discipline_sd_s(c, now->mono),
                         .frequency_ppm = ppm_from_rate(c->rate),
                         .wander = c->wander,
                         .leap = r->leap,
                         .last_step_by = d->last_step_by,
                         .last_step_at = d->last_step_at,
                         .last_step_ns = d->last_step_ns,
                         .steps = d->steps,
                         .foreign_changes = d->foreign_changes,
                         .servers = d->engine.setup.servers,
                         .agreeing = (uint16_t)r->agreeing};
    if (d->turn.steering != TURN_STEERS)
        s->synchronized = false;
    s->sd_s = known(s->sd_s);
    daemon_reason(d, s->reason, sizeof s->reason);
    for (unsigned i = 0; i < d->engine.setup.servers; i++) {
        const struct ensemble_source *e = &d->sources[i];

        if (e->verdict.state == SELECT_SELECTED &&
            (s->stratum == 0 || e->last.stratum < s->stratum))
            s->stratum = e->last.stratum;
    }
    s->next.ns = wall_of(next, now).ns == 0 ? 0 : wall_of(next, now).ns + LATE_NS;
}

/* What its last answer said of itself and of the server behind it. */
static void fill_answer(const struct host *h, const struct sample *last, struct status_source *s)
{
    s->stratum = last->stratum;
    s->delay_ns = last->delay_ns;
    s->root_delay_ns = last->root_delay_ns;
    s->root_dispersion_ns = last->root_dispersion_ns;
    status_reference_text(last->stratum, last->reference_id, s->reference);
    s->stamps = h->kernel_stamps ? STATUS_STAMPS_KERNEL : STATUS_STAMPS_PROGRAM;
}

static void fill_estimate(const struct host *h, const struct ensemble_source *e,
                          struct status_source *s)
{
    s->samples = e->filter.started;
    if (h->first_at.ns != 0 && h->answered_at.ns > h->first_at.ns)
        s->span_ns = h->answered_at.ns - h->first_at.ns;
    s->sd_s = known(sqrt(e->estimate.var_phase));
    s->frequency_sd_ppm = known(ppm_from_rate(sqrt(e->estimate.var_frequency)));
    if (s->frequency_sd_ppm > 0)
        s->frequency_ppm = ppm_from_rate(e->estimate.frequency);
}

static void fill_source(const struct host *h, const struct ensemble_source *e, struct mono next,
                        const struct instant *now, struct status_source *s)
{
    const struct nts_session *session = &h->source.session;

    *s = (struct status_source){.ke_port = h->server.port,
                                .state = h->source.state,
                                .has_ke_address = session->ke.family != 0,
                                .has_ntp_address = h->ntp.family != 0,
                                .ke = session->ke,
                                .ntp = h->ntp,
                                .fail = h->source.fail,
                                .poll_log2s = (int8_t)e->poll.log2s,
                                .reach = h->source.reach,
                                .aead = session->c2s.id,
                                .cookies = (uint8_t)source_cookies_left(&h->source),
                                .selected = e->verdict.state,
                                .off_ns = e->verdict.off_ns,
                                .offset_ns = e->claim.offset_ns,
                                .bound_ns = e->claim.reachable ? e->claim.bound_ns : -1,
                                .root_dispersion_ns = -1,
                                .counts = h->counts,
                                .answered_at = wall_of(h->answered_at, now),
                                .next_poll = wall_of(next, now),
                                .cert_not_after_s = session->not_after_s,
                                .anew = e->anew};
    if (h->source.has_session)
        s->keys_at = session->made;
    memcpy(s->name, h->server.host, sizeof s->name);
    if (!e->has_sample)
        return;
    fill_answer(h, &e->last, s);
    fill_estimate(h, e, s);
}

void daemon_status_open(struct daemon *d)
{
    d->status_dir = parent_status_dir(&d->engine.setup);
    d->history_slot = -1;
    d->history_fd = d->status_dir < 0 ? -1 : history_file_open(d->status_dir);
    if (d->status_dir >= 0 && d->history_fd < 0)
        log_warning("the last day is not kept for ntsc -i --plot: %s", strerror(errno));
}

/* What cannot be written now may be later: the file system is full, say, and the status tells. */
static void keep_history(struct daemon *d, const struct status *s)
{
    const struct history_record h = {
        .at_s = s->at.ns / NS_PER_S, .offset_ns = s->offset_ns, .bound_ns = s->bound_ns};
    int slot = history_slot(h.at_s);

    if (d->history_fd < 0 || slot == d->history_slot || !d->ensemble.result.majority ||
        history_file_put(d->history_fd, &h) != 0)
        return;
    d->history_slot = slot;
}

/* 2^64 over the golden ratio: a change of any bit changes those above it (Knuth, section 6.4). */
#define MIX_FACTOR UINT64_C(0x9e3779b97f4a7c15)

/* Words rather than octets, as fnv1a.h has them; nothing but this process ever sees the sum. */
static uint64_t mix(uint64_t h, uint64_t v)
{
    return (h ^ v) * MIX_FACTOR ^ h >> 29;
}

/* What is more than the next of many measurements. */
static uint64_t gist(const struct daemon *d)
{
    uint64_t h = mix(d->ensemble.discipline.state, d->ensemble.result.leap);

    h = mix(h, (uint64_t)d->turn.steering);
    h = mix(h, (uint64_t)d->last_step_at.ns);
    h = mix(h, d->ensemble.result.agreeing);
    h = mix(h, d->engine.setup.generation);
    for (unsigned i = 0; i < d->engine.setup.servers; i++) {
        const struct host *host = &d->engine.hosts[i];
        const struct source *s = &host->source;

        h = mix(h, (uint64_t)s->fail.stage << 32 | (uint64_t)s->fail.reason);
        h = mix(h, (uint64_t)s->reach << 32 | (uint64_t)d->sources[i].verdict.state);
        h = mix(h, (uint64_t)s->session.made.ns);
        h = mix(h, s->state == SOURCE_REFUSED);
        h = mix(h, engine_waits_for_network(&d->engine, host));
    }
    return h;
}

static void write_status(struct daemon *d)
{
    unsigned n = d->engine.setup.servers;
    struct status overall;
    struct status_source *sources;
    struct instant now = {.mono = clocks_mono()};
    int error;

    if (d->status_dir < 0)
        return;
    sources = calloc(n, sizeof *sources);
    if (sources == NULL)
        return;
    clocks_pair(&now.wall, &now.raw);
    fill_overall(d, &now, &overall);
    for (unsigned i = 0; i < n; i++)
        fill_source(&d->engine.hosts[i], &d->sources[i], next_of(d, i), &now, &sources[i]);
    error = status_file_write(d->status_dir, &overall, sources, n);
    free(sources);
    keep_history(d, &overall);
    if (error != 0 && !d->status_failed)
        log_warning("the status cannot be written: %s", strerror(error));
    d->status_failed = error != 0;
}

bool daemon_status_show(struct daemon *d)
{
    struct mono now = clocks_mono(), next = next_event(d);
    int64_t due_ns = ns_add_sat(d->shown_at.ns, SHOW_NS);
    uint64_t seen = gist(d);

    if (seen == d->shown_gist && now.ns < due_ns && next.ns < due_ns)
        return false;
    write_status(d);
    d->shown_at = now;
    d->shown_gist = seen;
    return true;
}

void daemon_status_remove(const struct daemon *d)
{
    if (d->status_dir >= 0)
        (void)unlinkat(d->status_dir, STATUS_FILE, 0);
}
