/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/base/wire.h"
#include "common/nts/nts_ke_msg.h"

#define CRITICAL 0x8000

/* A response being put together, record by record. */
struct response {
    uint8_t data[NTS_KE_RESPONSE_MAX + 4096];
    struct wire_writer w;
};

static struct response r;

static void begin(void)
{
    r.w = wire_writer(r.data, sizeof r.data);
}

static void record(unsigned type, const void *body, size_t len)
{
    wire_put_u16(&r.w, (uint16_t)type);
    wire_put_u16(&r.w, (uint16_t)len);
    wire_put_bytes(&r.w, body, len);
    assert_false(r.w.bad);
}

static void u16_record(unsigned type, uint16_t value)
{
    uint8_t body[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    record(type, body, 2);
}

static void cookie(uint8_t fill, size_t len)
{
    static uint8_t body[UINT16_MAX];

    memset(body, fill, len);
    record(NTS_KE_NEW_COOKIE, body, len);
}

static void start(void)
{
    begin();
    u16_record(CRITICAL | NTS_KE_NEXT_PROTOCOL, 0);
    u16_record(CRITICAL | NTS_KE_AEAD, 15);
}

static void finish(void)
{
    record(CRITICAL | NTS_KE_END_OF_MESSAGE, NULL, 0);
}

static void usual(void)
{
    start();
    for (uint8_t i = 1; i <= 8; i++)
        cookie(i, 100);
    finish();
}

static struct aead_list offered = {.n = 3, .id = {15, 17, 16}};

/* Checks an exact copy, so that a read beyond the end is seen. */
static bool check(struct nts_ke_answer *a, struct failure *f, size_t len)
{
    uint8_t *data = test_exact(r.data, len);
    bool ok;

    memset(a, 0x5a, sizeof *a);
    memset(f, 0x5a, sizeof *f);
    ok = nts_ke_response_check(data, len, &offered, a, f);
    free(data);
    if (!ok)
        for (size_t i = 0; i < sizeof *a; i++)
            assert_int_equal(((uint8_t *)a)[i], 0);
    return ok;
}

static struct nts_ke_answer accepted(void)
{
    struct nts_ke_answer a;
    struct failure f;

    if (!check(&a, &f, r.w.pos))
        fail_msg("refused: stage %u reason %u code %d", f.stage, f.reason, (int)f.code);
    assert_int_equal(f.stage, STAGE_OK);
    assert_true(cookie_pool_valid(&a.cookies));
    return a;
}

static void refused_at(size_t len, enum stage stage, enum reason reason, int32_t code)
{
    struct nts_ke_answer a;
    struct failure f;

    assert_false(check(&a, &f, len));
    assert_int_equal(f.stage, stage);
    assert_int_equal(f.reason, reason);
    assert_int_equal(f.code, code);
}

static void refused(enum reason reason, int32_t code)
{
    refused_at(r.w.pos, STAGE_KE_RECORD, reason, code);
}

static void request(void **state)
{
    static const uint8_t plain[] = {0x80, 1,  0, 2,  0, 0,  0x80, 4, 0, 6,
                                    0,    15, 0, 17, 0, 16, 0x80, 0, 0, 0};
    /* chronyd's: 30 before 15, and record 1024. */
    static const uint8_t usual_one[] = {0x80, 1, 0,  2, 0, 0, 0x80, 4,    0, 4, 0,
                                        30,   0, 15, 4, 0, 0, 0,    0x80, 0, 0, 0};
    static const uint8_t asked[] = {0, 6, 0, 5, 'a', '.', 'b', '.', 'c', 0, 7, 0, 2, 0x10, 0x92};
    struct nts_ke_ask ask = {0};
    uint8_t buf[NTS_KE_REQUEST_MAX];

    (void)state;
    assert_int_equal(nts_ke_request_build(&ask, buf, sizeof buf), sizeof usual_one);
    assert_memory_equal(buf, usual_one, sizeof usual_one);
    ask.aead = offered;
    assert_int_equal(nts_ke_request_build(&ask, buf, sizeof buf), sizeof plain);
    assert_memory_equal(buf, plain, sizeof plain);
    for (size_t cap = 0; cap < sizeof plain; cap++)
        assert_int_equal(nts_ke_request_build(&ask, buf, cap), 0);

    /* No more than there is room for, whatever the number says. */
    ask.aead = (struct aead_list){.n = AEAD_LIST_MAX + 1, .id = {15, 17, 16, 15}};
    assert_true(nts_ke_request_build(&ask, buf, sizeof buf) > 0);
    assert_memory_equal(buf + 6, "\x80\x04\0\x08\0\x0f\0\x11\0\x10\0\x0f", 12);
    ask.aead = offered;

    strcpy(ask.ntp_server, "a.b.c");
    ask.ntp_port = 4242;
    assert_int_equal(nts_ke_request_build(&ask, buf, sizeof buf), sizeof plain + sizeof asked);
    assert_memory_equal(buf, plain, 16);
    assert_memory_equal(buf + 16, asked, sizeof asked);
    assert_memory_equal(buf + 16 + sizeof asked, plain + 16, 4);

    memset(ask.ntp_server, 'a', NTS_NAME_MAX + 1); /* not ended, and no name either */
    assert_int_equal(nts_ke_request_build(&ask, buf, sizeof buf), 0);
    for (size_t i = 3; i < 253; i += 4)
        ask.ntp_server[i] = '.';
    ask.ntp_server[253] = '\0';
    assert_int_equal(nts_ke_request_build(&ask, buf, sizeof buf), 20 + 4 + 253 + 6);
    strcpy(ask.ntp_server, "not a name");
    assert_int_equal(nts_ke_request_build(&ask, buf, sizeof buf), 0);
}

static void usual_response(void **state)
{
    struct nts_ke_answer a;
    uint8_t out[NTS_COOKIE_MAX];

    (void)state;
    usual();
    a = accepted();
    assert_int_equal(a.aead, 15);
    assert_string_equal(a.ntp_server, "");
    assert_int_equal(a.ntp_port, 123);
    assert_int_equal(a.cookies.count, 8);
    for (uint8_t i = 1; i <= 8; i++) {
        assert_int_equal(cookie_pool_take(&a.cookies, out), 100);
        assert_int_equal(out[0] | out[99], i);
    }
}

/* Order is free but for the end; critical bits of the server's own records do not matter. */
static void any_order(void **state)
{
    struct nts_ke_answer a;

    (void)state;
    begin();
    u16_record(CRITICAL | NTS_KE_NTP_PORT, 1123);
    cookie(1, 64);
    record(CRITICAL | NTS_KE_NTP_SERVER, "2001:db8::1", 11);
    u16_record(NTS_KE_AEAD, 17);
    u16_record(CRITICAL | NTS_KE_NEXT_PROTOCOL, 0);
    record(CRITICAL | NTS_KE_NEW_COOKIE, "abcd", 4);
    finish();
    a = accepted();
    assert_int_equal(a.aead, 17);
    assert_int_equal(a.ntp_port, 1123);
    assert_string_equal(a.ntp_server, "2001:db8::1");
    assert_int_equal(a.cookies.count, 2);
}

static void every_truncation(void **state)
{
    size_t len;

    (void)state;
    start();
    record(NTS_KE_NTP_SERVER, "ntp.example", 11);
    u16_record(NTS_KE_NTP_PORT, 4123);
    cookie(1, 100);
    finish();
    (void)accepted();
    len = r.w.pos;
    for (size_t n = 0; n < len; n++)
        refused_at(n, STAGE_KE_RECORD, REASON_TRUNCATED, 0);
}

static void data_after_end(void **state)
{
    (void)state;
    usual();
    wire_put_u8(&r.w, 0);
    refused(REASON_MALFORMED, NTS_KE_END_OF_MESSAGE);
    usual();
    finish();
    refused(REASON_MALFORMED, NTS_KE_END_OF_MESSAGE);
}

static void end_of_message(void **state)
{
    (void)state;
    start(), cookie(1, 9);
    record(NTS_KE_END_OF_MESSAGE, NULL, 0); /* not critical */
    refused(REASON_MALFORMED, NTS_KE_END_OF_MESSAGE);
    start(), cookie(1, 9);
    record(CRITICAL | NTS_KE_END_OF_MESSAGE, "x", 1);
    refused(REASON_MALFORMED, NTS_KE_END_OF_MESSAGE);
}

static void missing(void **state)
{
    (void)state;
    begin(), finish();
    refused(REASON_MISSING, NTS_KE_NEXT_PROTOCOL);
    begin(), u16_record(NTS_KE_AEAD, 15), cookie(1, 9), finish();
    refused(REASON_MISSING, NTS_KE_NEXT_PROTOCOL);
    begin(), u16_record(CRITICAL | NTS_KE_NEXT_PROTOCOL, 0), cookie(1, 9), finish();
    refused(REASON_MISSING, NTS_KE_AEAD);
    start(), finish();
    refused(REASON_MISSING, NTS_KE_NEW_COOKIE);
}

static void duplicates(void **state)
{
    (void)state;
    start(), u16_record(CRITICAL | NTS_KE_NEXT_PROTOCOL, 0), cookie(1, 9), finish();
    refused(REASON_DUPLICATE, NTS_KE_NEXT_PROTOCOL);
    start(), u16_record(NTS_KE_AEAD, 15), cookie(1, 9), finish();
    refused(REASON_DUPLICATE, NTS_KE_AEAD);
    start(), record(NTS_KE_NTP_SERVER, "a", 1), record(NTS_KE_NTP_SERVER, "a", 1), finish();
    refused(REASON_DUPLICATE, NTS_KE_NTP_SERVER);
    start(), u16_record(NTS_KE_NTP_PORT, 1), u16_record(NTS_KE_NTP_PORT, 1), finish();
    refused(REASON_DUPLICATE, NTS_KE_NTP_PORT);
}

static void next_protocol(void **state)
{
    (void)state;
    begin(), u16_record(NTS_KE_NEXT_PROTOCOL, 0), finish(); /* not critical */
    refused(REASON_MALFORMED, NTS_KE_NEXT_PROTOCOL);
    begin(), u16_record(CRITICAL | NTS_KE_NEXT_PROTOCOL, 1), finish();
    refused(REASON_BAD_PROTOCOL, 0);
    begin(), record(CRITICAL | NTS_KE_NEXT_PROTOCOL, NULL, 0), finish();
    refused(REASON_BAD_PROTOCOL, 0);
    begin(), record(CRITICAL | NTS_KE_NEXT_PROTOCOL, "\0\0\0\0", 4), finish();
    refused(REASON_BAD_PROTOCOL, 0);
    begin(), record(CRITICAL | NTS_KE_NEXT_PROTOCOL, "\0\0\0", 3), finish();
    refused(REASON_MALFORMED, NTS_KE_NEXT_PROTOCOL);
}

static void aead(void **state)
{
    (void)state;
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        begin(), u16_record(CRITICAL | NTS_KE_NEXT_PROTOCOL, 0);
        u16_record(NTS_KE_AEAD, (uint16_t)id), cookie(1, 9), finish();
        if (id == 15 || id == 16 || id == 17)
            assert_int_equal(accepted().aead, id);
        else
            refused(REASON_BAD_AEAD, (int32_t)id);
    }
    begin(), record(CRITICAL | NTS_KE_AEAD, NULL, 0), finish();
    refused(REASON_BAD_AEAD, -1);
    begin(), record(CRITICAL | NTS_KE_AEAD, "\0\x0f\0\x10", 4), finish();
    refused(REASON_MALFORMED, NTS_KE_AEAD);
    begin(), record(CRITICAL | NTS_KE_AEAD, "\x0f", 1), finish();
    refused(REASON_MALFORMED, NTS_KE_AEAD);
}

