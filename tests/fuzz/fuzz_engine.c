/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine as a whole in virtual time: sources, filters, selection and discipline, held against
 * the limits of the clock process. The input is a list of events; time goes on as it says. Whatever
 * happens, these promises hold:
 *
 *   no cookie is sent twice, also when the engine is killed and goes on with what it stored;
 *   a query brings one sample at most, and none after the server told us to stay away;
 *   key exchanges that fail, or that lead to nothing, follow each other in growing pauses;
 *   the discipline orders nothing that the clock process refuses, and no step without a majority;
 *   nobody spins: what is due is done, and the next thing is later.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock_limit.h"
#include "common/pilot.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/sim_aead.h"

#define SOURCES   4
#define START_NS  (INT64_C(1803859200) * NS_PER_S) /* 2027-03-01 */
#define COOKIES   8192
#define TURNS_MAX 16
#define HOUR_NS   (3600 * NS_PER_S)

struct peer {
    struct source source;
    struct nts_session stored;
    bool has_stored;
    struct net_addr ntp;
    struct local_stamps stamps;
    struct mono sent;
    bool ke, open, sampled;
    uint8_t request[NTS_REQUEST_MAX];
    size_t request_len;
    /* Key exchanges: the one under way; the last that reached a server; how many of those in a row
     * no authenticated answer has followed. */
    struct mono ke_start, ke_reached;
    unsigned fruitless;
};

struct engine {
    struct wire_reader in;
    struct ensemble ensemble;
    struct ensemble_source sources[SOURCES];
    struct peer peers[SOURCES];
    struct clock_limit limit;
    int64_t raw_ns, slept_ns;
    /* CLOCK_REALTIME: its rate against the oscillator, and what is left to slew. */
    struct wall wall;
    double rate, left_s, slew_tau_s;
    uint64_t random;
    uint32_t next_cookie;
    uint8_t cookie_sent[COOKIES];
    bool killed;
};

static void perform(struct engine *e, unsigned i, struct source_out *out);

static struct mono now(const struct engine *e)
{
    return (struct mono){e->raw_ns + e->slept_ns};
}

static struct instant instant(const struct engine *e)
{
    return (struct instant){e->wall, {e->raw_ns}, now(e)};
}

static uint64_t random_next(struct engine *e)
{
    e->random = e->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return e->random >> 16;
}

/*
 * What only the clock process knows: where a step would lead, and, once the engine was killed
 * before it was synchronized, that the first seconds with their fast slews are over.
 */
static bool expected(const struct engine *e, enum clock_verdict v)
{
    return v == CLOCK_VERDICT_STEP_RANGE || v == CLOCK_VERDICT_FREQ ||
           (v == CLOCK_VERDICT_SLEW && e->killed && e->ensemble.discipline.fast);
}

static void carry_out(struct engine *e, const struct clock_order *o)
{
    e->wall.ns = ns_add_sat(e->wall.ns, o->step_ns);
    if (o->what & CLOCK_SET_SLEW) {
        e->left_s = s_from_ns(o->offset_ns);
        e->slew_tau_s = 4 << o->constant;
    }
    if (o->what & CLOCK_SET_FREQ)
        e->rate = clock_order_rate(o->freq, o->tick_us);
}

static void update(struct engine *e)
{
    struct instant at = instant(e);
    struct clock_order o;

    for (int again = 0; again < 2 && ensemble_update(&e->ensemble, &at, &o); again++) {
        enum clock_verdict v =
            clock_limit_check(&e->limit, &o, at.mono, at.wall, &e->ensemble.leaps);

        FUZZ_ASSERT(v == CLOCK_VERDICT_OK || expected(e, v));
        FUZZ_ASSERT(!(o.what & CLOCK_SET_STEP) || e->ensemble.result.majority);
        if (v != CLOCK_VERDICT_OK)
            return;
        carry_out(e, &o);
        if (!(o.what & CLOCK_SET_STEP))
            break;
        at = instant(e);
    }
    FUZZ_ASSERT(!isnan(discipline_bound_s(&e->ensemble.discipline, at.mono)));
}

