/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/source_bench.h"

#include "common/base/wire.h"

const struct wall bench_wall = {S(INT64_C(1800000000))};
const struct source_policy bench_policy = {.query_window_ns = S(1),
                                           .retry_ns = S(4),
                                           .poll_ns = S(64),
                                           .losses_max = 3,
                                           .pivot = {S(INT64_C(1790000000))}};

/* Not a cipher: enough to tell the right key and untouched data from anything else. */
static void tag_of(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *pt,
                   size_t pt_len, uint8_t tag[AEAD_TAG_LEN])
{
    uint64_t h = k->key[0];

    for (size_t i = 0; i < ad_len; i++)
        h = (h ^ ad[i]) * UINT64_C(1099511628211);
    for (size_t i = 0; i < pt_len; i++)
        h = (h ^ pt[i]) * UINT64_C(1099511628211);
    memset(tag, 0, AEAD_TAG_LEN);
    memcpy(tag, &h, sizeof h);
}

static bool fake_seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                      const uint8_t *nonce, size_t nonce_len, const uint8_t *pt, size_t pt_len,
                      uint8_t *ct)
{
    (void)nonce, (void)nonce_len;
    if (pt_len > 0)
        memcpy(ct + AEAD_TAG_LEN, pt, pt_len);
    tag_of(k, ad, ad_len, ct + AEAD_TAG_LEN, pt_len, ct);
    return true;
}

static bool fake_open(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                      const uint8_t *nonce, size_t nonce_len, const uint8_t *ct, size_t ct_len,
                      uint8_t *pt)
{
    uint8_t tag[AEAD_TAG_LEN];

    (void)nonce, (void)nonce_len;
    if (ct_len < AEAD_TAG_LEN)
        return false;
    tag_of(k, ad, ad_len, ct + AEAD_TAG_LEN, ct_len - AEAD_TAG_LEN, tag);
    if (memcmp(tag, ct, AEAD_TAG_LEN) != 0)
        return false;
    memcpy(pt, ct + AEAD_TAG_LEN, ct_len - AEAD_TAG_LEN);
    return true;
}

const struct aead bench_aead = {fake_seal, fake_open};

struct nts_session bench_session(unsigned cookies, int64_t made)
{
    struct nts_session s = {.c2s = {15, 32, {1}}, .s2c = {15, 32, {2}}, .n_ntp = 2, .made = {made}};

    for (unsigned i = 0; i < cookies; i++) {
        uint8_t cookie[16] = {(uint8_t)i, (uint8_t)made};

        assert_true(cookie_pool_add(&s.cookies, cookie, sizeof cookie));
    }
    s.ntp[0] = (struct net_addr){.family = 4, .port = 123, .addr = {192, 0, 2, 1}};
    s.ntp[1] = (struct net_addr){.family = 4, .port = 123, .addr = {192, 0, 2, 2}};
    return s;
}

/* What a server would answer to the request in `out`. */
static size_t answer(const struct source_out *out, struct reply r, uint8_t *buf)
{
    struct ntp_packet q, p = {.version = 4, .mode = NTP_MODE_SERVER, .stratum = r.stratum};
    struct aead_key key = {15, 32, {r.s2c}};
    uint8_t plain[1024], nonce[AEAD_NONCE_MAX] = {7};
    struct wire_writer w, in = wire_writer(plain, sizeof plain);

    assert_true(ntp_packet_decode(&q, out->packet, out->packet_len));
    p.reference_id = r.kiss;
    p.origin = r.interleaved ? q.receive : q.transmit;
    p.receive = ntp_from_wall((struct wall){bench_wall.ns + r.later_ns});
    p.transmit = p.receive;
    if (r.interleaved)
        p.transmit = ntp_from_wall((struct wall){bench_wall.ns + r.told_ns});
    ntp_packet_encode(&p, buf);
    w = wire_writer(buf + NTP_HEADER_LEN, 1500);
    wire_put_u16(&w, NTS_EXT_UNIQUE_ID);
    wire_put_u16(&w, 4 + NTS_UID_LEN);
    wire_put_bytes(&w, out->packet + NTP_HEADER_LEN + 4, NTS_UID_LEN);
    if (r.wrong_uid)
        buf[NTP_HEADER_LEN + 4] ^= 1;
    if (!r.sealed)
        return NTP_HEADER_LEN + w.pos;
    for (unsigned i = 0; i < r.cookies; i++) {
        wire_put_u16(&in, NTS_EXT_COOKIE);
        wire_put_u16(&in, 4 + 16);
        wire_put_u64(&in, 0xfeed0000 + i);
        wire_put_u64(&in, q.transmit.u);
    }
    wire_put_u16(&w, NTS_EXT_AUTHENTICATOR);
    wire_put_u16(&w, (uint16_t)(4 + 4 + sizeof nonce + AEAD_TAG_LEN + in.pos));
    wire_put_u16(&w, sizeof nonce);
    wire_put_u16(&w, (uint16_t)(AEAD_TAG_LEN + in.pos));
    wire_put_bytes(&w, nonce, sizeof nonce);
    assert_true(bench_aead.seal(&key, buf, NTP_HEADER_LEN + 4 + NTS_UID_LEN, nonce, sizeof nonce,
                                plain, in.pos, w.data + w.pos));
    return NTP_HEADER_LEN + w.pos + AEAD_TAG_LEN + in.pos;
}

void bench_start(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->now.ns = S(1000);
    source_init(&b->s, &bench_policy, b->now);
}

bool bench_has(const struct bench *b, enum source_action a)
{
    for (unsigned i = 0; i < b->out.n; i++)
        if (b->out.act[i] == a)
            return true;
    return false;
}

void bench_fire(struct bench *b)
{
    struct source_tools tools = {.aead = &bench_aead};
    struct mono next = source_next(&b->s);

    assert_true(next.ns != SOURCE_NEVER.ns);
    if (next.ns > b->now.ns)
        b->now = next;
    test_random_fill(&b->random, &tools.random, sizeof tools.random);
    tools.random.uid[0] = b->ke_spread;
    source_timer(&b->s, b->now, &tools, &b->out);
}

void bench_exchange_keys(struct bench *b, unsigned cookies)
{
    struct nts_session s = bench_session(cookies, b->now.ns);

    bench_fire(b);
    assert_true(bench_has(b, SOURCE_START_KE));
    assert_int_equal(b->s.state, SOURCE_KE);
    source_ke_done(&b->s, b->now, &s, &b->out);
    assert_true(bench_has(b, SOURCE_SAVE));
}

void bench_ask(struct bench *b)
{
    bench_fire(b);
    /* The store no longer holds the cookie when the packet leaves. */
    assert_int_equal(b->out.n, 2);
    assert_int_equal(b->out.act[0], SOURCE_SAVE);
    assert_int_equal(b->out.act[1], SOURCE_SEND);
    assert_int_equal(b->s.state, SOURCE_POLLING);
}

void bench_deliver(struct bench *b, const struct source_out *request, struct reply r)
{
    const struct local_stamps local = {.t1 = {bench_wall.ns + r.later_ns - 1000000},
                                       .t4 = {bench_wall.ns + r.later_ns + 3000000},
                                       .t1_raw = {r.later_ns + 5},
                                       .t4_raw = {r.later_ns + 4000005}};
    uint8_t buf[2048];
    size_t len = answer(request, r, buf);
    uint8_t *exact = test_exact(buf, len);

    source_datagram(&b->s, b->now, exact, len, &local, &bench_aead, &b->out);
    free(exact);
}

const struct reply bench_good = {.stratum = 1, .s2c = 2, .cookies = 1, .sealed = true};
