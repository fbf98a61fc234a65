/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/oneshot.h"

#include <math.h>
#include <signal.h>

#include "client/engine/parent.h"
#include "client/engine/pool_engine.h"
#include "client/shared/clocks.h"
#include "client/shared/exit_status.h"
#include "client/shared/log.h"
#include "common/base/invariant.h"
#include "common/base/text.h"
#include "common/clock/clock_file.h"
#include "common/clock/clock_limit.h"
#include "common/clock/discipline.h"
#include "common/clock/rate_range.h"
#include "common/clock/select.h"

/*
 * A second per answer, doubled twice; stored cookies whose server stays silent twice are given up
 * for new keys; several samples of one server are a second apart.
 */
const struct source_policy oneshot_policy = {
    .query_window_ns = NS_PER_S, .retry_ns = 0, .poll_ns = NS_PER_S, .losses_max = 2};

/* After so long people begin to wonder. */
#define TELL_NS NS_PER_S

static volatile sig_atomic_t interrupted;

static struct oneshot *oneshot_of(struct engine *e)
{
    return (struct oneshot *)(void *)e;
}

static void show(struct oneshot *o, unsigned host)
{
    FILE *to = parent_output();

    if (to == NULL)
        return; /* it is printed in the end */
    o->print(to, o, host);
    fclose(to);
    o->results[host].shown = true;
}

static void done(struct engine *e, unsigned host)
{
    struct oneshot *o = oneshot_of(e);

    o->results[host].done = true;
    e->hosts[host].use = HOST_DONE;
    if (e->setup.live)
        show(o, host);
}

/* The best sample is kept, and enough of them end it. */
static void on_sample(struct engine *e, unsigned host, const struct sample *s)
{
    struct result *r = &oneshot_of(e)->results[host];

    INVARIANT(host < e->setup.servers);
    if (r->samples == 0 || s->delay_ns < r->best.delay_ns)
        r->best = *s;
    if (++r->samples >= e->setup.samples)
        done(e, host);
}

/* Final failures end it, others leave time for the next attempt. */
static void on_failed(struct engine *e, unsigned host)
{
    switch ((enum stage)e->hosts[host].source.fail.stage) {
    case STAGE_NTP_TIMEOUT:
    case STAGE_NTP_AUTH:
    case STAGE_NAK:
        return; /* the next query, or the key exchange that follows, may do better */
    default:
        done(e, host);
    }
}

static bool on_message(struct engine *e, const void *msg, size_t len)
{
    (void)e, (void)msg, (void)len;
    return false;
}

static void on_network(struct engine *e)
{
    (void)e; /* not watched */
}

static void on_interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
}

static void let_interrupt(int how)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(how, &set, NULL);
}

void oneshot_mind_interrupts(void)
{
    /* Once only: whoever insists ends the process. */
    struct sigaction a = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&a.sa_mask);
    sigaction(SIGINT, &a, NULL);
    /* One that comes between the look at `interrupted` and the wait would not end the wait. */
    let_interrupt(SIG_BLOCK);
}

static void tell_waiting(const struct oneshot *o)
{
    const struct engine *e = &o->engine;
    char names[256], name[NTS_NAME_MAX + 16];
    struct text t = text_in(names, sizeof names);
    unsigned n = 0;

    for (unsigned i = 0; i < e->setup.servers; i++) {
        if (e->hosts[i].use == HOST_DONE)
            continue;
        addr_with_port(e->hosts[i].server.host, e->hosts[i].server.port, NTS_KE_PORT, name,
                       sizeof name);
        text_put(&t, "%s%s", n > 0 ? ", " : "", name);
        n++;
    }
    log_notice("waiting for %u of %u servers (%s), for %d s at most; ^C shows what is known", n,
               e->setup.servers, names, e->setup.timeout_ms / 1000);
}

/* A line while somebody waits, and the end when he does not want to any more. */
static bool goes_on(struct oneshot *o, struct mono now)
{
    struct engine *e = &o->engine;

    if (!e->setup.live)
        return true;
    o->interrupted = interrupted != 0;
    if (o->interrupted)
        let_interrupt(SIG_UNBLOCK); /* the next one */
    if (!o->told && now.ns - o->began.ns >= TELL_NS) {
        tell_waiting(o);
        o->told = true;
        e->wake = SOURCE_NEVER;
    }
    return !o->interrupted;
}