/* What the exporter's context says for algorithm 30: chronyd's record 1024 in the answer tells. */
static void compliant_export(void **state)
{
    static const struct {
        uint16_t type;
        uint16_t len; /* 1: another meaning of that number */
        bool seen;
    } record_of[] = {{0, 0, false}, {1024, 0, true}, {CRITICAL | 1024, 0, true}, {1024, 1, false}};
    const struct aead_list before = offered;

    (void)state;
    offered = aead_list_default();
    for (size_t i = 0; i < sizeof record_of / sizeof record_of[0]; i++) {
        for (unsigned id = 15; id <= 30; id += 15) {
            struct nts_ke_answer a;

            begin(), u16_record(CRITICAL | NTS_KE_NEXT_PROTOCOL, 0);
            if (record_of[i].type != 0)
                record(record_of[i].type, "x", record_of[i].len);
            u16_record(NTS_KE_AEAD, (uint16_t)id), cookie(1, 9), finish();
            a = accepted();
            assert_int_equal(a.aead, id);
            assert_int_equal(a.exporter_aead, record_of[i].seen ? id : 15);
        }
    }
    offered = before; /* without 30 it is a record that nobody knows */
    start(), record(CRITICAL | 1024, NULL, 0), cookie(1, 9), finish();
    refused(REASON_CRITICAL_UNKNOWN, 1024);
}

