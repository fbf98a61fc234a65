/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine of one server in simulated time, against a server of a few lines. */
#include "tests/unit/test.h"

#include "common/source.h"
#include "common/wire.h"

#define S(x) ((x)*NS_PER_S)

static const struct wall now_wall = {S(INT64_C(1800000000))};
static const struct source_policy policy = {.query_window_ns = S(1),
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

static const struct aead fake = {fake_seal, fake_open};

static struct nts_session session(unsigned cookies, int64_t made)
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

struct reply {
    uint8_t stratum, s2c;
    uint32_t kiss;
    unsigned cookies;
    bool wrong_uid, sealed;
};

/* What a server would answer to the request in `out`. */
static size_t answer(const struct source_out *out, struct reply r, uint8_t *buf)
{
    struct ntp_packet q, p = {.version = 4, .mode = NTP_MODE_SERVER, .stratum = r.stratum};
    struct aead_key key = {15, 32, {r.s2c}};
    uint8_t plain[1024], nonce[AEAD_NONCE_LEN] = {7};
    struct wire_writer w, in = wire_writer(plain, sizeof plain);

    assert_true(ntp_packet_decode(&q, out->packet, out->packet_len));
    p.reference_id = r.kiss;
    p.origin = q.transmit;
    p.receive = ntp_from_wall(now_wall);
    p.transmit = p.receive;
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
    assert_true(fake.seal(&key, buf, NTP_HEADER_LEN + 4 + NTS_UID_LEN, nonce, sizeof nonce, plain,
                          in.pos, w.data + w.pos));
    return NTP_HEADER_LEN + w.pos + AEAD_TAG_LEN + in.pos;
}

struct bench {
    struct source s;
    struct source_out out;
    struct mono now;
    uint64_t random;
};

static void start(struct bench *b)
{
    memset(b, 0, sizeof *b);
    b->now.ns = S(1000);
    source_init(&b->s, &policy, b->now);
}

static bool has(const struct bench *b, enum source_action a)
{
    for (unsigned i = 0; i < b->out.n; i++)
        if (b->out.act[i] == a)
            return true;
    return false;
}

/* Goes to the source's own next instant and fires it. */
static void fire(struct bench *b)
{
    struct source_tools tools = {.aead = &fake};
    struct mono next = source_next(&b->s);

    assert_true(next.ns != SOURCE_NEVER.ns);
    if (next.ns > b->now.ns)
        b->now = next;
    test_random_fill(&b->random, &tools.random, sizeof tools.random);
    source_timer(&b->s, b->now, &tools, &b->out);
}

static void exchange_keys(struct bench *b, unsigned cookies)
{
    struct nts_session s = session(cookies, b->now.ns);

    fire(b);
    assert_true(has(b, SOURCE_START_KE));
    assert_int_equal(b->s.state, SOURCE_KE);
    source_ke_done(&b->s, b->now, &s, &b->out);
    assert_true(has(b, SOURCE_SAVE));
}

static void ask(struct bench *b)
{
    fire(b);
    /* The store no longer holds the cookie when the packet leaves. */
    assert_int_equal(b->out.n, 2);
    assert_int_equal(b->out.act[0], SOURCE_SAVE);
    assert_int_equal(b->out.act[1], SOURCE_SEND);
    assert_int_equal(b->s.state, SOURCE_POLLING);
}

static void deliver(struct bench *b, const struct source_out *request, struct reply r)
{
    const struct local_stamps local = {.t1 = {now_wall.ns - 1000000},
                                       .t4 = {now_wall.ns + 3000000},
                                       .t1_raw = {5},
                                       .t4_raw = {4000005}};
    uint8_t buf[2048];
    size_t len = answer(request, r, buf);
    uint8_t *exact = test_exact(buf, len);

    source_datagram(&b->s, b->now, exact, len, &local, &fake, &b->out);
    free(exact);
}

static const struct reply good = {.stratum = 1, .s2c = 2, .cookies = 1, .sealed = true};

static void cold_query_gives_a_sample(void **state)
{
    struct bench b;
    struct source_out request;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    ask(&b);
    assert_int_equal(b.s.session.cookies.count, 7);
    request = b.out;
    deliver(&b, &request, good);
    assert_true(has(&b, SOURCE_CLOSE) && has(&b, SOURCE_SAVE) && has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.s.state, SOURCE_WAITING);
    assert_int_equal(b.s.session.cookies.count, 8);
    assert_int_equal(b.out.sample.delay_ns, 4000000);
    assert_int_equal(b.out.sample.offset_ns, -1000000);
    assert_true(b.out.sample.bound_ns >= 2000000);
    assert_int_equal(source_next(&b.s).ns, b.now.ns + S(64));
    /* The same answer again is nothing any more. */
    deliver(&b, &request, good);
    assert_int_equal(b.out.n, 0);
}

static void only_the_valid_answer_ends_the_query(void **state)
{
    struct bench b;
    struct source_out request;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    ask(&b);
    request = b.out;
    for (int i = 0; i < 1000; i++) {
        struct reply bad = good;

        if (i % 3 == 0)
            bad.wrong_uid = true;
        else if (i % 3 == 1)
            bad.s2c = 9;
        else
            bad.sealed = false;
        deliver(&b, &request, bad);
        assert_int_equal(b.out.n, 0);
        assert_int_equal(b.s.session.cookies.count, 7);
    }
    deliver(&b, &request, good);
    assert_true(has(&b, SOURCE_SAMPLE));
}

static void nak_waits_for_a_valid_answer(void **state)
{
    const struct reply nak = {.kiss = NTP_KISS_NTSN};
    struct bench b;
    struct source_out request;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    ask(&b);
    request = b.out;
    deliver(&b, &request, nak);
    assert_int_equal(b.s.state, SOURCE_NAK_PENDING);
    deliver(&b, &request, good);
    assert_true(has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.s.ke_at.ns, SOURCE_NEVER.ns);

    b.now.ns += S(64);
    ask(&b);
    request = b.out;
    deliver(&b, &request, nak);
    fire(&b);
    assert_true(has(&b, SOURCE_CLOSE) && has(&b, SOURCE_FAILED));
    assert_int_equal(b.s.fail.stage, STAGE_NAK);
    assert_int_equal(b.s.session.cookies.count, 7);
    exchange_keys(&b, 8);
    assert_int_equal(b.s.session.cookies.count, 8);
}

static void nak_with_another_uid_is_nothing(void **state)
{
    const struct reply nak = {.kiss = NTP_KISS_NTSN, .wrong_uid = true};
    struct bench b;
    struct source_out request;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    ask(&b);
    request = b.out;
    deliver(&b, &request, nak);
    assert_int_equal(b.s.state, SOURCE_POLLING);
    assert_false(b.s.nak);
}

static void a_server_without_time_asks_for_nothing(void **state)
{
    const uint32_t codes[] = {0, UINT32_C(0x494e4954) /* INIT */, UINT32_C(0x53544550) /* STEP */};
    struct bench b;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const struct reply none = {.kiss = codes[i], .s2c = 2, .sealed = true};
        struct source_out request;

        ask(&b);
        request = b.out;
        deliver(&b, &request, none);
        assert_int_equal(b.s.state, SOURCE_WAITING);
        assert_int_equal(b.s.fail.stage, STAGE_NTP_SANITY);
        assert_int_equal(b.s.fail.reason, REASON_UNSYNCHRONIZED);
        assert_false(b.s.rate);
        b.now.ns += S(64);
    }
}