static void start_ke(struct engine *e, unsigned i)
{
    FUZZ_ASSERT(!e->peers[i].ke);
    e->peers[i].ke = true;
    e->peers[i].ke_start = now(e);
}

/* RFC 8915 section 4.2: servers are reached in growing pauses. */
static void ke_reached(struct peer *p)
{
    if (p->fruitless > 0)
        FUZZ_ASSERT(p->ke_start.ns >=
                    ns_add_sat(p->ke_reached.ns, source_ke_backoff_ns(p->fruitless)));
    p->ke_reached = p->ke_start;
    p->fruitless++;
}

static void send_query(struct engine *e, unsigned i, struct source_out *out)
{
    struct peer *p = &e->peers[i];
    struct wire_reader cookie;
    uint32_t number;

    FUZZ_ASSERT(p->source.state == SOURCE_POLLING);
    /* Header, Unique Identifier, then the cookie, which begins with its number. */
    cookie = wire_reader(out->packet, out->packet_len);
    (void)wire_skip(&cookie, NTP_HEADER_LEN + 4 + NTS_UID_LEN + 4);
    number = wire_get_u32(&cookie);
    FUZZ_ASSERT(!cookie.bad && number < e->next_cookie && !e->cookie_sent[number]);
    e->cookie_sent[number] = 1;
    p->ntp = out->to;
    p->sent = now(e);
    p->stamps.t1 = e->wall;
    p->stamps.t1_raw.ns = e->raw_ns;
    p->open = true;
    p->sampled = false;
    p->request_len = out->packet_len;
    memcpy(p->request, out->packet, out->packet_len);
}

static void on_sample(struct engine *e, unsigned i, const struct sample *s)
{
    struct peer *p = &e->peers[i];

    FUZZ_ASSERT(!p->sampled);
    p->sampled = true;
    p->fruitless = 0;
    pilot_sample(&e->ensemble, i, &p->ntp, s);
    update(e);
    pilot_plan(&e->ensemble, i, &p->source, p->sent, (uint32_t)random_next(e));
}

static void on_failed(struct engine *e, unsigned i)
{
    struct peer *p = &e->peers[i];
    bool again = pilot_failed(&e->ensemble, i, &p->source);

    /* An authentic answer that makes no sense: the keys at least are good. */
    if (p->source.fail.stage == STAGE_NTP_SANITY)
        p->fruitless = 0;
    update(e);
    if (again)
        pilot_plan(&e->ensemble, i, &p->source, p->sent, (uint32_t)random_next(e));
}

static void perform(struct engine *e, unsigned i, struct source_out *out)
{
    struct peer *p = &e->peers[i];

    for (unsigned k = 0; k < out->n; k++) {
        switch (out->act[k]) {
        case SOURCE_SAVE:
            p->stored = p->source.session;
            p->has_stored = true;
            break;
        case SOURCE_SEND:
            send_query(e, i, out);
            break;
        case SOURCE_CLOSE:
            p->open = false;
            break;
        case SOURCE_START_KE:
            start_ke(e, i);
            break;
        case SOURCE_SAMPLE:
            on_sample(e, i, &out->sample);
            break;
        case SOURCE_FAILED:
            on_failed(e, i);
            break;
        }
    }
}

static void sync_store(struct engine *e, struct peer *p)
{
    source_sync(&p->source, p->has_stored ? &p->stored : NULL, now(e));
}

static void timers(struct engine *e)
{
    for (unsigned i = 0; i < e->ensemble.n; i++) {
        struct peer *p = &e->peers[i];
        unsigned turns = 0;

        while (source_next(&p->source).ns <= now(e).ns) {
            struct source_tools tools = {.aead = &sim_aead};
            struct source_out out = {.n = 0};

            FUZZ_ASSERT(turns++ < TURNS_MAX);
            FUZZ_ASSERT(p->source.state != SOURCE_REFUSED);
            for (size_t k = 0; k < sizeof tools.random.uid; k++)
                tools.random.uid[k] = (uint8_t)random_next(e);
            tools.random.transmit = random_next(e) | 1;
            sync_store(e, p);
            source_timer(&p->source, now(e), &tools, &out);
            perform(e, i, &out);
        }
    }
}

