/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests against a small server of our own, written from RFC 8915 section 5 without the code
 * under test, and its responses, whole and spoilt, back into nts_response_open().
 */
#include "tests/unit/nts_reply.h"

#include "common/nts/nts_ext.h"

#define COOKIE_LEN 100

static const uint16_t algorithms[] = {15, 16, 17, 30};

static struct aead_key make_key(uint16_t id, uint64_t seed)
{
    struct aead_key k = {.id = id, .len = (uint16_t)aead_key_len(id)};

    test_random_fill(&seed, k.key, k.len);
    return k;
}

static struct nts_request make_request(const struct aead_key *c2s, const uint8_t *cookie,
                                       size_t len)
{
    struct nts_request q = {.c2s = c2s,
                            .cookie = cookie,
                            .cookie_len = len,
                            .placeholders = 7,
                            .max_len = NTS_REQUEST_MAX};
    uint64_t seed = 8;

    test_random_fill(&seed, &q.random, sizeof q.random);
    return q;
}

static unsigned u16_at(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* What a server sees in a request. */
struct seen {
    unsigned uids, cookies, placeholders, authenticators, others;
    const uint8_t *uid, *cookie;
    size_t uid_len, cookie_len;
};

/* The server's side of section 5.7: every field, and authentication over all before the last. */
static struct seen server_reads(const uint8_t *req, size_t len, const struct aead_key *c2s)
{
    struct seen s = {0};
    size_t at = 48;

    assert_true(len >= 48 && len <= NTS_REQUEST_MAX);
    assert_int_equal(req[0], 0x23); /* leap 0, version 4, mode 3 */
    for (size_t i = 1; i < 40; i++)
        assert_int_equal(req[i], 0); /* data minimization */
    while (at < len) {
        unsigned type = u16_at(req + at), flen = u16_at(req + at + 2);

        assert_true(flen >= 16 && flen % 4 == 0 && flen <= len - at);
        assert_int_equal(s.authenticators, 0); /* it is the last */
        switch (type) {
        case 0x0104:
            s.uids++, s.uid = req + at + 4, s.uid_len = flen - 4;
            break;
        case 0x0204:
            s.cookies++, s.cookie = req + at + 4, s.cookie_len = flen - 4;
            break;
        case 0x0304:
            s.placeholders++;
            assert_int_equal(s.cookies, 1);
            assert_int_equal(flen - 4, s.cookie_len);
            for (size_t i = 4; i < flen; i++)
                assert_int_equal(req[at + i], 0);
            break;
        case 0x0404: {
            uint8_t none[1];
            unsigned nlen = u16_at(req + at + 4), clen = u16_at(req + at + 6);

            s.authenticators++;
            assert_true(flen >= 28); /* RFC 7822: the last without a MAC */
            assert_int_equal(nlen, c2s->id == 30 ? 12 : 16);
            assert_int_equal(clen, 16);
            assert_int_equal(flen, 4 + 4 + nlen + 16);
            assert_true(aead_wolfcrypt.open(c2s, req, at, req + at + 8, nlen, req + at + 8 + nlen,
                                            clen, none));
            break;
        }
        default:
            s.others++;
        }
        at += flen;
    }
    assert_int_equal(at, len);
    return s;
}

/* A client that waits for one answer. */
struct wait {
    struct nts_request_random random;
    struct aead_key s2c;
};

static struct wait make_wait(uint16_t id)
{
    struct wait w = {.s2c = make_key(id, 10)};
    uint64_t seed = 11;

    test_random_fill(&seed, &w.random, sizeof w.random);
    return w;
}

static void usual_reply(struct reply *r, const struct wait *w, unsigned cookies)
{
    uint8_t cookie[COOKIE_LEN];

    reply_begin(r, w->random.transmit);
    reply_uid(r, w->random.uid);
    for (unsigned i = 1; i <= cookies; i++) {
        memset(cookie, (int)i, sizeof cookie);
        add_field(r->plain, &r->plain_len, 0x0204, cookie, sizeof cookie);
    }
    reply_seal(r, &w->s2c);
}

/* Opens an exact copy; if the result is not OK, packet and pool have to be what they were. */
static enum nts_open_result open_copy(const uint8_t *data, size_t len, const struct wait *w,
                                      struct ntp_packet *p, struct cookie_pool *pool)
{
    uint8_t *copy = test_exact(data, len);
    struct cookie_pool pool_before = *pool;
    struct ntp_packet p_before;
    enum nts_open_result result;

    memset(p, 0x5a, sizeof *p);
    p_before = *p;
    result = nts_response_open(copy, len, w->random.uid, w->random.transmit, &w->s2c,
                               &aead_wolfcrypt, p, pool);
    if (result != NTS_OPEN_OK) {
        assert_memory_equal(p, &p_before, sizeof *p);
        assert_memory_equal(pool, &pool_before, sizeof *pool);
    }
    assert_true(cookie_pool_valid(pool));
    free(copy);
    return result;
}

static void expect(const struct reply *r, const struct wait *w, enum nts_open_result result,
                   unsigned cookies)
{
    struct cookie_pool pool = {0};
    struct ntp_packet p;

    assert_int_equal(open_copy(r->data, r->len, w, &p, &pool), result);
    assert_int_equal(pool.count, cookies);
    if (result == NTS_OPEN_OK)
        assert_true(p.transmit.u == UINT64_C(0x4444444444444444));
}

static void request_layout(void **state)
{
    uint8_t cookie[COOKIE_LEN], buf[NTS_REQUEST_MAX];

    (void)state;
    memset(cookie, 0xc0, sizeof cookie);
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        struct aead_key c2s = make_key(algorithms[i], 1);
        struct nts_request q = make_request(&c2s, cookie, sizeof cookie);

        for (q.placeholders = 0; q.placeholders <= 9; q.placeholders++) {
            size_t len = nts_request_build(&q, &aead_wolfcrypt, buf, sizeof buf);
            unsigned n = q.placeholders < 7 ? q.placeholders : 7;
            struct seen s = server_reads(buf, len, &c2s);

            assert_int_equal(len, 48 + 36 + (1 + n) * (4 + COOKIE_LEN) + (c2s.id == 30 ? 36 : 40));
            assert_int_equal(s.uids, 1);
            assert_int_equal(s.cookies, 1);
            assert_int_equal(s.authenticators, 1);
            assert_int_equal(s.others, 0);
            assert_int_equal(s.placeholders, n);
            assert_int_equal(s.uid_len, 32);
            assert_memory_equal(s.uid, q.random.uid, 32);
            assert_int_equal(s.cookie_len, COOKIE_LEN);
            assert_memory_equal(s.cookie, cookie, COOKIE_LEN);
            assert_ptr_equal(s.uid, buf + 48 + 4); /* and first */
        }
    }
}

