/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/engine/daemon_log.h"
#include "client/engine/daemon_status.h"
#include "client/engine/parent.h"
#include "client/shared/clocks.h"
#include "client/shared/log.h"

/* How often the frequency is stored while it runs; it is stored at the end as well. */
#define STORE_NS (3600 * NS_PER_S)

static struct daemon *daemon_of(struct engine *e)
{
    return (struct daemon *)(void *)e;
}

static struct instant instant_now(void)
{
    struct instant now = {.mono = clocks_mono()};

    clocks_pair(&now.wall, &now.raw);
    return now;
}

static void store_frequency(struct daemon *d)
{
    struct clock_file c;
    int error;

    if (!pilot_store_clock(&d->ensemble, clocks_wall(), &c))
        return;
    d->frequency_at = clocks_mono();
    d->engine.last_good_s = c.last_good_s;
    error = state_store_clock(&d->engine.state, &c);
    if (error != 0)
        log_warning("the frequency cannot be stored: %s", strerror(error));
}

/* Judges all sources anew, and has the clock changed where that is due. */
static void update(struct daemon *d)
{
    struct msg_clock m = {.type = MSG_CLOCK};
    struct instant now = instant_now();

    d->judge = false;
    /* Estimates from before a sleep mean nothing: on_turn() begins anew. */
    if (clocks_slept_ns() - d->slept_ns > PILOT_SLEPT_NS)
        return;
    d->changed = true;
    if (ensemble_update(&d->ensemble, &now, &m.order) && !d->engine.setup.monitor_only &&
        !d->halted) {
        if ((m.order.what & CLOCK_SET_STEP) != 0) {
            d->step_asked_ns = m.order.step_ns;
            daemon_log_step(d, m.order.step_ns);
        }
        parent_send(&m, sizeof m);
    }
    daemon_log_verdicts(d);
    if (now.mono.ns - d->frequency_at.ns > STORE_NS)
        store_frequency(d);
}

/* When the query just ended is followed by the next one. */
static void plan_next(struct daemon *d, unsigned i)
{
    struct host *h = &d->engine.hosts[i];
    pilot_plan(&d->ensemble, i, &h->source, h->sent, h->random);
}

static void on_sample(struct engine *e, unsigned i, const struct sample *s)
{
    struct daemon *d = daemon_of(e);

    daemon_log_answer(d, i);
    if (!pilot_sample(&d->ensemble, i, &e->hosts[i].ntp, s))
        log_detail("%s: sample out of order", e->hosts[i].server.host);
    d->judge = true;
    plan_next(d, i);
}

/*
 * Answers of servers that were asked together come together: they are judged as one, and make one
 * order for the clock. For one that may not come at all nobody waits, nor before the clock is
 * right.
 */
static bool more_to_come(const struct daemon *d)
{
    if (d->ensemble.discipline.state != DISCIPLINE_SYNCHRONIZED)
        return false;
    for (unsigned i = 0; i < d->engine.setup.servers; i++) {
        const struct source *s = &d->engine.hosts[i].source;

        if ((s->state == SOURCE_POLLING || s->state == SOURCE_NAK_PENDING) && s->losses == 0)
            return true;
    }
    return false;
}

static void on_failed(struct engine *e, unsigned i)
{
    struct daemon *d = daemon_of(e);
    bool plan;

    daemon_log_failure(d, i);
    plan = pilot_failed(&d->ensemble, i, &e->hosts[i].source);
    update(d);
    if (plan)
        plan_next(d, i);
}

/* Everybody is asked now, in a burst. */
static void ask_all(struct daemon *d, bool restart)
{
    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        pilot_ask(&d->ensemble, i, &d->engine.hosts[i].source, clocks_mono(), restart);
}

/* Once is a mistake, and corrected; whoever does it again and again is not fought with. */
static void note_foreign(struct daemon *d)
{
    d->changed = true;
    if (!pilot_foreign(&d->foreign, clocks_mono()) || d->halted || d->engine.setup.monitor_only)
        return;
    d->halted = true;
    log_warning("another program keeps steering the clock: ntsc no longer does, until it is "
                "started again");
}

static void clock_result(struct daemon *d, const struct msg_clock_result *m)
{
    int64_t step = d->step_asked_ns;

    d->step_asked_ns = 0;
    if (m->verdict != CLOCK_VERDICT_OK || m->error != 0) {
        if (m->error != 0)
            log_warning("the kernel refused to change the clock: %s", strerror(m->error));
        if (m->error == EPERM)
            parent_done(4);
        return;
    }
    if (m->foreign != 0) {
        log_warning("somebody else has changed the clock's frequency or status: is another time "
                    "daemon running?");
        note_foreign(d);
    }
    if (step != 0) {
        d->last_step_by = STATUS_STEP_NTSC;
        d->last_step_ns = step;
        d->last_step_at = clocks_wall();
        d->last_turn = instant_now();
        update(d);
    }
}

static void control(struct daemon *d, const struct msg_control *m)
{
    const struct msg_alive alive = {.type = MSG_ALIVE};

    if (m->what == CONTROL_STOP)
        d->stop = true;
    else if (m->what == CONTROL_POLL_NOW)
        ask_all(d, false);
    else
        parent_send(&alive, sizeof alive);
}