static void kisses_count_only_when_authenticated(void **state)
{
    struct reply deny = {.kiss = NTP_KISS_DENY};
    struct reply rate = {.kiss = UINT32_C(0x52415445), .s2c = 2, .sealed = true};
    struct bench b;
    struct source_out request;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    ask(&b);
    request = b.out;
    deliver(&b, &request, deny);
    assert_int_equal(b.s.state, SOURCE_POLLING);
    deliver(&b, &request, rate);
    assert_int_equal(b.s.state, SOURCE_WAITING);
    assert_true(b.s.rate);
    assert_int_equal(b.s.fail.stage, STAGE_KISS);

    b.now.ns += S(64);
    ask(&b);
    request = b.out;
    deny.s2c = 2;
    deny.sealed = true;
    deliver(&b, &request, deny);
    assert_int_equal(b.s.state, SOURCE_REFUSED);
    assert_int_equal(source_next(&b.s).ns, SOURCE_NEVER.ns);
}

static void losses_go_round_the_addresses_and_then_for_new_keys(void **state)
{
    struct bench b;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    for (unsigned i = 0; i < 3; i++) {
        ask(&b);
        assert_int_equal(b.out.to.addr[3], i % 2 + 1);
        fire(&b); /* the window ends */
        assert_true(has(&b, SOURCE_FAILED));
        assert_int_equal(b.s.fail.stage, STAGE_NTP_TIMEOUT);
    }
    /* Not before ten seconds after the first key exchange (RFC 8915 section 4.2). */
    assert_true(b.s.ke_at.ns >= S(1000) + S(10));
    fire(&b);
    if (b.s.state == SOURCE_POLLING) {
        fire(&b);
        fire(&b);
    }
    assert_true(has(&b, SOURCE_START_KE));
}