static void pass(struct engine *e, int64_t ns)
{
    double left = e->left_s * exp(-s_from_ns(ns) / e->slew_tau_s);

    e->wall.ns =
        ns_add_sat(e->wall.ns, ns + llrint(((double)ns * e->rate) + (e->left_s - left) * 1e9));
    e->left_s = left;
    e->raw_ns += ns;
}

/* To the next timer, or by at most `most`. */
static void pass_to_next(struct engine *e, int64_t most)
{
    int64_t next = ns_add_sat(now(e).ns, most);

    for (unsigned i = 0; i < e->ensemble.n; i++)
        if (source_next(&e->peers[i].source).ns < next)
            next = source_next(&e->peers[i].source).ns;
    if (next > now(e).ns)
        pass(e, next - now(e).ns);
}

static void make_cookie(struct engine *e, uint8_t *cookie, size_t n)
{
    struct wire_writer w = wire_writer(cookie, n);

    wire_put_u32(&w, e->next_cookie++);
    wire_put_zeros(&w, n - 4);
}

static bool cookies_left(const struct engine *e)
{
    return e->next_cookie + NTS_POOL_MAX < COOKIES;
}

static void ke_ends_well(struct engine *e, unsigned i)
{
    static const struct net_addr home = {.family = 4, .port = NTP_PORT, .addr = {192, 0, 2, 1}};
    struct peer *p = &e->peers[i];
    unsigned cookies = wire_get_u8(&e->in) % NTS_POOL_MAX + 1;
    unsigned address = wire_get_u8(&e->in) % SOURCES;
    struct source_out out = {.n = 0};
    struct nts_session s = {.n_ntp = 1, .made = e->wall, .not_after_s = INT32_MAX};
    uint8_t cookie[64];

    if (!p->ke || !cookies_left(e))
        return;
    s.ke = s.ntp[0] = home;
    s.ntp[0].addr[3] = (uint8_t)(address + 1);
    s.c2s = (struct aead_key){.id = AEAD_AES_SIV_CMAC_256, .len = 32, .key = {(uint8_t)i}};
    s.s2c = s.c2s;
    for (unsigned k = 0; k < cookies; k++) {
        make_cookie(e, cookie, sizeof cookie);
        FUZZ_ASSERT(cookie_pool_add(&s.cookies, cookie, sizeof cookie));
    }
    p->ke = false;
    ke_reached(p);
    source_ke_done(&p->source, now(e), &s, &out);
    perform(e, i, &out);
}

static void ke_fails(struct engine *e, unsigned i)
{
    struct peer *p = &e->peers[i];
    uint8_t how = wire_get_u8(&e->in);
    bool reached = how & 0x80;
    enum stage stage = STAGE_LOCAL + how % (STAGE_KE_ERROR - STAGE_LOCAL + 1);
    struct failure f = failure_make(stage, REASON_NONE, 0);
    struct source_out out = {.n = 0};

    if (!p->ke)
        return;
    p->ke = false;
    /* Somebody else's certificate, or protocol: a captive portal, not the server. */
    if (reached && stage != STAGE_TLS_TRUST && stage != STAGE_TLS_NAME && stage != STAGE_ALPN)
        ke_reached(p);
    source_ke_failed(&p->source, now(e), &f, reached, &out);
    perform(e, i, &out);
}

/* The answer's header; what the input does not say is honest. */
static struct ntp_packet answer_header(struct engine *e, const struct peer *p)
{
    uint8_t how = wire_get_u8(&e->in);
    int64_t lie = how & 1 ? (int64_t)(int32_t)wire_get_u32(&e->in) * 1000 : 0;
    struct wall t = {ns_add_sat(START_NS + now(e).ns, lie)};
    struct ntp_packet h;