static bool on_turn(struct engine *e, struct mono now)
{
    bool waits = false;

    for (unsigned i = 0; i < e->setup.servers; i++)
        waits = waits || e->hosts[i].use != HOST_DONE;
    return waits && goes_on(oneshot_of(e), now);
}

/* Time is up: what was waited for? */
static void on_deadline(struct source *s)
{
    /* That an earlier query was lost says less than what the last one has seen. */
    if (s->fail.stage != STAGE_OK && s->fail.stage != STAGE_NTP_TIMEOUT)
        return;
    if (s->state == SOURCE_NAK_PENDING)
        s->fail = failure_make(STAGE_NAK, REASON_NONE, 0);
    else if (s->state == SOURCE_KE) /* ntsc-ke itself would know more, but it came too late */
        s->fail = failure_make(STAGE_KE_RECORD, REASON_TIMEOUT, 0);
    else if (s->state == SOURCE_POLLING)
        s->fail = source_no_answer(s);
    else
        s->fail = failure_make(STAGE_NTP_TIMEOUT, REASON_TIMEOUT, 0);
}

static void ask_again(struct oneshot *o, unsigned i)
{
    struct host *h = &o->engine.hosts[i];
    bool answered = o->results[i].samples > 0 && h->source.state == SOURCE_WAITING;

    o->results[i] = (struct result){.done = !answered};
    h->use = answered ? HOST_ASKED : HOST_DONE;
    if (!answered)
        return;
    if (h->source.session.provisional)
        (void)source_renew(&h->source, clocks_mono());
    else
        source_poll_at(&h->source, clocks_mono());
}

void oneshot_confirm(struct oneshot *o)
{
    struct engine *e = &o->engine;

    e->two_steps = false;
    e->deadline.ns = clocks_mono().ns + e->setup.timeout_ms * NS_PER_MS;
    for (unsigned i = 0; i < e->setup.servers; i++)
        ask_again(o, i);
    oneshot_run(o);
}

void oneshot_run(struct oneshot *o)
{
    static const struct engine_rule rule = {on_sample, on_failed, on_message, on_network, on_turn};

    o->engine.rule = &rule;
    o->began = clocks_mono();
    o->engine.wake = SOURCE_NEVER;
    if (o->engine.setup.live && !o->told)
        o->engine.wake.ns = o->began.ns + TELL_NS;
    engine_run(&o->engine);
    for (unsigned i = 0; i < o->engine.setup.servers; i++)
        if (!o->results[i].done && o->results[i].samples == 0 && !o->interrupted)
            on_deadline(&o->engine.hosts[i].source);
}

/* Servers at one address and port are one: the first of them gives the number. */
static uint32_t address_number(const struct engine *e, unsigned i)
{
    return 1 + net_addr_first(&e->hosts[0].ntp, sizeof *e->hosts, i);
}

/*
 * A pool that is smaller than wished has no more voices than servers: a place without one is one
 * voice with another of the pool.
 */
static struct select_input no_claim(const struct engine *e, unsigned i)
{
    const struct host *h = &e->hosts[i];
    const struct host *other = pool_other(e, h);
    struct select_input none = {.group = h->server.group, .reachable = false};

    if (h->source.fail.reason == REASON_NO_OTHER && other != NULL)
        none.address = address_number(e, (unsigned)(other - e->hosts));
    return none;
}

/*
 * The samples are of different age. From T4 on time went by on the raw clock, whatever somebody
 * does to CLOCK_REALTIME meanwhile, and the bounds grow by what the raw clock may be off.
 */
static struct select_input claim(const struct oneshot *o, unsigned i, struct wall now,
                                 struct raw now_raw)
{
    const struct sample *s = &o->results[i].best;
    int64_t age = ns_sub_sat(now_raw.ns, s->local.t4_raw.ns);
    int64_t offset, bound;