static void polls_go_on_while_key_exchange_fails(void **state)
{
    const struct failure f = failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    struct mono last = {0};
    unsigned exchanges = 0, queries = 0;
    struct bench b;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    for (int i = 0; i < 200 && exchanges < 12; i++) {
        fire(&b);
        if (has(&b, SOURCE_SEND))
            queries++;
        if (!has(&b, SOURCE_START_KE))
            continue;
        /* Pauses grow as the standard wants them to. */
        if (exchanges > 0)
            assert_true(b.now.ns - last.ns >= source_ke_backoff_ns(exchanges + 1));
        last = b.now;
        exchanges++;
        source_ke_failed(&b.s, b.now, &f, true, &b.out);
        assert_int_equal(b.s.fail.stage, STAGE_CONNECT);
    }
    assert_int_equal(exchanges, 12);
    assert_int_equal(queries, 8); /* every cookie once, none twice */
}

static void failures_without_network_do_not_feed_the_backoff(void **state)
{
    const struct failure f = failure_make(STAGE_RESOLVE, REASON_DNS_DOWN, 0);
    struct bench b;

    (void)state;
    start(&b);
    for (int i = 0; i < 50; i++) {
        fire(&b);
        assert_true(has(&b, SOURCE_START_KE));
        source_ke_failed(&b.s, b.now, &f, false, &b.out);
        assert_int_equal(b.s.ke_tries, 0);
        assert_int_equal(source_next(&b.s).ns - b.now.ns, S(15) << (i < 6 ? i : 6));
    }
    source_network_changed(&b.s, b.now);
    assert_int_equal(source_next(&b.s).ns, b.now.ns);
    fire(&b);
    source_ke_failed(&b.s, b.now, &f, false, &b.out);
    assert_int_equal(source_next(&b.s).ns - b.now.ns, S(15));
}

static void backoff_is_that_of_the_standard(void **state)
{
    (void)state;
    assert_int_equal(source_ke_backoff_ns(1), S(10));
    assert_int_equal(source_ke_backoff_ns(2), S(15));
    assert_int_equal(source_ke_backoff_ns(3), S(22) + S(1) / 2);
    assert_int_equal(source_ke_backoff_ns(1000), S(INT64_C(432000)));
}

