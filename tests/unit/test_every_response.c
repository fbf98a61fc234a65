/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small spaces in full, with the real cipher: every change of one bit and of two, every truncation
 * and every value of each length field of a valid response. None is taken, the source stays as it
 * was, octet for octet, and then takes the valid one.
 *
 * With NTSC_EVERY=1 in the environment two bits change in each shape of a response and for each
 * algorithm; otherwise in the two shortest for AEAD_AES_SIV_CMAC_256.
 */
#include "tests/unit/nts_reply.h"

#include "common/base/wire.h"
#include "common/source/source.h"

#define COOKIE_LEN 16 /* of the session's own */

static const struct source_policy policy = {
    .query_window_ns = NS_PER_S, .retry_ns = NS_PER_S, .poll_ns = NS_PER_S, .losses_max = 3};
static const struct mono now = {1000 * NS_PER_S};
static const struct wall wall = {INT64_C(1800000000) * NS_PER_S};
static const uint16_t algorithms[] = {15, 16, 17};

/* A source that has asked, what it was before an attempt, and what else was seen. */
struct bench {
    struct source s, before;
    struct local_stamps local;
    uint64_t tried, naks;
};

static void ask(struct bench *b, uint16_t aead)
{
    struct source_tools tools = {.aead = &aead_wolfcrypt};
    struct nts_session session = {.n_ntp = 1, .made = wall};
    struct source_out out;
    uint8_t cookie[COOKIE_LEN];
    uint64_t seed = aead;

    memset(b, 0, sizeof *b);
    session.c2s = (struct aead_key){.id = aead, .len = (uint16_t)aead_key_len(aead)};
    session.s2c = session.c2s;
    test_random_fill(&seed, session.c2s.key, session.c2s.len);
    test_random_fill(&seed, session.s2c.key, session.s2c.len);
    session.ntp[0] = (struct net_addr){.family = 4, .port = 123, .addr = {192, 0, 2, 1}};
    for (int i = 0; i < 2; i++) {
        test_random_fill(&seed, cookie, sizeof cookie);
        assert_true(cookie_pool_add(&session.cookies, cookie, sizeof cookie));
    }
    test_random_fill(&seed, &tools.random, sizeof tools.random);
    source_init(&b->s, &policy, now);
    source_resume(&b->s, &session, now);
    source_timer(&b->s, now, &tools, &out);
    assert_int_equal(b->s.state, SOURCE_POLLING);
    b->local = (struct local_stamps){.t1 = wall, .t4 = {wall.ns + 2000000}};
    b->local.t4_raw.ns = 2000000;
    b->before = b->s;
}

/* The answer to it, up to the fields: from a synchronized server, one bit from NTSN. */
static void begin(struct reply *r, const struct bench *b)
{
    uint64_t at = ntp_from_wall((struct wall){wall.ns + 1000000}).u;
    struct wire_writer w;

    reply_begin(r, b->s.transmit);
    r->data[1] = 1;
    memcpy(r->data + 12, "NTSO", 4);
    w = wire_writer(r->data + 32, 16);
    wire_put_u64(&w, at);
    wire_put_u64(&w, at);
}

static void usual(struct reply *r, const struct bench *b, unsigned cookies, size_t nonce_len)
{
    uint8_t cookie[COOKIE_LEN];

    begin(r, b);
    r->nonce_len = nonce_len;
    reply_uid(r, b->s.uid);
    for (unsigned i = 0; i < cookies; i++) {
        memset(cookie, 0x20 + (int)i, sizeof cookie);
        add_field(r->plain, &r->plain_len, 0x0204, cookie, sizeof cookie);
    }
    reply_seal(r, &b->s.s2c);
}

/* NTSN is not authenticated by nature (RFC 8915 section 5.7): it is noted, and nothing else. */
static bool is_nak(const uint8_t *data)
{
    return data[1] == 0 && memcmp(data + 12, "NTSN", 4) == 0;
}

/* `data` is exactly as long as its memory, so that a look beyond it is seen by sanitizers. */
static void refused(struct bench *b, const uint8_t *data, size_t len)
{
    struct source_out out;

    source_datagram(&b->s, now, data, len, &b->local, &aead_wolfcrypt, &out);
    b->tried++;
    assert_int_equal(out.n, 0);
    if (b->s.nak) {
        assert_true(is_nak(data));
        assert_int_equal(b->s.state, SOURCE_NAK_PENDING);
        b->s.nak = false;
        b->s.state = SOURCE_POLLING;
        b->naks++;
    }
    b->s.saw_forged = b->s.saw_plain = false; /* which error is told when no other answer comes */
    if (memcmp(&b->s, &b->before, sizeof b->s) != 0)
        fail_msg("the source has changed");
}

/* After all that it waits for the valid one, and takes it. */
static void accepted(struct bench *b, const struct reply *r, unsigned cookies)
{
    unsigned had = b->s.session.cookies.count;
    struct source_out out;

    source_datagram(&b->s, now, r->data, r->len, &b->local, &aead_wolfcrypt, &out);
    assert_int_equal(b->s.state, SOURCE_WAITING);
    assert_int_equal(b->s.session.cookies.count, had + cookies);
    assert_int_equal(out.act[out.n - 1], SOURCE_SAMPLE);
    assert_true(out.sample.offset_ns > -1000 && out.sample.offset_ns < 1000);
}

