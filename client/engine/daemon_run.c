/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/engine/daemon_log.h"
#include "client/engine/daemon_status.h"
#include "client/engine/parent.h"
#include "client/engine/pool_engine.h"
#include "client/shared/clocks.h"
#include "client/shared/exit_status.h"
#include "client/shared/log.h"
#include "common/base/invariant.h"

static struct daemon *daemon_of(struct engine *e)
{
    return (struct daemon *)(void *)e;
}

static struct turn_clocks read_clocks(void)
{
    struct turn_clocks c = {.now.mono = clocks_mono(), .slept_ns = clocks_slept_ns()};

    clocks_pair(&c.now.wall, &c.now.raw);
    return c;
}

static struct source *source_of(void *owner, unsigned i)
{
    struct daemon *d = owner;

    return &d->engine.hosts[i].source;
}

/* Now, or when it has not been for long. */
static void store_frequency(struct daemon *d, const struct turn_clocks *clocks, bool now)
{
    struct clock_file c;
    int error;

    if (!turn_store(&d->turn, clocks, now, &c))
        return;
    d->engine.last_good_s = c.last_good_s;
    error = state_store_clock(&d->engine.state, &c);
    if (error != 0)
        log_warning("the frequency cannot be stored: %s", strerror(error));
}

/* The status has to be written, once it may be. */
static void changed(struct daemon *d)
{
    if (d->state == DAEMON_SHOWN)
        d->state = DAEMON_CHANGED;
}

/* All sources have been judged anew: has the clock changed where that is due. */
static void updated(struct daemon *d, enum turn_verdict verdict, const struct clock_order *order,
                    const struct turn_clocks *clocks)
{
    const struct msg_clock m = {.type = MSG_CLOCK, .order = *order};

    if (verdict == TURN_NO_UPDATE)
        return;
    changed(d);
    if (verdict == TURN_ORDER) {
        /* A later one is asked for, and told of when it is made. */
        if ((order->what & CLOCK_SET_STEP) != 0 && !d->ensemble.discipline.late)
            daemon_log_step(d, order->step_ns);
        parent_send(&m, sizeof m);
    }
    /* What the clock is like is known when the step is. */
    if (d->turn.step_ns == 0 || !d->ensemble.discipline.late)
        daemon_log_verdicts(d);
    store_frequency(d, clocks, false);
}

static void update(struct daemon *d)
{
    struct turn_clocks clocks = read_clocks();
    struct clock_order order = {0};
    enum turn_verdict verdict = turn_update(&d->turn, &clocks, &order);

    updated(d, verdict, &order, &clocks);
}

/* When the query just ended is followed by the next one. */
static void plan_next(struct daemon *d, unsigned i)
{
    struct host *h = &d->engine.hosts[i];

    INVARIANT(i < d->engine.setup.servers && d->ensemble.n == d->engine.setup.servers);
    pilot_plan(&d->ensemble, i, &h->source, h->sent, h->random);
}

static void on_sample(struct engine *e, unsigned i, const struct sample *s)
{
    struct daemon *d = daemon_of(e);

    if (d->sources[i].verdict.state != SELECT_FALSETICKER)
        e->hosts[i].good_at = clocks_mono();
    daemon_log_answer(d, i);
    if (!pilot_sample(&d->ensemble, i, &e->hosts[i].ntp, s))
        log_detail("%s: sample out of order", e->hosts[i].server.host);
    if (d->sources[i].filter.started <= 1)
        e->hosts[i].first_at = clocks_mono();
    if (turn_sampled(&d->turn))
        daemon_log_leapt(d, i);
    else
        daemon_log_anew(d, i);
    plan_next(d, i);
}

static void on_failed(struct engine *e, unsigned i)
{
    struct daemon *d = daemon_of(e);
    const struct host *other;
    bool plan;

    daemon_log_failure(d, i);
    /* A pool that is smaller than wished has no more voices than servers. */
    if (e->hosts[i].source.fail.reason == REASON_NO_OTHER &&
        (other = pool_other(e, &e->hosts[i])) != NULL)
        d->sources[i].address = d->sources[other - e->hosts].address;
    plan = pilot_failed(&d->ensemble, i, &e->hosts[i].source);
    update(d);
    if (plan)
        plan_next(d, i);
}

static void note_step(struct daemon *d, enum status_step_by by, int64_t ns, struct wall at)
{
    if (by == STATUS_STEP_NTSC)
        d->steps++;
    d->last_step_by = (uint8_t)by;
    d->last_step_ns = ns;
    d->last_step_at = at;
    changed(d);
}