static bool on_message(struct engine *e, const void *msg, size_t len)
{
    struct daemon *d = daemon_of(e);

    if (msg_clock_result_valid(msg, len)) {
        clock_result(d, msg);
        return true;
    }
    if (msg_control_valid(msg, len)) {
        control(d, msg);
        return true;
    }
    if (msg_setup_valid(msg, len)) {
        daemon_reconfigure(d, msg);
        d->changed = true;
        return true;
    }
    return false;
}

/* CLOCK_REALTIME against the raw clock: somebody stepped it? */
static void notice_jump(struct daemon *d, const struct instant *now)
{
    int64_t jump = pilot_jump_ns(&d->ensemble, &d->last_turn, now);

    int64_t leap = pilot_leap_ns(&d->ensemble, jump, now);

    if (d->step_asked_ns != 0 || jump == 0)
        return;
    if (leap != 0) {
        log_notice("leap second: %s", leap < 0 ? "23:59:60 is inserted" : "23:59:59 was left out");
        ensemble_leap(&d->ensemble, leap);
        return;
    }
    log_warning("somebody else has stepped the clock by about %+.3f s", s_from_ns(jump));
    d->last_step_by = STATUS_STEP_OTHER;
    d->last_step_at = now->wall;
    d->last_step_ns = jump;
    note_foreign(d);
    update(d);
    ask_all(d, false);
}

static void notice_sleep(struct daemon *d)
{
    int64_t slept = clocks_slept_ns();
    int64_t ns = slept - d->slept_ns;

    d->slept_ns = slept;
    if (ns <= PILOT_SLEPT_NS)
        return;
    log_notice("back after %.0f s of sleep: asking all servers", s_from_ns(ns));
    ensemble_resumed(&d->ensemble);
    d->last_turn = instant_now();
    update(d); /* until it is measured again the kernel may not claim a bound */
    ask_all(d, true);
}

/* What was taken by certificates that did not fit the clock is done again, now that they do. */
static void renew(struct daemon *d, const struct instant *now)
{
    for (unsigned i = 0; i < d->engine.setup.servers; i++) {
        struct host *h = &d->engine.hosts[i];

        if (pilot_renew(&d->ensemble, i, &h->source, now))
            log_notice("%s: exchanging keys again, by the clock", h->server.host);
    }
    d->engine.two_steps = !d->ensemble.discipline.synchronized_once;
}

static void on_network(struct engine *e)
{
    struct daemon *d = daemon_of(e);
    unsigned waiting = 0;

    for (unsigned i = 0; i < e->setup.servers; i++)
        waiting += e->hosts[i].unreached;
    if (waiting > 0)
        log_notice("the network has come: asking all servers");
    else
        log_detail("an address or a route has come: asking all servers");
    ask_all(d, false);
}

static bool on_turn(struct engine *e, struct mono mono)
{
    struct daemon *d = daemon_of(e);
    struct instant now = instant_now();

    (void)mono;
    notice_sleep(d);
    notice_jump(d, &now);
    if (d->step_asked_ns == 0)
        d->last_turn = now;
    renew(d, &now);
    if (d->judge && !more_to_come(d))
        update(d);
    if (d->changed)
        d->changed = !daemon_status_show(d);
    return !d->stop;
}

/* Frequency to begin with: the last run's, else what the kernel has been given by somebody. */
static void start_frequency(struct daemon *d)
{
    struct clock_file c;
    double rate = d->engine.setup.kernel_rate, sd = 20e-6;

    if (state_load_clock(&d->engine.state, &c)) {
        rate = pilot_start_clock(&d->ensemble, &c, &sd);
        log_detail("stored frequency %+.3f ppm", rate * 1e6);
    }
    if (rate == 0)
        return;
    d->start_rate = rate;
    d->start_rate_sd = sd;
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
    const struct discipline_config config = {
        .step_ns = m->step_ns,
        .panic_ns = m->panic_ns,
        /* With -x no step would happen: none may be counted on. */
        .step_count = m->monitor_only ? 0 : m->step_count};

    d->sources = calloc(SERVERS_MAX, sizeof *d->sources);
    d->logged = calloc(SERVERS_MAX, sizeof *d->logged);
    if (d->sources == NULL || d->logged == NULL)
        _exit(1);
    d->ensemble.sources = d->sources;
    d->ensemble.n = m->servers;
    d->ensemble.policy.minsources = m->minsources;
    d->ensemble.trust_single = m->trust_single != 0;
    d->ensemble.maxdelay_ns = m->maxdelay_ns;
    discipline_init(&d->ensemble.discipline, &config, m->steps_made, m->synchronized != 0);
    start_frequency(d);
    for (unsigned i = 0; i < m->servers; i++)
        daemon_prepare_source(d, &d->sources[i], &d->engine.hosts[i].server);
    daemon_status_open(d);
    d->started = clocks_wall();
    d->pid = (uint32_t)getppid();
    d->slept_ns = clocks_slept_ns();
    d->last_turn = instant_now();
    d->frequency_at = d->last_turn.mono;
    d->changed = true;
}

void daemon_run(struct daemon *d)
{
    static const struct engine_rule rule = {on_sample, on_failed, on_message, on_network, on_turn};

    d->engine.rule = &rule;
    d->engine.wake = SOURCE_NEVER;
    d->engine.watch_fd = clocks_watch();
    set_up(d);
    engine_run(&d->engine);
    store_frequency(d);
    daemon_status_remove(d);
}
