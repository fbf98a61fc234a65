/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/engine_run.h"

#include <math.h>
#include <string.h>

#include "common/nts/nts_ke_backoff.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/sim_aead.h"

#define TURNS_MAX 16

struct mono run_now(const struct run *r)
{
    return (struct mono){r->raw_ns + r->slept_ns};
}

static struct instant instant(const struct run *r)
{
    return (struct instant){r->wall, {r->raw_ns}, run_now(r)};
}

static uint64_t random_next(struct run *r)
{
    r->random = r->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return r->random >> 16;
}

/*
 * What only the clock process knows: where a step would lead, and, once the engine was killed
 * before it was synchronized, that the first seconds with their fast slews are over.
 */
static bool expected(const struct run *r, enum clock_verdict v)
{
    return v == CLOCK_VERDICT_STEP_RANGE || v == CLOCK_VERDICT_FREQ ||
           (v == CLOCK_VERDICT_SLEW && r->killed && r->ensemble.discipline.fast);
}

static void carry_out(struct run *r, const struct clock_order *o)
{
    r->wall.ns = ns_add_sat(r->wall.ns, o->step_ns);
    if (o->what & CLOCK_SET_SLEW) {
        r->left_s = s_from_ns(o->offset_ns);
        r->slew_tau_s = 4 << o->constant;
    }
    if (o->what & CLOCK_SET_FREQ)
        r->rate = clock_order_rate(o->freq, o->tick_us);
}

void run_update(struct run *r)
{
    struct instant at = instant(r);
    struct clock_order o;

    for (int again = 0; again < 3 && ensemble_update(&r->ensemble, &at, &o); again++) {
        enum clock_verdict v =
            clock_limit_check(&r->limit, &o, at.mono, at.wall, &r->ensemble.leaps);

        FUZZ_ASSERT(!(o.what & CLOCK_SET_STEP) || r->ensemble.result.majority);
        if (v != CLOCK_VERDICT_OK && (o.what & CLOCK_SET_STEP) && r->ensemble.discipline.late) {
            /* Nothing speaks for it: what is done instead is no step. */
            discipline_step_refused(&r->ensemble.discipline, at.mono);
            FUZZ_ASSERT(discipline_bound_s(&r->ensemble.discipline, at.mono) >=
                        fabs(s_from_ns(o.step_ns)));
            continue;
        }
        FUZZ_ASSERT(v == CLOCK_VERDICT_OK || expected(r, v));
        if (v != CLOCK_VERDICT_OK)
            return;
        carry_out(r, &o);
        if (!(o.what & CLOCK_SET_STEP))
            break;
        at = instant(r);
    }
    FUZZ_ASSERT(!isnan(discipline_bound_s(&r->ensemble.discipline, at.mono)));
}

static void start_ke(struct run *r, unsigned i)
{
    FUZZ_ASSERT(!r->peers[i].ke);
    r->peers[i].ke = true;
    r->peers[i].ke_start = run_now(r);
}

void run_ke_reached(struct peer *p)
{
    if (p->fruitless > 0)
        FUZZ_ASSERT(p->ke_start.ns >=
                    ns_add_sat(p->ke_reached.ns, nts_ke_backoff_ns(p->fruitless)));
    p->ke_reached = p->ke_start;
    p->fruitless++;
}

static void send_query(struct run *r, unsigned i, struct source_out *out)
{
    struct peer *p = &r->peers[i];
    struct wire_reader cookie;
    uint32_t number;

    FUZZ_ASSERT(p->source.state == SOURCE_POLLING);
    /* Header, Unique Identifier, then the cookie, which begins with its number. */
    cookie = wire_reader(out->packet, out->packet_len);
    (void)wire_skip(&cookie, NTP_HEADER_LEN + 4 + NTS_UID_LEN + 4);
    number = wire_get_u32(&cookie);
    FUZZ_ASSERT(!cookie.bad && number < r->next_cookie && !r->cookie_sent[number]);
    r->cookie_sent[number] = 1;
    p->ntp = out->to;
    p->sent = run_now(r);
    p->stamps.t1 = r->wall;
    p->stamps.t1_raw.ns = r->raw_ns;
    p->open = true;
    p->sampled = false;
    p->request_len = out->packet_len;
    memcpy(p->request, out->packet, out->packet_len);
}