/* What ntsc has seen of others who change the clock. */
static void log_others(struct daemon *d, const struct clock_answer *m, struct wall now)
{
    bool ours = m->by == CLOCK_CHANGED_BY_SET;

    changed(d);
    if (!ours)
        d->foreign_changes++;
    if (m->moved_ns != 0) {
        daemon_log_moved(d, m->moved_ns, ours);
        note_step(d, ours ? STATUS_STEP_NTSC : STATUS_STEP_OTHER, m->moved_ns, now);
    }
    if (m->foreign != 0 && !ours && daemon_log_event(d, EVENT_FREQUENCY))
        log_warning("somebody else has changed the clock's frequency or status: is another time "
                    "daemon running?");
}

static void clock_result(struct daemon *d, const struct clock_answer *m)
{
    struct turn_clocks clocks = read_clocks();
    struct turn_answer answer;

    turn_answered(&d->turn, m, &clocks, &answer);
    if (m->by != CLOCK_CHANGED_BY_NOBODY)
        log_others(d, m, clocks.now.wall);
    if (answer.stands_back)
        daemon_log_rival(d);
    if (m->error != 0) {
        log_warning("the kernel refused to change the clock: %s", strerror(m->error));
        if (m->error == EPERM)
            parent_done(EXIT_NO_RIGHT);
        return;
    }
    if (answer.step_refused)
        daemon_log_refused(d);
    if (answer.step_ns != 0) {
        if (d->ensemble.discipline.late)
            daemon_log_step(d, answer.step_ns);
        d->logged_refused = false;
        note_step(d, STATUS_STEP_NTSC, answer.step_ns, clocks.now.wall);
    }
    if (answer.update)
        update(d);
}

static void control(struct daemon *d, const struct msg_control *m)
{
    const struct msg_alive alive = {.type = MSG_ALIVE};

    switch ((enum msg_control_what)m->what) {
    case CONTROL_STOP:
        d->state = DAEMON_STOPPING;
        break;
    case CONTROL_POLL_NOW:
        turn_ask_now(&d->turn);
        break;
    case CONTROL_SHOW_LIFE:
        parent_send(&alive, sizeof alive);
        break;
    }
}

static bool on_message(struct engine *e, const void *msg, size_t len)
{
    struct daemon *d = daemon_of(e);
    struct msg_clock_result result;

    if (msg_clock_result_valid(msg, len)) {
        memcpy(&result, msg, sizeof result);
        clock_result(d, &result.answer);
        return true;
    }
    if (msg_control_valid(msg, len)) {
        control(d, msg);
        return true;
    }
    if (msg_setup_valid(msg, len)) {
        daemon_reconfigure(d, msg);
        changed(d);
        return true;
    }
    return false;
}

/* What a turn has noticed, in words. */
static void log_turn(struct daemon *d, const struct turn_out *out, struct wall now)
{
    if (out->slept_ns != 0 && daemon_log_event(d, EVENT_SLEPT))
        log_notice("back after %.0f s of sleep: asking all servers", s_from_ns(out->slept_ns));
    if (out->leap_ns != 0)
        log_notice("leap second: %s",
                   out->leap_ns < 0 ? "23:59:60 is inserted" : "23:59:59 was left out");
    /* ntsc sees it with the order that follows, and knows more of who it was. */
    if (out->jump_ns != 0 &&
        (d->turn.steering == TURN_WATCHES || d->ensemble.discipline.state == DISCIPLINE_WAITING)) {
        daemon_log_moved(d, out->jump_ns, false);
        note_step(d, STATUS_STEP_OTHER, out->jump_ns, now);
    }
    if (out->steers_again)
        log_notice("steering the clock again");
    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        if ((out->renewed >> i & 1) != 0)
            log_notice("%s: exchanging keys again, by the clock", d->engine.hosts[i].server.host);
}

static void on_network(struct engine *e)
{
    struct daemon *d = daemon_of(e);
    unsigned waiting = 0;

    for (unsigned i = 0; i < e->setup.servers; i++)
        waiting += e->hosts[i].use == HOST_WITHOUT_WAY;
    if (daemon_log_event(d, EVENT_NETWORK)) {
        if (waiting > 0)
            log_notice("the network has come: asking all servers");
        else
            log_detail("an address or a route has come: asking all servers");
    }
    turn_ask_all(&d->turn, PILOT_ASK_NOW);
}