    FUZZ_ASSERT(ntp_packet_decode(&h, p->request, p->request_len));
    h = (struct ntp_packet){.version = 4,
                            .mode = NTP_MODE_SERVER,
                            .stratum = 1,
                            .precision = -20,
                            .origin = h.transmit,
                            .reference = ntp_from_wall(t),
                            .receive = ntp_from_wall(t),
                            .transmit = ntp_from_wall(t)};
    if (how & 2) {
        h.leap = wire_get_u8(&e->in) & 3;
        h.stratum = wire_get_u8(&e->in) & 15;
        h.poll = (int8_t)wire_get_u8(&e->in);
        h.precision = (int8_t)wire_get_u8(&e->in);
    }
    if (how & 4) {
        static const char kisses[4][5] = {"DENY", "RSTR", "RATE", "NTSN"};
        struct wire_reader kiss = wire_reader(kisses[how >> 6], 4);

        h.stratum = 0;
        h.reference_id = wire_get_u32(&kiss);
    }
    if (how & 8) {
        h.root_delay = wire_get_u32(&e->in);
        h.root_dispersion = wire_get_u32(&e->in);
    }
    if (how & 16)
        h.transmit.u += (uint64_t)(int64_t)(int32_t)wire_get_u32(&e->in);
    return h;
}

/* Header and the request's Unique Identifier. */
static struct wire_writer answer_begin(const struct peer *p, const struct ntp_packet *h,
                                       uint8_t answer[NTS_RESPONSE_MAX])
{
    struct wire_writer w = wire_writer(answer, NTS_RESPONSE_MAX);
    uint8_t octets[NTP_HEADER_LEN];

    ntp_packet_encode(h, octets);
    wire_put_bytes(&w, octets, sizeof octets);
    wire_put_bytes(&w, p->request + NTP_HEADER_LEN, 4 + NTS_UID_LEN);
    return w;
}

/* With up to four fresh cookies, sealed with the key of the exchange. */
static size_t answer_seal(struct engine *e, unsigned i, struct wire_writer *w)
{
    struct aead_key key = {.id = AEAD_AES_SIV_CMAC_256, .len = 32, .key = {(uint8_t)i}};
    unsigned cookies = cookies_left(e) ? wire_get_u8(&e->in) % 5 : 0;
    uint8_t pt[4 * 68], nonce[AEAD_NONCE_LEN] = {1};
    struct wire_writer inner = wire_writer(pt, sizeof pt);
    size_t ad_len = w->pos;
    uint8_t cookie[64];

    for (unsigned k = 0; k < cookies; k++) {
        make_cookie(e, cookie, sizeof cookie);
        wire_put_u16(&inner, NTS_EXT_COOKIE);
        wire_put_u16(&inner, 4 + sizeof cookie);
        wire_put_bytes(&inner, cookie, sizeof cookie);
    }
    wire_put_u16(w, NTS_EXT_AUTHENTICATOR);
    wire_put_u16(w, (uint16_t)(8 + sizeof nonce + AEAD_TAG_LEN + inner.pos));
    wire_put_u16(w, sizeof nonce);
    wire_put_u16(w, (uint16_t)(AEAD_TAG_LEN + inner.pos));
    wire_put_bytes(w, nonce, sizeof nonce);
    sim_aead.seal(&key, w->data, ad_len, nonce, sizeof nonce, pt, inner.pos, w->data + w->pos);
    return w->pos + AEAD_TAG_LEN + inner.pos;
}

static void deliver(struct engine *e, unsigned i, const uint8_t *data, size_t len)
{
    struct peer *p = &e->peers[i];
    struct source_out out = {.n = 0};

    if (!p->open || !source_expects(&p->source, data, len))
        return;
    p->stamps.t4 = e->wall;
    p->stamps.t4_raw.ns = e->raw_ns;
    sync_store(e, p);
    source_datagram(&p->source, now(e), data, len, &p->stamps, &sim_aead, &out);
    perform(e, i, &out);
}

/* The server answers after so long, and again when the input says so. */
static void answers(struct engine *e, unsigned i, bool authentic)
{
    struct peer *p = &e->peers[i];
    uint8_t answer[NTS_RESPONSE_MAX];
    uint8_t how = wire_get_u8(&e->in);
    struct ntp_packet h;
    struct wire_writer w;
    size_t len;

    if (!p->open)
        return;
    pass(e, (int64_t)(how & 63) * 1000000);
    h = answer_header(e, p);
    w = answer_begin(p, &h, answer);
    len = authentic ? answer_seal(e, i, &w) : w.pos;
    deliver(e, i, answer, len);
    if (how & 64)
        deliver(e, i, answer, len);
}