static void on_sample(struct run *r, unsigned i, const struct sample *s)
{
    struct peer *p = &r->peers[i];

    FUZZ_ASSERT(!p->sampled);
    p->sampled = true;
    p->fruitless = 0;
    pilot_sample(&r->ensemble, i, &p->ntp, s);
    run_update(r);
    pilot_plan(&r->ensemble, i, &p->source, p->sent, (uint32_t)random_next(r));
}

static void on_failed(struct run *r, unsigned i)
{
    struct peer *p = &r->peers[i];
    bool again = pilot_failed(&r->ensemble, i, &p->source);

    /* An authentic answer that makes no sense: the keys at least are good. */
    if (p->source.fail.stage == STAGE_NTP_SANITY)
        p->fruitless = 0;
    run_update(r);
    if (again)
        pilot_plan(&r->ensemble, i, &p->source, p->sent, (uint32_t)random_next(r));
}

void run_perform(struct run *r, unsigned i, struct source_out *out)
{
    struct peer *p = &r->peers[i];

    for (unsigned k = 0; k < out->n; k++) {
        switch (out->act[k]) {
        case SOURCE_SAVE:
            p->stored = p->source.session;
            p->has_stored = true;
            break;
        case SOURCE_SEND:
            send_query(r, i, out);
            break;
        case SOURCE_CLOSE:
            p->open = false;
            break;
        case SOURCE_START_KE:
            start_ke(r, i);
            break;
        case SOURCE_SAMPLE:
            on_sample(r, i, &out->sample);
            break;
        case SOURCE_FAILED:
            on_failed(r, i);
            break;
        }
    }
}

void run_sync_store(struct run *r, struct peer *p)
{
    source_sync(&p->source, p->has_stored ? &p->stored : NULL, run_now(r));
}

void run_timers(struct run *r)
{
    for (unsigned i = 0; i < r->ensemble.n; i++) {
        struct peer *p = &r->peers[i];
        unsigned turns = 0;

        while (source_next(&p->source).ns <= run_now(r).ns) {
            struct source_tools tools = {.aead = &sim_aead};
            struct source_out out = {.n = 0};

            FUZZ_ASSERT(turns++ < TURNS_MAX);
            FUZZ_ASSERT(p->source.state != SOURCE_REFUSED);
            for (size_t k = 0; k < sizeof tools.random.uid; k++)
                tools.random.uid[k] = (uint8_t)random_next(r);
            tools.random.transmit = random_next(r) | 1;
            run_sync_store(r, p);
            source_timer(&p->source, run_now(r), &tools, &out);
            run_perform(r, i, &out);
        }
    }
}

void run_pass(struct run *r, int64_t ns)
{
    double left = r->left_s * exp(-s_from_ns(ns) / r->slew_tau_s);

    r->wall.ns =
        ns_add_sat(r->wall.ns, ns + llrint(((double)ns * r->rate) + (r->left_s - left) * 1e9));
    r->left_s = left;
    r->raw_ns += ns;
}

void run_pass_to_next(struct run *r, int64_t most)
{
    int64_t next = ns_add_sat(run_now(r).ns, most);

    for (unsigned i = 0; i < r->ensemble.n; i++)
        if (source_next(&r->peers[i].source).ns < next)
            next = source_next(&r->peers[i].source).ns;
    if (next > run_now(r).ns)
        run_pass(r, next - run_now(r).ns);
}

static void start_source(struct run *r, unsigned i)
{
    struct peer *p = &r->peers[i];

    ensemble_source_init(&r->sources[i], 6, 10);
    source_init(&p->source, &pilot_policy, run_now(r));
    p->open = p->ke = false;
    p->fruitless = 0;
    if (p->has_stored && p->stored.cookies.count > 0)
        source_resume(&p->source, &p->stored, run_now(r));
}

void run_start(struct run *r)
{
    const struct discipline_config config = {
        .step_ns = NS_PER_S / 2, .panic_ns = 1000 * NS_PER_S, .step_count = 1};

    discipline_init(&r->ensemble.discipline, &config, r->limit.steps, r->limit.synchronized);
    for (unsigned i = 0; i < r->ensemble.n; i++)
        start_source(r, i);
}