static void time_outside_the_certificate_is_refused(void **state)
{
    const int64_t now_s = now_wall.ns / NS_PER_S;
    const struct {
        int64_t from, until;
        bool good;
    } cases[] = {{0, 0, true},
                 {now_s - 1, now_s + 1, true},
                 {now_s, now_s, true},
                 {now_s + 1, now_s + 2, false},
                 {now_s - 2, now_s - 1, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source_out request;
        struct bench b;

        start(&b);
        exchange_keys(&b, 8);
        b.s.session.not_before_s = cases[i].from;
        b.s.session.not_after_s = cases[i].until;
        ask(&b);
        request = b.out;
        deliver(&b, &request, good);
        assert_int_equal(has(&b, SOURCE_SAMPLE), cases[i].good);
        if (cases[i].good)
            continue;
        assert_int_equal(b.s.fail.stage, STAGE_NTP_SANITY);
        assert_int_equal(b.s.fail.reason, REASON_UNCERTIFIED);
        /* New keys are wanted, and the back-off counts on. */
        assert_true(b.s.ke_at.ns >= S(1000) + S(10));
        assert_int_equal(b.s.ke_tries, 1);
    }
}

/* No route: every address is tried, no cookie is spent, nobody is blamed, no keys are wanted. */
static void without_a_way_no_cookie_is_spent(void **state)
{
    const struct failure f = failure_make(STAGE_CONNECT, REASON_UNREACHABLE, 101);
    struct nts_session s;
    struct net_addr to;
    struct source_out request;
    struct bench b;

    (void)state;
    start(&b);
    assert_false(source_will_ask(&b.s, b.now, &to)); /* no keys yet */
    exchange_keys(&b, 8);
    s = b.s.session;
    s.ntp[1] = s.ntp[0];
    s.ntp[1].addr[15] ^= 1;
    s.n_ntp = 2;
    b.s.session = s;
    source_limit_delay(&b.s, &s.ntp[0], S(1));
    for (int i = 0; i < 100; i++) {
        for (unsigned a = 0; a < 2; a++) {
            assert_true(source_will_ask(&b.s, b.now, &to));
            assert_memory_equal(&to, &s.ntp[a], sizeof to);
            source_no_way(&b.s, b.now, &f, &b.out);
            assert_int_equal(has(&b, SOURCE_FAILED), a == 1);
        }
        assert_int_equal(b.s.fail.stage, STAGE_CONNECT);
        assert_false(source_will_ask(&b.s, b.now, &to));
        assert_int_equal(source_next(&b.s).ns, b.now.ns + policy.retry_ns);
        b.now = source_next(&b.s);
    }
    assert_memory_equal(&b.s.session, &s, sizeof s);
    assert_int_equal(b.s.delay_max_ns, 0); /* the next network may be any distance away */
    source_network_changed(&b.s, b.now);
    ask(&b);
    assert_false(source_will_ask(&b.s, b.now, &to)); /* under way */
    request = b.out;
    deliver(&b, &request, good);
    assert_true(has(&b, SOURCE_SAMPLE));
}

/* By certificates that the clock refused: samples say so, and the time told refuses them anew. */
static void provisional_certificates(void **state)
{
    const int64_t now_s = now_wall.ns / NS_PER_S;
    struct source_out request;
    struct bench b;

    (void)state;
    for (int off = -1; off <= 1; off++) {
        start(&b);
        exchange_keys(&b, 8);
        b.s.session.provisional = true;
        b.s.session.not_before_s = b.s.session.not_after_s = now_s + off;
        ask(&b);
        request = b.out;
        deliver(&b, &request, good);
        assert_int_equal(has(&b, SOURCE_SAMPLE), off == 0);
        if (off == 0) {
            assert_true(b.out.sample.provisional);
            continue;
        }
        assert_int_equal(b.s.fail.stage, STAGE_TLS_TIME);
        assert_int_equal(b.s.fail.reason, off < 0 ? REASON_EXPIRED : REASON_NOT_YET_VALID);
        assert_int_equal(b.s.fail.not_after_s, now_s + off);
    }
}

/* Once at once; from then on with the pauses of key exchanges that had no success. */
static void renewal(void **state)
{
    struct source_out request;
    struct bench b;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    ask(&b);
    assert_false(source_renew(&b.s, b.now)); /* a query is under way */
    request = b.out;
    deliver(&b, &request, good);
    assert_true(source_renew(&b.s, b.now));
    assert_int_equal(b.s.session.cookies.count, 0);
    assert_int_equal(source_next(&b.s).ns, b.now.ns);
    exchange_keys(&b, 8);
    ask(&b);
    request = b.out;
    deliver(&b, &request, good);
    assert_true(source_renew(&b.s, b.now));
    assert_true(source_next(&b.s).ns >= b.now.ns + source_ke_backoff_ns(1) - S(5));
}

/* Also where nothing is stored: asked all the time, or woken after weeks. */
static void keys_are_exchanged_every_week(void **state)
{
    const int64_t week = INT64_C(7) * 86400;
    struct source_out request;
    struct mono made;
    struct bench b;

    (void)state;
    start(&b);
    for (int round = 0; round < 5; round++) {
        unsigned queries = 0;

        exchange_keys(&b, 8);
        made = b.now;
        while (source_next(&b.s).ns <= made.ns + S(week)) {
            ask(&b);
            request = b.out;
            deliver(&b, &request, good);
            queries++;
        }
        assert_in_range(queries, week / 64 - 1, week / 64 + 1);
    }
    exchange_keys(&b, 8);
    assert_int_equal(b.s.session.cookies.count, 8);
    b.now.ns += S(3 * week);
    fire(&b);
    assert_true(has(&b, SOURCE_START_KE));
    assert_int_equal(b.s.session.cookies.count, 0);
}

/* The store's view counts: what was exchanged by somebody else is as good as our own. */
static void a_newer_session_of_the_store_begins_its_own_week(void **state)
{
    const int64_t week = INT64_C(7) * 86400;
    struct nts_session stored;
    struct bench b;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    b.now.ns += S(week);
    stored = session(8, b.now.ns);
    source_sync(&b.s, &stored, b.now);
    ask(&b);
    source_send_failed(&b.s, b.now, &b.out);
    b.now.ns += S(week);
    source_sync(&b.s, &stored, b.now);
    fire(&b);
    assert_true(has(&b, SOURCE_SEND));
    source_send_failed(&b.s, b.now, &b.out);
    b.now.ns += S(1);
    source_sync(&b.s, &stored, b.now);
    fire(&b);
    assert_true(has(&b, SOURCE_START_KE));
}

static void a_long_round_trip_is_refused(void **state)
{
    const struct {
        int64_t limit_ns;
        uint8_t other;
        bool good;
    } cases[] = {{0, 0, true},
                 {4000000, 0, true},
                 {3999999, 0, false},
                 {3999999, 1, true}}; /* the limit is another server's */

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source_out request;
        struct net_addr from;
        struct bench b;

        start(&b);
        exchange_keys(&b, 8);
        from = b.s.session.ntp[0];
        from.addr[15] ^= cases[i].other;
        source_limit_delay(&b.s, &from, cases[i].limit_ns);
        ask(&b);
        request = b.out;
        deliver(&b, &request, good);
        assert_int_equal(has(&b, SOURCE_SAMPLE), cases[i].good);
        assert_int_equal(b.s.reach, cases[i].good);
        /* It is an answer all the same: nobody is asked for new keys. */
        assert_int_equal(b.s.losses, 0);
        assert_int_equal(b.s.ke_at.ns, SOURCE_NEVER.ns);
        if (cases[i].good)
            continue;
        assert_true(has(&b, SOURCE_FAILED));
        assert_int_equal(b.s.fail.stage, STAGE_NTP_SANITY);
        assert_int_equal(b.s.fail.reason, REASON_DELAY);
        assert_int_equal(b.s.fail.code, 4);
    }
}