/* Servers of a pool that have given no time for a day. */
static void replace_spent(struct daemon *d)
{
    struct engine *e = &d->engine;
    struct mono now = clocks_mono();

    e->wake = SOURCE_NEVER;
    for (unsigned i = 0; i < e->setup.servers; i++) {
        struct host *h = &e->hosts[i];
        struct mono end = {ns_add_sat(h->good_at.ns, POOL_PATIENCE_NS + NS_PER_S)};

        if (pool_is_spent(h, now)) {
            log_notice("%s: no time from it for a day: another server of the pool takes its place",
                       h->server.host);
            pool_replace(e, h);
            daemon_prepare_source(d, &d->sources[i], &h->server);
            d->logged[i] = (struct host_log){.stage = STAGE_OK};
        } else if (h->server.pool != 0 && h->source.has_session && end.ns > now.ns &&
                   end.ns < e->wake.ns) {
            e->wake = end;
        }
    }
}

static bool on_turn(struct engine *e, struct mono mono)
{
    struct daemon *d = daemon_of(e);
    struct turn_clocks clocks = read_clocks();
    struct turn_out out;

    (void)mono;
    replace_spent(d);
    turn_take(&d->turn, &clocks, &out);
    log_turn(d, &out, clocks.now.wall);
    d->engine.two_steps = !d->ensemble.discipline.synchronized_once;
    updated(d, out.verdict, &out.order, &clocks);
    e->wake = turn_next(&d->turn);
    if (d->state == DAEMON_CHANGED && d->turn.step_ns == 0 && daemon_status_show(d))
        d->state = DAEMON_SHOWN;
    return d->state != DAEMON_STOPPING;
}

static void start_frequency(struct daemon *d)
{
    struct clock_file c;
    bool stored = state_load_clock(&d->engine.state, &c);

    d->start_rate = pilot_start_clock(&d->ensemble, stored ? &c : NULL, d->engine.setup.kernel_rate,
                                      &d->start_rate_sd);
    d->ensemble.floor.ns = NS_PER_S * clock_file_floor_s(clocks_build_date().ns / NS_PER_S,
                                                         stored ? c.last_good_s : 0);
    if (stored)
        log_detail("stored frequency %+.3f ppm", ppm_from_rate(d->start_rate));
}

void daemon_prepare_source(const struct daemon *d, struct ensemble_source *s,
                           const struct msg_server *server)
{
    ensemble_source_init(s, server->minpoll, server->maxpoll);
    s->group = server->group;
    if (d->start_rate_sd > 0)
        ensemble_source_frequency(s, d->start_rate, d->start_rate_sd);
}

static void set_up(struct daemon *d)
{
    const struct msg_setup *m = &d->engine.setup;
    const struct turn_sources sources = {source_of, d};
    struct turn_clocks clocks = read_clocks();
    const struct discipline_config config = {
        .step_ns = m->step_ns,
        .panic_ns = m->panic_ns,
        /* With -x no step would happen: none may be counted on. */
        .step_count = m->monitor_only ? 0 : m->step_count};

    d->sources = calloc(SERVERS_MAX, sizeof *d->sources);
    d->logged = calloc(SERVERS_MAX, sizeof *d->logged);
    if (d->sources == NULL || d->logged == NULL)
        parent_end("out of memory");
    d->ensemble.sources = d->sources;
    d->ensemble.n = m->servers;
    d->ensemble.leaps = m->leaps;
    d->ensemble.policy.minsources = m->minsources;
    d->ensemble.trust_old = m->trust_old != 0;
    d->ensemble.trust_single = m->trust_single != 0;
    d->ensemble.maxdelay_ns = m->maxdelay_ns;
    discipline_init(&d->ensemble.discipline, &config, m->steps_made, m->synchronized != 0);
    start_frequency(d);
    for (unsigned i = 0; i < m->servers; i++)
        daemon_prepare_source(d, &d->sources[i], &d->engine.hosts[i].server);
    daemon_status_open(d);
    d->started = clocks_wall();
    d->pid = m->pid;
    turn_begin(&d->turn, &d->ensemble, &sources, &clocks);
    d->turn.steering = m->monitor_only != 0 ? TURN_WATCHES : TURN_STEERS;
    changed(d);
}

void daemon_run(struct daemon *d)
{
    static const struct engine_rule rule = {on_sample, on_failed, on_message, on_network, on_turn};
    struct turn_clocks end;

    d->engine.rule = &rule;
    d->engine.wake = SOURCE_NEVER;
    d->engine.watch_fd = clocks_watch();
    set_up(d);
    engine_run(&d->engine);
    end = read_clocks();
    store_frequency(d, &end, true);
    daemon_status_remove(d);
}