/* All cookie lengths: what does not fit as placeholder is left out, never the packet too long. */
static void request_sizes(void **state)
{
    uint8_t cookie[NTS_COOKIE_MAX + 1], buf[2 * NTS_REQUEST_MAX];
    struct aead_key c2s = make_key(15, 1);

    (void)state;
    memset(cookie, 0xc0, sizeof cookie);
    for (size_t n = 1; n <= NTS_COOKIE_MAX; n++) {
        struct nts_request q = make_request(&c2s, cookie, n);
        size_t body = n < 12 ? 12 : (n + 3) / 4 * 4;
        size_t fit = (NTS_REQUEST_MAX - 48 - 36 - 40) / (4 + body) - 1;
        size_t len = nts_request_build(&q, &aead_wolfcrypt, buf, sizeof buf);
        struct seen s = server_reads(buf, len, &c2s);

        assert_int_equal(s.cookie_len, body);
        assert_memory_equal(s.cookie, cookie, n);
        for (size_t i = n; i < body; i++)
            assert_int_equal(s.cookie[i], 0);
        assert_int_equal(s.placeholders, fit < 7 ? fit : 7);
    }
}

static void request_limits(void **state)
{
    uint8_t cookie[NTS_COOKIE_MAX + 1], buf[NTS_REQUEST_MAX];
    struct aead_key c2s = make_key(15, 1);
    struct nts_request good = make_request(&c2s, cookie, COOKIE_LEN), q;
    const size_t least = 48 + 36 + 4 + COOKIE_LEN + 40;

    (void)state;
    memset(cookie, 0xc0, sizeof cookie);
    for (size_t room = 0; room <= NTS_REQUEST_MAX; room++) {
        uint8_t *exact = malloc(room > 0 ? room : 1);
        size_t by_cap, by_max;

        assert_non_null(exact);
        q = good;
        by_cap = nts_request_build(&q, &aead_wolfcrypt, exact, room);
        assert_true(by_cap <= room);
        if (room < least) {
            assert_int_equal(by_cap, 0);
        } else {
            size_t fit = (room - least) / (4 + COOKIE_LEN);

            assert_int_equal(by_cap, least + (fit < 7 ? fit : 7) * (4 + COOKIE_LEN));
        }
        q.max_len = room;
        by_max = nts_request_build(&q, &aead_wolfcrypt, buf, sizeof buf);
        assert_int_equal(by_max, by_cap);
        free(exact);
    }
    q = good, q.cookie_len = 0;
    assert_int_equal(nts_request_build(&q, &aead_wolfcrypt, buf, sizeof buf), 0);
    q = good, q.cookie_len = NTS_COOKIE_MAX + 1;
    assert_int_equal(nts_request_build(&q, &aead_wolfcrypt, buf, sizeof buf), 0);
    q = good, q.random.transmit = 0;
    assert_int_equal(nts_request_build(&q, &aead_wolfcrypt, buf, sizeof buf), 0);
    c2s.id = 30; /* not there: and no cookie stays behind in the buffer */
    memset(buf, 0, sizeof buf);
    assert_int_equal(nts_request_build(&good, &aead_wolfcrypt, buf, sizeof buf), 0);
    for (size_t i = 0; i < sizeof buf; i++)
        assert_int_equal(buf[i], 0);
}