static void errors_and_warnings(void **state)
{
    (void)state;
    begin(), u16_record(CRITICAL | NTS_KE_ERROR, 1), finish();
    refused_at(r.w.pos, STAGE_KE_ERROR, REASON_KE_ERROR, 1);
    begin(), u16_record(NTS_KE_ERROR, 0xffff), finish(); /* also without the critical bit */
    refused_at(r.w.pos, STAGE_KE_ERROR, REASON_KE_ERROR, 0xffff);
    /* an error in an otherwise complete answer, and one behind which the connection was cut */
    start(), cookie(1, 9), u16_record(CRITICAL | NTS_KE_ERROR, 2), finish();
    refused_at(r.w.pos, STAGE_KE_ERROR, REASON_KE_ERROR, 2);
    begin(), u16_record(CRITICAL | NTS_KE_ERROR, 2);
    refused_at(r.w.pos, STAGE_KE_ERROR, REASON_KE_ERROR, 2);
    start(), cookie(1, 9), u16_record(CRITICAL | NTS_KE_WARNING, 7), finish();
    refused_at(r.w.pos, STAGE_KE_ERROR, REASON_KE_WARNING, 7);
    begin(), record(CRITICAL | NTS_KE_ERROR, "\1", 1), finish();
    refused(REASON_MALFORMED, NTS_KE_ERROR);
    begin(), record(CRITICAL | NTS_KE_WARNING, NULL, 0), finish();
    refused(REASON_MALFORMED, NTS_KE_WARNING);
}