static void junk(struct engine *e, unsigned i)
{
    size_t len = wire_get_u8(&e->in);
    const uint8_t *data;

    len = len < wire_left(&e->in) ? len : wire_left(&e->in);
    data = wire_skip(&e->in, len);
    if (data != NULL)
        deliver(e, i, data, len);
}

static void unsent(struct engine *e, unsigned i)
{
    struct source_out out = {.n = 0};

    if (!e->peers[i].open)
        return;
    source_send_failed(&e->peers[i].source, now(e), &out);
    perform(e, i, &out);
}

static void sleeps(struct engine *e)
{
    e->slept_ns += (int64_t)wire_get_u16(&e->in) * NS_PER_S + PILOT_SLEPT_NS + 1;
    e->wall.ns += (int64_t)wire_get_u8(&e->in) * NS_PER_S;
    clock_limit_resumed(&e->limit);
    ensemble_resumed(&e->ensemble);
    update(e);
    for (unsigned i = 0; i < e->ensemble.n; i++)
        pilot_ask(&e->ensemble, i, &e->peers[i].source, now(e), true);
}

static void network_changed(struct engine *e)
{
    for (unsigned i = 0; i < e->ensemble.n; i++)
        pilot_ask(&e->ensemble, i, &e->peers[i].source, now(e), false);
}

static void start_source(struct engine *e, unsigned i)
{
    struct peer *p = &e->peers[i];

    ensemble_source_init(&e->sources[i], 6, 10);
    source_init(&p->source, &pilot_policy, now(e));
    p->open = p->ke = false;
    p->fruitless = 0;
    if (p->has_stored && p->stored.cookies.count > 0)
        source_resume(&p->source, &p->stored, now(e));
}

/* Killed at this very moment, and started again with what is on disk. */
static void start(struct engine *e)
{
    const struct discipline_config config = {
        .step_ns = NS_PER_S / 2, .panic_ns = 1000 * NS_PER_S, .step_count = 1};

    discipline_init(&e->ensemble.discipline, &config, e->limit.steps, e->limit.synchronized);
    for (unsigned i = 0; i < e->ensemble.n; i++)
        start_source(e, i);
}

static void event(struct engine *e)
{
    uint8_t op = wire_get_u8(&e->in);
    unsigned i = (unsigned)(op >> 4) % e->ensemble.n;

    switch (op & 15) {
    case 0:
        pass(e, (int64_t)wire_get_u16(&e->in) * 1000000);
        break;
    case 1:
        pass(e, (int64_t)wire_get_u16(&e->in) * 10 * NS_PER_S);
        break;
    case 2:
        ke_fails(e, i);
        break;
    case 3:
    case 4:
        ke_ends_well(e, i);
        break;
    case 5:
        answers(e, i, false);
        break;
    case 6:
        junk(e, i);
        break;
    case 7:
        unsent(e, i);
        break;
    case 8:
        network_changed(e);
        break;
    case 9:
        sleeps(e);
        break;
    case 10:
        e->killed = true;
        start(e);
        break;
    case 11:
    case 12:
        answers(e, i, true);
        break;
    default:
        pass_to_next(e, HOUR_NS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct engine e;

    memset(&e, 0, sizeof e);
    e.in = wire_reader(data, len);
    e.random = 1;
    e.raw_ns = NS_PER_S;
    e.ensemble.sources = e.sources;
    e.ensemble.n = wire_get_u8(&e.in) % SOURCES + 1;
    e.ensemble.policy.minsources = e.ensemble.n > 2 ? 2 : 1;
    e.slew_tau_s = 1;
    e.wall.ns = START_NS + (int64_t)(int8_t)wire_get_u8(&e.in) * NS_PER_S;
    clock_limit_init(&e.limit, CLOCK_MODE_DAEMON, NS_PER_S / 2, 1,
                     (struct wall){START_NS - 365 * 24 * HOUR_NS}, (struct wall){0});
    start(&e);
    for (int n = 0; n < 1000 && wire_left(&e.in) > 0; n++) {
        timers(&e);
        event(&e);
    }
    return 0;
}