static void round_trip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        struct wait w = make_wait(algorithms[i]);
        struct aead_key c2s = make_key(algorithms[i], 1);
        struct cookie_pool pool = {0};
        struct ntp_packet p;
        struct reply r;
        uint8_t cookie[NTS_COOKIE_MAX] = {1}, buf[NTS_REQUEST_MAX];
        struct nts_request q = make_request(&c2s, cookie, COOKIE_LEN);
        size_t len = nts_request_build(&q, &aead_wolfcrypt, buf, sizeof buf);
        struct seen s = server_reads(buf, len, &c2s);

        w.random = q.random;
        usual_reply(&r, &w, s.placeholders + 1);
        assert_int_equal(open_copy(r.data, r.len, &w, &p, &pool), NTS_OPEN_OK);
        assert_int_equal(p.stratum, 2);
        assert_int_equal(p.mode, NTP_MODE_SERVER);
        assert_true(p.receive.u == UINT64_C(0x3333333333333333));
        assert_int_equal(pool.count, 8);
        for (unsigned k = 1; k <= 8; k++) {
            assert_int_equal(cookie_pool_take(&pool, cookie), COOKIE_LEN);
            assert_int_equal(cookie[0], k);
            assert_int_equal(cookie[COOKIE_LEN - 1], k);
        }
    }
}

/* Every bit and every length of a valid response; then the valid one is accepted all the same. */
static void no_flip_and_no_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        struct wait w = make_wait(algorithms[i]);
        struct cookie_pool pool = {0};
        struct ntp_packet p;
        struct reply r;

        assert_true(cookie_pool_add(&pool, (const uint8_t *)"kept", 4));
        usual_reply(&r, &w, 3);
        for (size_t bit = 0; bit < r.len * 8; bit++) {
            r.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(open_copy(r.data, r.len, &w, &p, &pool), NTS_OPEN_OK);
            r.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t len = 0; len < r.len; len++)
            assert_int_not_equal(open_copy(r.data, len, &w, &p, &pool), NTS_OPEN_OK);
        assert_int_equal(open_copy(r.data, r.len, &w, &p, &pool), NTS_OPEN_OK);
        assert_int_equal(pool.count, 4);
    }
}