static void unknown_records(void **state)
{
    static uint8_t big[UINT16_MAX];
    const unsigned types[] = {8, 1024, 0x4000, 0x7fff};

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        start(), record(types[i], "x", 1), record(types[i], NULL, 0), cookie(1, 9), finish();
        (void)accepted();
        start(), record(CRITICAL | types[i], NULL, 0), cookie(1, 9), finish();
        refused(REASON_CRITICAL_UNKNOWN, (int32_t)types[i]);
    }
    begin(), record(1024, big, sizeof big), finish();
    refused(REASON_TOO_LONG, 0);
    /* the longest response there may be: 65,536 octets */
    start(), cookie(1, 9);
    record(1024, big, NTS_KE_RESPONSE_MAX - r.w.pos - 8);
    finish();
    assert_int_equal(r.w.pos, NTS_KE_RESPONSE_MAX);
    (void)accepted();
    start(), cookie(1, 9);
    record(1024, big, NTS_KE_RESPONSE_MAX - r.w.pos - 7);
    finish();
    refused(REASON_TOO_LONG, 0);
    /* a length of 65,535 that the octets do not reach */
    begin(), wire_put_u16(&r.w, 1024), wire_put_u16(&r.w, 0xffff), finish();
    refused(REASON_TRUNCATED, 0);
}

