/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine as a whole in virtual time, see engine_run.h. The input is a list of events; time goes
 * on as it says.
 */
#include <string.h>

#include "tests/fuzz/engine_run.h"
#include "tests/fuzz/fuzz.h"
#include "tests/sim/sim_aead.h"

#define HOUR_NS (3600 * NS_PER_S)

static void make_cookie(struct run *r, uint8_t *cookie, size_t n)
{
    struct wire_writer w = wire_writer(cookie, n);

    wire_put_u32(&w, r->next_cookie++);
    wire_put_zeros(&w, n - 4);
}

static bool cookies_left(const struct run *r)
{
    return r->next_cookie + NTS_POOL_MAX < RUN_COOKIES;
}

static void ke_ends_well(struct run *r, unsigned i)
{
    static const struct net_addr home = {.family = 4, .port = NTP_PORT, .addr = {192, 0, 2, 1}};
    struct peer *p = &r->peers[i];
    unsigned cookies = wire_get_u8(&r->in) % NTS_POOL_MAX + 1;
    unsigned address = wire_get_u8(&r->in) % RUN_SOURCES;
    struct source_out out = {.n = 0};
    struct nts_session s = {.n_ntp = 1, .made = r->wall, .not_after_s = INT32_MAX};
    uint8_t cookie[64];

    if (!p->ke || !cookies_left(r))
        return;
    s.ke = s.ntp[0] = home;
    s.ntp[0].addr[3] = (uint8_t)(address + 1);
    s.c2s = (struct aead_key){.id = AEAD_AES_SIV_CMAC_256, .len = 32, .key = {(uint8_t)i}};
    s.s2c = s.c2s;
    for (unsigned k = 0; k < cookies; k++) {
        make_cookie(r, cookie, sizeof cookie);
        FUZZ_ASSERT(cookie_pool_add(&s.cookies, cookie, sizeof cookie));
    }
    p->ke = false;
    run_ke_reached(p);
    source_ke_done(&p->source, run_now(r), &s, &out);
    run_perform(r, i, &out);
}

static void ke_fails(struct run *r, unsigned i)
{
    struct peer *p = &r->peers[i];
    uint8_t how = wire_get_u8(&r->in);
    bool reached = how & 0x80;
    enum stage stage = STAGE_LOCAL + how % (STAGE_KE_ERROR - STAGE_LOCAL + 1);
    struct failure f = failure_make(stage, REASON_NONE, 0);
    struct source_out out = {.n = 0};

    if (!p->ke)
        return;
    p->ke = false;
    /* Somebody else's certificate, or protocol: a captive portal, not the server. */
    if (reached && stage != STAGE_TLS_TRUST && stage != STAGE_TLS_NAME && stage != STAGE_ALPN)
        run_ke_reached(p);
    source_ke_failed(&p->source, run_now(r), &f, reached, &out);
    run_perform(r, i, &out);
}