static void not_ours(void **state)
{
    struct wait w = make_wait(15), other;
    struct reply r;

    (void)state;
    usual_reply(&r, &w, 1);
    other = w, other.random.uid[31] ^= 1;
    expect(&r, &other, NTS_OPEN_JUNK, 0);
    other = w, other.random.transmit++;
    expect(&r, &other, NTS_OPEN_JUNK, 0);
    other = w, other.s2c.key[0] ^= 1;
    expect(&r, &other, NTS_OPEN_FORGED, 0);
    other = w, other.random.transmit = 0; /* zero origin */
    usual_reply(&r, &other, 1);
    expect(&r, &other, NTS_OPEN_JUNK, 0);
    for (unsigned first = 0; first < 256; first++) { /* version and mode */
        reply_begin(&r, w.random.transmit);
        r.data[0] = (uint8_t)first;
        reply_uid(&r, w.random.uid);
        reply_seal(&r, &w.s2c);
        expect(&r, &w, (first & 0x3f) == 0x24 ? NTS_OPEN_OK : NTS_OPEN_JUNK, 0);
    }
    reply_begin(&r, w.random.transmit); /* a plain NTP answer */
    expect(&r, &w, NTS_OPEN_PLAIN, 0);
    r.data[1] = 0; /* a kiss code that anybody could send */
    expect(&r, &w, NTS_OPEN_JUNK, 0);
    reply_begin(&r, w.random.transmit + 1); /* not to our query */
    expect(&r, &w, NTS_OPEN_JUNK, 0);
}

static void unique_identifier(void **state)
{
    struct wait w = make_wait(15);
    uint8_t longer[36];
    struct reply r;

    (void)state;
    reply_begin(&r, w.random.transmit); /* none */
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_JUNK, 0);
    reply_begin(&r, w.random.transmit); /* twice */
    reply_uid(&r, w.random.uid), reply_uid(&r, w.random.uid);
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_JUNK, 0);
    reply_begin(&r, w.random.transmit); /* only behind the Authenticator */
    reply_seal(&r, &w.s2c);
    reply_uid(&r, w.random.uid);
    expect(&r, &w, NTS_OPEN_JUNK, 0);
    reply_begin(&r, w.random.transmit); /* only in the encrypted part */
    add_field(r.plain, &r.plain_len, 0x0104, w.random.uid, 32);
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_JUNK, 0);
    memcpy(longer, w.random.uid, 32); /* ours and more, or less */
    memset(longer + 32, 0, 4);
    for (size_t n = 12; n <= 36; n += 4) {
        reply_begin(&r, w.random.transmit);
        add_field(r.data, &r.len, 0x0104, longer, n);
        reply_seal(&r, &w.s2c);
        expect(&r, &w, n == 32 ? NTS_OPEN_OK : NTS_OPEN_JUNK, 0);
    }
}

static void other_fields(void **state)
{
    struct wait w = make_wait(15);
    uint8_t body[100] = {7};
    struct reply r;

    (void)state;
    reply_begin(&r, w.random.transmit); /* unknown, and a cookie in the clear: not believed */
    add_field(r.data, &r.len, 0x2222, body, 40);
    reply_uid(&r, w.random.uid);
    add_field(r.data, &r.len, 0x0204, body, 100);
    add_field(r.plain, &r.plain_len, 0x0204, body, 96);
    add_field(r.plain, &r.plain_len, 0x7777, body, 0); /* shorter than RFC 7822's minimum */
    add_field(r.plain, &r.plain_len, 0x0304, body, 96);
    add_field(r.plain, &r.plain_len, 0x0204, body, 96);
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_OK, 2);
    add_field(r.data, &r.len, 0x0204, body, 100); /* behind the Authenticator: not even read */
    reply_uid(&r, w.random.uid);
    expect(&r, &w, NTS_OPEN_OK, 2);
    r.data[r.len++] = 1;
    expect(&r, &w, NTS_OPEN_OK, 2);

    reply_begin(&r, w.random.transmit); /* a malformed field before it */
    reply_uid(&r, w.random.uid);
    add_field(r.data, &r.len, 0x2222, body, 8);
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_JUNK, 0);

    reply_begin(&r, w.random.transmit); /* a second Authenticator counts as behind the first */
    reply_uid(&r, w.random.uid);
    reply_seal(&r, &w.s2c);
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_OK, 0);
}