static void cookies(void **state)
{
    struct nts_ke_answer a;

    (void)state;
    start(); /* more than there is room for */
    for (uint8_t i = 1; i <= 60; i++)
        cookie(i, 100);
    finish();
    a = accepted();
    assert_int_equal(a.cookies.count, 8);
    assert_int_equal(a.cookies.data[0], 1);

    start(), cookie(1, 100), cookie(2, 96), cookie(3, 101), cookie(4, 1), finish(); /* unequal */
    a = accepted();
    assert_int_equal(a.cookies.count, 4);
    assert_int_equal(a.cookies.len[2], 101);

    start(), cookie(1, 0), cookie(2, NTS_COOKIE_MAX + 1), cookie(3, 50), cookie(4, 40000), finish();
    a = accepted();
    assert_int_equal(a.cookies.count, 1);
    assert_int_equal(a.cookies.data[0], 3);

    start(), cookie(1, 0), cookie(2, NTS_COOKIE_MAX + 1), finish();
    refused(REASON_COOKIE_LENGTH, 0);

    start(); /* large ones that do not fit together: fewer */
    for (uint8_t i = 1; i <= 8; i++)
        cookie(i, 500);
    finish();
    a = accepted();
    assert_int_equal(a.cookies.count, 3);
}

static void server_and_port(void **state)
{
    static const char *const good[] = {"a",         "ntp.example.org",      "ntp.example.org.",
                                       "192.0.2.1", "2001:db8::1",          "::ffff:192.0.2.1",
                                       "_x.1a",     "xn--bcher-kva.example"};
    static const char *const bad[] = {
        "",         "a b",       "a\n",          "a..b",      ".",     "-a",  "1.2.3",
        "0x7f.1",   "1.2.3.4.5", "1.2.3.256",    "fe80::1%1", "[::1]", "a/b", "a:123",
        "\xc3\xa4", "..",        "fe80::1%eth0", "*.a"};
    char name[300];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        start(), record(NTS_KE_NTP_SERVER, good[i], strlen(good[i])), cookie(1, 9), finish();
        assert_string_equal(accepted().ntp_server, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        start(), record(NTS_KE_NTP_SERVER, bad[i], strlen(bad[i])), cookie(1, 9), finish();
        refused(REASON_MALFORMED, NTS_KE_NTP_SERVER);
    }
    start(), record(NTS_KE_NTP_SERVER, "a\0b", 3), cookie(1, 9), finish();
    refused(REASON_MALFORMED, NTS_KE_NTP_SERVER);
    start(), record(NTS_KE_NTP_SERVER, "a\0", 2), cookie(1, 9), finish();
    refused(REASON_MALFORMED, NTS_KE_NTP_SERVER);
    for (size_t len = 1; len < sizeof name; len++) {
        for (size_t i = 0; i < len; i++)
            name[i] = i % 4 == 3 && i + 1 < len ? '.' : 'a';
        start(), record(NTS_KE_NTP_SERVER, name, len), cookie(1, 9), finish();
        if (len <= 253)
            assert_int_equal(strlen(accepted().ntp_server), len);
        else
            refused(REASON_MALFORMED, NTS_KE_NTP_SERVER);
    }
    start(), u16_record(NTS_KE_NTP_PORT, 0), cookie(1, 9), finish();
    refused(REASON_MALFORMED, NTS_KE_NTP_PORT);
    start(), record(NTS_KE_NTP_PORT, "\1", 1), cookie(1, 9), finish();
    refused(REASON_MALFORMED, NTS_KE_NTP_PORT);
    start(), u16_record(NTS_KE_NTP_PORT, 65535), cookie(1, 9), finish();
    assert_int_equal(accepted().ntp_port, 65535);
}