/* Another network of ours, another session; IPv4 and IPv6 are kept apart. */
static void another_address_of_ours(void **state)
{
    const struct net_addr home = {.family = 4, .addr = {192, 0, 2, 7}};
    const struct net_addr home6 = {.family = 6, .addr = {0x20, 1, 0xd, 0xb8}};
    const struct net_addr cafe = {.family = 4, .addr = {198, 51, 100, 7}};
    const struct net_addr unknown = {.family = 0};
    struct bench b;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    for (int i = 0; i < 2; i++) {
        assert_false(source_moved(&b.s, b.now, &home));
        assert_false(source_moved(&b.s, b.now, &home6));
        assert_false(source_moved(&b.s, b.now, &unknown));
    }
    assert_int_equal(b.s.session.cookies.count, 8);
    assert_true(source_moved(&b.s, b.now, &cafe));
    assert_int_equal(b.s.session.cookies.count, 0);
    exchange_keys(&b, 8);
    assert_false(source_moved(&b.s, b.now, &cafe));
    ask(&b);
    assert_false(source_moved(&b.s, b.now, &home)); /* a query is under way */
}

/* Whoever answers for the server in a hotel's network: tried again soon, and not held against it.
 */
static void portals_do_not_feed_the_backoff(void **state)
{
    const struct {
        enum stage stage;
        enum reason reason;
        bool portal;
    } cases[] = {
        {STAGE_TLS_TRUST, REASON_UNKNOWN_CA, true}, {STAGE_TLS_NAME, REASON_WRONG_NAME, true},
        {STAGE_TLS_VERSION, REASON_NOT_TLS, true},  {STAGE_ALPN, REASON_NO_ALPN, true},
        {STAGE_TLS_VERSION, REASON_OLD_TLS, false}, {STAGE_KE_ERROR, REASON_KE_ERROR, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct failure f = failure_make(cases[i].stage, cases[i].reason, 0);
        int64_t pause = 0;
        struct bench b;

        start(&b);
        for (int k = 0; k < 20; k++) {
            fire(&b);
            assert_true(has(&b, SOURCE_START_KE));
            source_ke_failed(&b.s, b.now, &f, true, &b.out);
            pause = source_next(&b.s).ns - b.now.ns;
        }
        assert_int_equal(b.s.ke_tries, cases[i].portal ? 0 : 20);
        assert_true((pause <= S(960)) == cases[i].portal);
        source_network_changed(&b.s, b.now);
        assert_true((source_next(&b.s).ns == b.now.ns) == cases[i].portal);
    }
}

/* A network that comes while keys are exchanged in vain: again at once. */
static void network_comes_in_time(void **state)
{
    struct failure f = failure_make(STAGE_RESOLVE, REASON_DNS_DOWN, 0);
    struct bench b;

    (void)state;
    start(&b);
    fire(&b);
    source_network_changed(&b.s, b.now);
    source_ke_failed(&b.s, b.now, &f, false, &b.out);
    assert_int_equal(source_next(&b.s).ns, b.now.ns);
    fire(&b);
    source_ke_failed(&b.s, b.now, &f, false, &b.out);
    assert_int_equal(source_next(&b.s).ns, b.now.ns + S(15));
}

static void sync_follows_the_store(void **state)
{
    struct nts_session other;
    struct source_out request;
    struct bench b;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    /* Somebody else took two cookies. */
    other = b.s.session;
    for (int i = 0; i < 2; i++) {
        uint8_t cookie[NTS_COOKIE_MAX];

        assert_int_equal(cookie_pool_take(&other.cookies, cookie), 16);
    }
    source_sync(&b.s, &other, b.now);
    assert_int_equal(b.s.session.cookies.count, 6);
    ask(&b);
    request = b.out;
    /* Meanwhile somebody exchanged keys: the answer counts, its cookies belong to the old keys. */
    other = session(8, 4711);
    source_sync(&b.s, &other, b.now);
    deliver(&b, &request, good);
    assert_true(has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.s.session.cookies.count, 8);
    assert_int_equal(b.s.session.made.ns, 4711);
    /* The store is gone: keys are wanted, nothing is sent before. */
    source_sync(&b.s, NULL, b.now);
    fire(&b);
    assert_true(has(&b, SOURCE_START_KE));
}

/* Cookies that others may take are cookies all the same: no more than eight are asked for. */
static void cookies_elsewhere_are_not_asked_for_again(void **state)
{
    struct nts_session half;
    struct bench b;
    size_t full;

    (void)state;
    start(&b);
    exchange_keys(&b, 8);
    ask(&b);
    full = b.out.packet_len;
    for (unsigned elsewhere = 0; elsewhere <= NTS_POOL_MAX; elsewhere++) {
        /* Four here; each that is missing in all, but for the one that comes anyway, has a field.
         */
        const unsigned missing = elsewhere < 4 ? 4 - elsewhere : 0;

        start(&b);
        exchange_keys(&b, 8);
        half = b.s.session;
        half.cookies.count = 4;
        source_sync(&b.s, &half, b.now);
        b.s.elsewhere = (uint8_t)elsewhere;
        assert_int_equal(source_cookies_left(&b.s), 4 + elsewhere);
        ask(&b);
        assert_int_equal(b.out.packet_len, full + missing * (4 + 16));
    }
    source_sync(&b.s, NULL, b.now);
    assert_int_equal(source_cookies_left(&b.s), 0);
}

/* Any order of events: no cookie leaves twice, and key exchanges keep their distance. */
static void random_walks_keep_the_invariants(void **state)
{
    static uint64_t seen[100000];
    uint64_t rng = 20261121;

    (void)state;
    for (int walk = 0; walk < 200; walk++) {
        struct source_out request = {.n = 0};
        unsigned sent = 0, exchanges = 0;
        struct bench b;

        start(&b);
        b.random = test_random(&rng);
        for (int i = 0; i < 300; i++) {
            uint64_t dice = test_random(&rng) % 10;
            struct reply r = good;

            b.out.n = 0;
            if (b.s.state == SOURCE_KE) {
                struct nts_session s = session((unsigned)(dice % 8) + 1, walk * 1000 + i);
                const struct failure f = failure_make(STAGE_TLS, REASON_ALERT, 40);

                if (dice < 5)
                    source_ke_failed(&b.s, b.now, &f, dice < 3, &b.out);
                else
                    source_ke_done(&b.s, b.now, &s, &b.out);
            } else if ((b.s.state == SOURCE_POLLING || b.s.state == SOURCE_NAK_PENDING) &&
                       dice < 7) {
                r.wrong_uid = dice == 0;
                r.s2c = dice == 1 ? 9 : 2;
                r.sealed = dice != 2;
                r.kiss = dice == 2 ? NTP_KISS_NTSN : 0;
                r.stratum = dice == 2 ? 0 : 1;
                r.cookies = (unsigned)(test_random(&rng) % 9);
                deliver(&b, &request, r);
            } else if (source_next(&b.s).ns != SOURCE_NEVER.ns) {
                fire(&b);
                exchanges += has(&b, SOURCE_START_KE);
            }
            assert_true(cookie_pool_valid(&b.s.session.cookies));
            if (has(&b, SOURCE_SEND)) {
                uint64_t id[2];

                request = b.out;
                memcpy(id, b.out.packet + NTP_HEADER_LEN + 4 + NTS_UID_LEN + 4, sizeof id);
                seen[sent] =
                    id[0] * UINT64_C(1099511628211) ^ id[1] ^ (uint64_t)b.s.session_made.ns << 40;
                for (unsigned k = 0; k < sent; k++)
                    assert_true(seen[k] != seen[sent]);
                sent++;
            }
        }
        assert_true(exchanges >= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cold_query_gives_a_sample),
        cmocka_unit_test(only_the_valid_answer_ends_the_query),
        cmocka_unit_test(nak_waits_for_a_valid_answer),
        cmocka_unit_test(nak_with_another_uid_is_nothing),
        cmocka_unit_test(a_server_without_time_asks_for_nothing),
        cmocka_unit_test(kisses_count_only_when_authenticated),
        cmocka_unit_test(losses_go_round_the_addresses_and_then_for_new_keys),
        cmocka_unit_test(polls_go_on_while_key_exchange_fails),
        cmocka_unit_test(failures_without_network_do_not_feed_the_backoff),
        cmocka_unit_test(backoff_is_that_of_the_standard),
        cmocka_unit_test(time_outside_the_certificate_is_refused),
        cmocka_unit_test(without_a_way_no_cookie_is_spent),
        cmocka_unit_test(provisional_certificates),
        cmocka_unit_test(renewal),
        cmocka_unit_test(keys_are_exchanged_every_week),
        cmocka_unit_test(a_newer_session_of_the_store_begins_its_own_week),
        cmocka_unit_test(a_long_round_trip_is_refused),

        cmocka_unit_test(another_address_of_ours),
        cmocka_unit_test(portals_do_not_feed_the_backoff),
        cmocka_unit_test(network_comes_in_time),
        cmocka_unit_test(sync_follows_the_store),
        cmocka_unit_test(cookies_elsewhere_are_not_asked_for_again),
        cmocka_unit_test(random_walks_keep_the_invariants),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