/* The server's choice, within the field: nonces of any length, ciphertexts and padding. */
static void authenticator_shapes(void **state)
{
    struct wait w = make_wait(15);
    struct reply r;

    (void)state;
    for (size_t nonce = 1; nonce <= 64; nonce++) {
        for (size_t extra = 0; extra <= 16; extra += 4) {
            reply_begin(&r, w.random.transmit);
            r.nonce_len = nonce;
            r.extra_padding = extra;
            reply_uid(&r, w.random.uid);
            add_field(r.plain, &r.plain_len, 0x0204, "abcd", 4);
            reply_seal(&r, &w.s2c);
            expect(&r, &w, NTS_OPEN_OK, 1);
        }
    }
    /* all pairs of lengths in a field that holds 16 and 16: only the right one is accepted */
    for (unsigned nonce = 0; nonce <= 70; nonce++) {
        for (unsigned ct = 0; ct <= 70; ct++) {
            reply_begin(&r, w.random.transmit);
            reply_uid(&r, w.random.uid);
            reply_seal(&r, &w.s2c);
            put_u16(r.data + r.len - 36, nonce);
            put_u16(r.data + r.len - 34, ct);
            expect(&r, &w, nonce == 16 && ct == 16 ? NTS_OPEN_OK : NTS_OPEN_FORGED, 0);
        }
    }
    put_u16(r.data + r.len - 36, 0xffff);
    put_u16(r.data + r.len - 34, 0xffff);
    expect(&r, &w, NTS_OPEN_FORGED, 0);
    put_u16(r.data + r.len - 36, 16);
    expect(&r, &w, NTS_OPEN_FORGED, 0);
}

static void missing_or_tiny_authenticator(void **state)
{
    struct wait w = make_wait(15);
    uint8_t zeros[12] = {0};
    struct reply r;

    (void)state;
    reply_begin(&r, w.random.transmit);
    reply_uid(&r, w.random.uid);
    expect(&r, &w, NTS_OPEN_FORGED, 0);
    add_field(r.data, &r.len, 0x0404, zeros, sizeof zeros);
    expect(&r, &w, NTS_OPEN_FORGED, 0);
    reply_begin(&r, w.random.transmit); /* of four octets: the length that crashed somebody */
    reply_uid(&r, w.random.uid);
    add_field(r.data, &r.len, 0x0404, "", 0);
    expect(&r, &w, NTS_OPEN_JUNK, 0);
}

/* Authentic, but the fields inside are not: the time is good, and the cookies before the fault. */
static void malformed_plaintext(void **state)
{
    struct wait w = make_wait(15);
    struct reply r;

    (void)state;
    for (unsigned bad_len = 0; bad_len < 200; bad_len++) {
        reply_begin(&r, w.random.transmit);
        reply_uid(&r, w.random.uid);
        add_field(r.plain, &r.plain_len, 0x0204, "first", 5);
        add_field(r.plain, &r.plain_len, 0x0204, "second", 6);
        put_u16(r.plain + 12 + 2, bad_len);
        reply_seal(&r, &w.s2c);
        expect(&r, &w, NTS_OPEN_OK, bad_len == 12 || bad_len == 8 ? 2 : 1);
    }
    reply_begin(&r, w.random.transmit); /* octets that are no field */
    reply_uid(&r, w.random.uid);
    r.plain_len = 3;
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_OK, 0);
}

static void cookies_and_room(void **state)
{
    struct wait w = make_wait(15);
    struct cookie_pool pool = {0};
    struct ntp_packet p;
    struct reply r;
    uint8_t big[NTS_COOKIE_MAX + 4] = {1};

    (void)state;
    usual_reply(&r, &w, 12);
    assert_int_equal(open_copy(r.data, r.len, &w, &p, &pool), NTS_OPEN_OK);
    assert_int_equal(pool.count, 8);
    assert_int_equal(open_copy(r.data, r.len, &w, &p, &pool), NTS_OPEN_OK);
    assert_int_equal(pool.count, 8);

    reply_begin(&r, w.random.transmit); /* empty and oversized ones are skipped */
    reply_uid(&r, w.random.uid);
    add_field(r.plain, &r.plain_len, 0x0204, big, 0);
    add_field(r.plain, &r.plain_len, 0x0204, big, sizeof big);
    add_field(r.plain, &r.plain_len, 0x0204, big, 64);
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_OK, 1);
}