/* The answer's header; what the input does not say is honest. */
static struct ntp_packet answer_header(struct run *r, const struct peer *p)
{
    uint8_t how = wire_get_u8(&r->in);
    int64_t lie = how & 1 ? (int64_t)(int32_t)wire_get_u32(&r->in) * 1000 : 0;
    struct wall t = {ns_add_sat(RUN_START_NS + run_now(r).ns, lie)};
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
        h.leap = wire_get_u8(&r->in) & 3;
        h.stratum = wire_get_u8(&r->in) & 15;
        h.poll = (int8_t)wire_get_u8(&r->in);
        h.precision = (int8_t)wire_get_u8(&r->in);
    }
    if (how & 4) {
        static const char kisses[4][5] = {"DENY", "RSTR", "RATE", "NTSN"};
        struct wire_reader kiss = wire_reader(kisses[how >> 6], 4);

        h.stratum = 0;
        h.reference_id = wire_get_u32(&kiss);
    }
    if (how & 8) {
        h.root_delay = wire_get_u32(&r->in);
        h.root_dispersion = wire_get_u32(&r->in);
    }
    if (how & 16)
        h.transmit.u += (uint64_t)(int64_t)(int32_t)wire_get_u32(&r->in);
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
static size_t answer_seal(struct run *r, unsigned i, struct wire_writer *w)
{
    struct aead_key key = {.id = AEAD_AES_SIV_CMAC_256, .len = 32, .key = {(uint8_t)i}};
    unsigned cookies = cookies_left(r) ? wire_get_u8(&r->in) % 5 : 0;
    uint8_t pt[4 * 68], nonce[AEAD_NONCE_MAX] = {1};
    struct wire_writer inner = wire_writer(pt, sizeof pt);
    size_t ad_len = w->pos;
    uint8_t cookie[64];

    for (unsigned k = 0; k < cookies; k++) {
        make_cookie(r, cookie, sizeof cookie);
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

static void deliver(struct run *r, unsigned i, const uint8_t *data, size_t len)
{
    struct peer *p = &r->peers[i];
    struct source_out out = {.n = 0};

    if (!p->open || !source_expects(&p->source, data, len))
        return;
    p->stamps.t4 = r->wall;
    p->stamps.t4_raw.ns = r->raw_ns;
    run_sync_store(r, p);
    source_datagram(&p->source, run_now(r), data, len, &p->stamps, &sim_aead, &out);
    run_perform(r, i, &out);
}

/* The server answers after so long, and again when the input says so. */
static void answers(struct run *r, unsigned i, bool authentic)
{
    struct peer *p = &r->peers[i];
    uint8_t answer[NTS_RESPONSE_MAX];
    uint8_t how = wire_get_u8(&r->in);
    struct ntp_packet h;
    struct wire_writer w;
    size_t len;

    if (!p->open)
        return;
    run_pass(r, (int64_t)(how & 63) * 1000000);
    h = answer_header(r, p);
    w = answer_begin(p, &h, answer);
    len = authentic ? answer_seal(r, i, &w) : w.pos;
    deliver(r, i, answer, len);
    if (how & 64)
        deliver(r, i, answer, len);
}

static void junk(struct run *r, unsigned i)
{
    size_t len = wire_get_u8(&r->in);
    const uint8_t *data;

    len = len < wire_left(&r->in) ? len : wire_left(&r->in);
    data = wire_skip(&r->in, len);
    if (data != NULL)
        deliver(r, i, data, len);
}

static void unsent(struct run *r, unsigned i)
{
    struct source_out out = {.n = 0};

    if (!r->peers[i].open)
        return;
    source_send_failed(&r->peers[i].source, run_now(r), &out);
    run_perform(r, i, &out);
}

static void sleeps(struct run *r)
{
    r->slept_ns += (int64_t)wire_get_u16(&r->in) * NS_PER_S + PILOT_SLEPT_NS + 1;
    r->wall.ns += (int64_t)wire_get_u8(&r->in) * NS_PER_S;
    clock_limit_resumed(&r->limit);
    ensemble_resumed(&r->ensemble);
    run_update(r);
    for (unsigned i = 0; i < r->ensemble.n; i++)
        pilot_ask(&r->ensemble, i, &r->peers[i].source, run_now(r), true);
}

static void network_changed(struct run *r)
{
    for (unsigned i = 0; i < r->ensemble.n; i++)
        pilot_ask(&r->ensemble, i, &r->peers[i].source, run_now(r), false);
}

static void event(struct run *r)
{
    uint8_t op = wire_get_u8(&r->in);
    unsigned i = (unsigned)(op >> 4) % r->ensemble.n;

    switch (op & 15) {
    case 0:
        run_pass(r, (int64_t)wire_get_u16(&r->in) * 1000000);
        break;
    case 1:
        run_pass(r, (int64_t)wire_get_u16(&r->in) * 10 * NS_PER_S);
        break;
    case 2:
        ke_fails(r, i);
        break;
    case 3:
    case 4:
        ke_ends_well(r, i);
        break;
    case 5:
        answers(r, i, false);
        break;
    case 6:
        junk(r, i);
        break;
    case 7:
        unsent(r, i);
        break;
    case 8:
        network_changed(r);
        break;
    case 9:
        sleeps(r);
        break;
    case 10:
        r->killed = true;
        run_start(r);
        break;
    case 11:
    case 12:
        answers(r, i, true);
        break;
    default:
        run_pass_to_next(r, HOUR_NS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct run e;

    memset(&e, 0, sizeof e);
    e.in = wire_reader(data, len);
    e.random = 1;
    e.raw_ns = NS_PER_S;
    e.ensemble.sources = e.sources;
    e.ensemble.n = wire_get_u8(&e.in) % RUN_SOURCES + 1;
    e.ensemble.policy.minsources = e.ensemble.n > 2 ? 2 : 1;
    e.slew_tau_s = 1;
    e.wall.ns = RUN_START_NS + (int64_t)(int8_t)wire_get_u8(&e.in) * NS_PER_S;
    clock_limit_init(&e.limit, CLOCK_MODE_DAEMON, NS_PER_S / 2, 1,
                     (struct wall){RUN_START_NS - 365 * 24 * HOUR_NS}, (struct wall){0});
    run_start(&e);
    for (int n = 0; n < 1000 && wire_left(&e.in) > 0; n++) {
        run_timers(&e);
        event(&e);
    }
    return 0;
}