/* Whole at the last octet and not before, in whatever portions it comes. */
static void complete(void **state)
{
    size_t len;
    uint64_t seed = 6;

    (void)state;
    usual();
    len = r.w.pos;
    for (size_t split = 0; split <= len; split++) {
        uint8_t *first = test_exact(r.data, split);
        size_t pos = 0;

        assert_int_equal(nts_ke_response_complete(first, split, &pos), split == len);
        assert_true(pos <= split);
        assert_true(nts_ke_response_complete(r.data, len, &pos));
        free(first);
    }
    for (int i = 0; i < 200; i++) {
        size_t pos = 0, n = 0;

        while (n < len) {
            n += 1 + test_below(&seed, 40);
            n = n < len ? n : len;
            assert_int_equal(nts_ke_response_complete(r.data, n, &pos), n == len);
        }
    }
    len = 10;
    assert_false(nts_ke_response_complete(r.data, 9, &len)); /* not where it has been before */
    /* complete although wrong, so that nobody waits: the check says what is wrong */
    begin(), record(NTS_KE_END_OF_MESSAGE, "abc", 3);
    for (size_t n = 0; n <= r.w.pos; n++) {
        size_t pos = 0;

        assert_int_equal(nts_ke_response_complete(r.data, n, &pos), n == r.w.pos);
    }
}

/* Any octets: a verdict, and agreement between the two functions on what is whole. */
static void random_octets(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct nts_ke_answer a;
        struct failure f;
        size_t pos = 0, len;
        bool whole;

        usual();
        len = (size_t)test_random(&seed) % (r.w.pos + 1);
        if (i % 2 == 0)
            len = r.w.pos;
        for (int k = (int)(test_random(&seed) % 4); k >= 0 && len > 0; k--)
            r.data[test_random(&seed) % (k == 0     ? len
                                         : len < 16 ? len
                                                    : 16)] = (uint8_t)test_random(&seed);
        whole = nts_ke_response_complete(r.data, len, &pos);
        if (nts_ke_response_check(r.data, len, &offered, &a, &f)) {
            assert_true(whole);
            assert_true(cookie_pool_valid(&a.cookies) && a.cookies.count > 0);
        } else if (f.reason == REASON_TRUNCATED) {
            assert_false(whole);
        }
    }
}

static void exporter_context(void **state)
{
    uint8_t c[NTS_EXPORTER_CONTEXT_LEN];

    (void)state;
    nts_exporter_context(15, false, c);
    assert_memory_equal(c, "\0\0\0\x0f\0", 5);
    nts_exporter_context(0x1234, true, c);
    assert_memory_equal(c, "\0\0\x12\x34\1", 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request),          cmocka_unit_test(usual_response),
        cmocka_unit_test(any_order),        cmocka_unit_test(every_truncation),
        cmocka_unit_test(data_after_end),   cmocka_unit_test(end_of_message),
        cmocka_unit_test(missing),          cmocka_unit_test(duplicates),
        cmocka_unit_test(next_protocol),    cmocka_unit_test(aead),
        cmocka_unit_test(compliant_export), cmocka_unit_test(errors_and_warnings),
        cmocka_unit_test(unknown_records),  cmocka_unit_test(cookies),
        cmocka_unit_test(server_and_port),  cmocka_unit_test(complete),
        cmocka_unit_test(random_octets),    cmocka_unit_test(exporter_context),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