static void longest_response(void **state)
{
    struct wait w = make_wait(17);
    uint8_t filler[NTS_RESPONSE_MAX] = {0};
    struct reply r;

    (void)state;
    for (size_t n = NTS_RESPONSE_MAX - 8; n <= NTS_RESPONSE_MAX + 8; n += 4) {
        reply_begin(&r, w.random.transmit);
        reply_uid(&r, w.random.uid);
        add_field(r.plain, &r.plain_len, 0x7777, filler, n - 48 - 36 - 40 - 4);
        reply_seal(&r, &w.s2c);
        assert_int_equal(r.len, n);
        expect(&r, &w, n <= NTS_RESPONSE_MAX ? NTS_OPEN_OK : NTS_OPEN_JUNK, 0);
    }
}

static void kisses(void **state)
{
    struct wait w = make_wait(15), other;
    struct reply r;

    (void)state;
    reply_begin(&r, w.random.transmit); /* NTSN as servers send it: header and UID */
    r.data[0] = 0xe4, r.data[1] = 0;
    memcpy(r.data + 12, "NTSN", 4);
    reply_uid(&r, w.random.uid);
    expect(&r, &w, NTS_OPEN_NAK, 0);
    other = w, other.random.uid[0] ^= 1;
    expect(&r, &other, NTS_OPEN_JUNK, 0);
    other = w, other.random.transmit ^= 1;
    expect(&r, &other, NTS_OPEN_JUNK, 0);
    r.data[1] = 1; /* NTSN as a name of a stratum-1 clock is nothing special */
    expect(&r, &w, NTS_OPEN_FORGED, 0);
    r.len = 48, r.data[1] = 0; /* without UID */
    expect(&r, &w, NTS_OPEN_JUNK, 0);

    reply_begin(&r, w.random.transmit); /* RATE, not authenticated and authenticated */
    r.data[0] = 0xe4, r.data[1] = 0;
    memcpy(r.data + 12, "RATE", 4);
    reply_uid(&r, w.random.uid);
    expect(&r, &w, NTS_OPEN_FORGED, 0);
    reply_seal(&r, &w.s2c);
    expect(&r, &w, NTS_OPEN_OK, 0);
}

/* Valid ciphertext around random fields, and random octets: nothing but a verdict. */
static void random_octets(void **state)
{
    struct wait w = make_wait(15);
    uint64_t seed = 12;
    struct reply r;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        struct cookie_pool pool = {0};
        struct ntp_packet p;

        usual_reply(&r, &w, (unsigned)(test_random(&seed) % 3));
        for (int k = (int)(test_random(&seed) % 3); k >= 0; k--)
            r.data[48 + test_random(&seed) % (r.len - 48)] = (uint8_t)test_random(&seed);
        (void)open_copy(r.data, (size_t)test_random(&seed) % (r.len + 1), &w, &p, &pool);
        reply_begin(&r, w.random.transmit);
        reply_uid(&r, w.random.uid);
        r.plain_len = (size_t)test_random(&seed) % 64;
        test_random_fill(&seed, r.plain, r.plain_len);
        for (size_t k = 0; k + 4 <= r.plain_len; k += 4)
            if (test_random(&seed) % 2 == 0)
                memcpy(r.plain + k, "\x02\x04\x00\x08", 4);
        reply_seal(&r, &w.s2c);
        assert_int_equal(open_copy(r.data, r.len, &w, &p, &pool), NTS_OPEN_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_layout),
        cmocka_unit_test(request_sizes),
        cmocka_unit_test(request_limits),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(no_flip_and_no_truncation),
        cmocka_unit_test(not_ours),
        cmocka_unit_test(unique_identifier),
        cmocka_unit_test(other_fields),
        cmocka_unit_test(authenticator_shapes),
        cmocka_unit_test(missing_or_tiny_authenticator),
        cmocka_unit_test(malformed_plaintext),
        cmocka_unit_test(cookies_and_room),
        cmocka_unit_test(longest_response),
        cmocka_unit_test(kisses),
        cmocka_unit_test(random_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