static void flip(uint8_t *data, size_t bit)
{
    data[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

/* Shapes of a response: cookies in it, and octets of its nonce (17: padding, not authenticated). */
static const struct shape {
    unsigned cookies;
    size_t nonce_len;
} shapes[] = {{0, 16}, {1, 16}, {0, 17}, {3, 16}};

static void one_bit_and_each_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3 * sizeof shapes / sizeof *shapes; i++) {
        const struct shape *shape = &shapes[i / 3];
        struct bench b;
        struct reply r;
        uint8_t *copy;

        ask(&b, algorithms[i % 3]);
        usual(&r, &b, shape->cookies, shape->nonce_len);
        copy = test_exact(r.data, r.len);
        for (size_t bit = 0; bit < r.len * 8; bit++) {
            flip(copy, bit);
            refused(&b, copy, r.len);
            flip(copy, bit);
        }
        free(copy);
        for (size_t len = 0; len < r.len; len++) {
            copy = test_exact(r.data, len);
            refused(&b, copy, len);
            free(copy);
        }
        assert_int_equal(b.tried, r.len * 9);
        accepted(&b, &r, shape->cookies);
    }
}

static void two_bits_of(uint16_t aead, const struct shape *shape)
{
    struct bench b;
    struct reply r;
    uint8_t *copy;
    size_t bits;

    ask(&b, aead);
    usual(&r, &b, shape->cookies, shape->nonce_len);
    copy = test_exact(r.data, r.len);
    bits = r.len * 8;
    for (size_t first = 1; first < bits; first++) {
        flip(copy, first);
        for (size_t second = 0; second < first; second++) {
            flip(copy, second);
            refused(&b, copy, r.len);
            flip(copy, second);
        }
        flip(copy, first);
    }
    free(copy);
    assert_int_equal(b.tried, bits * (bits - 1) / 2);
    assert_int_equal(b.naks, 1); /* stratum 0 and NTSN */
    accepted(&b, &r, shape->cookies);
    print_message("algorithm %u, %zu octets: %llu pairs of bits\n", aead, r.len,
                  (unsigned long long)b.tried);
}

static void two_bits(void **state)
{
    bool every = getenv("NTSC_EVERY") != NULL;

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (size_t k = 0; k < sizeof algorithms / sizeof *algorithms; k++)
            if (every || (i < 2 && k == 0))
                two_bits_of(algorithms[k], &shapes[i]);
}

/* Every value of the 16 bits at `at`; all but the true one are refused. */
static void each_value(struct bench *b, const struct reply *r, size_t at, size_t is)
{
    uint8_t *copy = test_exact(r->data, r->len);

    assert_int_equal(copy[at] << 8 | copy[at + 1], is);
    for (size_t v = 0; v <= UINT16_MAX; v++) {
        put_u16(copy + at, v);
        if (v != is)
            refused(b, copy, r->len);
    }
    free(copy);
}

static void each_length_in_the_clear(void **state)
{
    static const uint8_t body[24] = {1};

    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct bench b;
        struct reply r;
        size_t auth;

        ask(&b, algorithms[i]);
        begin(&r, &b);
        add_field(r.data, &r.len, 0x2222, body, sizeof body); /* unknown, before ours */
        reply_uid(&r, b.s.uid);
        add_field(r.data, &r.len, 0x2323, body, sizeof body);
        add_field(r.plain, &r.plain_len, 0x0204, body, COOKIE_LEN);
        auth = r.len;
        reply_seal(&r, &b.s.s2c);
        each_value(&b, &r, 48 + 2, 28);
        each_value(&b, &r, 48 + 28 + 2, 36);
        each_value(&b, &r, 48 + 28 + 36 + 2, 28);
        each_value(&b, &r, auth + 2, r.len - auth);
        each_value(&b, &r, auth + 4, 16);      /* of the nonce */
        each_value(&b, &r, auth + 6, 16 + 20); /* of the ciphertext */
        assert_int_equal(b.tried, 6 * UINT16_MAX);
        accepted(&b, &r, 1);
    }
}

/* What a server itself has sealed wrongly: how many of three cookies there are to be had when the
 * second says it is `length` octets long. Behind a length that is too small its own body is read as
 * a field, whose length is not possible. */
static unsigned cookies_found(size_t length)
{
    if (length % 4 != 0 || length < 4 || length > 2 * (4 + COOKIE_LEN))
        return 1;
    if (length == 4)
        return 1; /* no cookie at all */
    return length == 4 + COOKIE_LEN ? 3 : 2;
}

static void each_length_inside(void **state)
{
    struct bench b;
    struct reply r;

    (void)state;
    for (size_t v = 0; v <= UINT16_MAX; v++) {
        if (v % 4096 == 0)
            ask(&b, 15);
        b.s = b.before;
        begin(&r, &b);
        reply_uid(&r, b.s.uid);
        for (uint8_t i = 0; i < 3; i++) {
            uint8_t cookie[COOKIE_LEN];

            memset(cookie, 0xc1 + i, sizeof cookie);
            add_field(r.plain, &r.plain_len, 0x0204, cookie, sizeof cookie);
        }
        put_u16(r.plain + 4 + COOKIE_LEN + 2, v);
        reply_seal(&r, &b.s.s2c);
        accepted(&b, &r, cookies_found(v));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bit_and_each_truncation),
        cmocka_unit_test(two_bits),
        cmocka_unit_test(each_length_in_the_clear),
        cmocka_unit_test(each_length_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