    if (o->results[i].samples == 0)
        return no_claim(&o->engine, i);
    offset = ns_add_sat(s->offset_ns, ns_sub_sat(age, ns_sub_sat(now.ns, s->local.t4.ns)));
    bound = ns_add_sat(s->bound_ns, (int64_t)((double)age * RATE_USUAL));
    return (struct select_input){.offset_ns = offset,
                                 .bound_ns = bound,
                                 .sd_s = s_from_ns(bound) / sqrt(3.0), /* uniform within it */
                                 .asymmetry_s = select_asymmetry_s(s->delay_ns, s->root_delay_ns),
                                 .group = o->engine.hosts[i].server.group,
                                 .address = address_number(&o->engine, i),
                                 .leap = s->leap,
                                 .reachable = true};
}

static enum verdict judge(const struct engine *e, int64_t offset_ns, int64_t bound_ns)
{
    if (e->setup.mode != RUN_CHECK)
        return VERDICT_OK;
    switch (check_judge(&e->setup.limits, offset_ns, bound_ns)) {
    case CHECK_WARNING:
        return VERDICT_WARNING;
    case CHECK_CRITICAL:
        return VERDICT_CRITICAL;
    case CHECK_OK:
    case CHECK_UNKNOWN:
        break;
    }
    return VERDICT_OK;
}

/*
 * As in the daemon (common/clock/ensemble.c): keys that were stolen long ago serve a time at which
 * their certificates were valid.
 */
static bool is_old(const struct engine *e, const struct conclusion *c, unsigned voices,
                   struct wall now)
{
    /* When it was stored the clock was right within so much. */
    int64_t good_s = e->last_good_s - (int64_t)DISCIPLINE_BOUND_MAX_S;
    int64_t floor_s = clock_file_floor_s(clocks_build_date().ns / NS_PER_S, good_s);
    bool trusted = e->setup.trust_old && voices >= CLOCK_LATER_VOICES && !c->provisional;

    return ns_add_sat(now.ns, c->offset_ns) / NS_PER_S < floor_s && !trusted;
}

struct conclusion oneshot_conclude(const struct oneshot *o)
{
    const struct engine *e = &o->engine;
    struct select_policy policy = {.minsources = 0, .of_all = true};
    struct select_input in[SERVERS_MAX];
    struct select_output out[SERVERS_MAX];
    struct select_result r;
    struct conclusion c = {.verdict = VERDICT_NO_ANSWER};
    struct wall now;
    struct raw now_raw;

    clocks_pair(&now, &now_raw);
    for (unsigned i = 0; i < e->setup.servers; i++) {
        in[i] = claim(o, i, now, now_raw);
        if (in[i].reachable)
            c.answered++;
        c.unfit = c.unfit || (in[i].reachable && o->results[i].best.provisional);
    }
    if (c.unfit && !e->setup.trust_single)
        policy.minsources = 2;
    if (c.answered == 0)
        return c;
    select_sources(in, e->setup.servers, &policy, out, &r);
    c.voices = r.voices;
    if (!r.majority) {
        c.verdict = VERDICT_NO_AGREEMENT;
        return c;
    }
    for (unsigned i = 0; i < e->setup.servers; i++) {
        if (out[i].state != SELECT_SELECTED && out[i].state != SELECT_SHADOWED)
            continue;
        c.agree |= UINT64_C(1) << i;
        c.agreeing++;
        c.provisional = c.provisional || o->results[i].best.provisional;
    }
    c.offset_ns = r.offset_ns;
    c.bound_ns = r.bound_ns;
    c.verdict = is_old(e, &c, r.agreeing, now) ? VERDICT_OLD : judge(e, c.offset_ns, c.bound_ns);
    return c;
}

int oneshot_exit_status(enum verdict v)
{
    switch (v) {
    case VERDICT_OK:
    case VERDICT_SET:
        return EXIT_FINE;
    case VERDICT_WARNING:
        return EXIT_WARNING;
    case VERDICT_CRITICAL:
        return EXIT_CRITICAL;
    case VERDICT_NO_ANSWER:
    case VERDICT_NO_AGREEMENT:
    case VERDICT_OLD:
        break;
    case VERDICT_SET_FAILED:
        return EXIT_NO_RIGHT;
    }
    return EXIT_NO_ANSWER;
}
