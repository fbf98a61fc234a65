/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine of one server: key exchanges and stored sessions, in simulated time. */
#include "common/nts/nts_ke_backoff.h"
#include "tests/unit/source_bench.h"

#include <string.h>

static void polls_go_on_while_key_exchange_fails(void **state)
{
    const struct failure f = failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    struct mono last = {0};
    unsigned exchanges = 0, queries = 0;
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    for (int i = 0; i < 200 && exchanges < 12; i++) {
        bench_fire(&b);
        if (bench_has(&b, SOURCE_SEND))
            queries++;
        if (!bench_has(&b, SOURCE_START_KE))
            continue;
        /* Pauses grow as the standard wants them to. */
        if (exchanges > 0)
            assert_true(b.now.ns - last.ns >= nts_ke_backoff_ns(exchanges + 1));
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
    bench_start(&b);
    for (int i = 0; i < 50; i++) {
        bench_fire(&b);
        assert_true(bench_has(&b, SOURCE_START_KE));
        source_ke_failed(&b.s, b.now, &f, false, &b.out);
        assert_int_equal(b.s.ke_tries, 0);
        assert_int_equal(source_next(&b.s).ns - b.now.ns, S(15) << (i < 6 ? i : 6));
    }
    source_network_changed(&b.s, b.now);
    assert_int_equal(source_next(&b.s).ns, b.now.ns);
    bench_fire(&b);
    source_ke_failed(&b.s, b.now, &f, false, &b.out);
    assert_int_equal(source_next(&b.s).ns - b.now.ns, S(15));
}

/* Pauses are drawn, up to half as long again: never shorter than RFC 8915 has them. */
static void pauses_are_spread(void **state)
{
    const struct failure f = failure_make(STAGE_RESOLVE, REASON_DNS_DOWN, 0);

    (void)state;
    for (int reached = 0; reached < 2; reached++) {
        struct bench b;
        int64_t pause[2];

        for (int most = 0; most < 2; most++) {
            bench_start(&b);
            b.ke_spread = most ? UINT8_MAX : 0;
            bench_fire(&b);
            assert_true(bench_has(&b, SOURCE_START_KE));
            source_ke_failed(&b.s, b.now, &f, reached, &b.out);
            pause[most] = source_next(&b.s).ns - b.now.ns;
        }
        assert_int_equal(pause[0], reached ? S(10) : S(15));
        assert_true(pause[1] > pause[0] * 149 / 100 && pause[1] <= pause[0] * 3 / 2);
    }
}

/* One that may not begin yet is no failure: nothing is told, and the back-off counts nothing. */
static void a_held_exchange_waits(void **state)
{
    const struct failure f = failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_fire(&b);
    source_ke_failed(&b.s, b.now, &f, true, &b.out);
    bench_fire(&b);
    assert_int_equal(b.s.ke_tries, 2);
    source_ke_held(&b.s, b.now, S(77));
    assert_int_equal(b.s.ke_tries, 1);
    assert_int_equal(b.s.fail.reason, REASON_REFUSED);
    assert_int_equal(source_next(&b.s).ns - b.now.ns, S(77));
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_START_KE));
    source_ke_held(&b.s, b.now, S(1));
    source_ke_held(&b.s, b.now, S(500)); /* nothing is under way any more */
    assert_int_equal(source_next(&b.s).ns - b.now.ns, S(1));
}

static void backoff_is_that_of_the_standard(void **state)
{
    (void)state;
    assert_int_equal(nts_ke_backoff_ns(1), S(10));
    assert_int_equal(nts_ke_backoff_ns(2), S(15));
    assert_int_equal(nts_ke_backoff_ns(3), S(22) + S(1) / 2);
    assert_int_equal(nts_ke_backoff_ns(1000), S(INT64_C(432000)));
}

/* By certificates that the clock refused: samples say so, and the time told refuses them anew. */
static void provisional_certificates(void **state)
{
    const int64_t now_s = bench_wall.ns / NS_PER_S;
    struct source_out request;
    struct bench b;

    (void)state;
    for (int off = -1; off <= 1; off++) {
        bench_start(&b);
        bench_exchange_keys(&b, 8);
        b.s.session.provisional = true;
        b.s.session.not_before_s = b.s.session.not_after_s = now_s + off;
        bench_ask(&b);
        request = b.out;
        bench_deliver(&b, &request, bench_good);
        assert_int_equal(bench_has(&b, SOURCE_SAMPLE), off == 0);
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
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    assert_false(source_renew(&b.s, b.now)); /* a query is under way */
    request = b.out;
    bench_deliver(&b, &request, bench_good);
    assert_true(source_renew(&b.s, b.now));
    assert_int_equal(b.s.session.cookies.count, 0);
    assert_int_equal(source_next(&b.s).ns, b.now.ns);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    request = b.out;
    bench_deliver(&b, &request, bench_good);
    assert_true(source_renew(&b.s, b.now));
    assert_true(source_next(&b.s).ns >= b.now.ns + nts_ke_backoff_ns(1) - S(5));
}

/* Also where nothing is stored: asked all the time, or woken after weeks. */
static void keys_are_exchanged_every_week(void **state)
{
    const int64_t week = INT64_C(7) * 86400;
    struct source_out request;
    struct mono made;
    struct bench b;

    (void)state;
    bench_start(&b);
    for (int round = 0; round < 5; round++) {
        unsigned queries = 0;

        bench_exchange_keys(&b, 8);
        made = b.now;
        while (source_next(&b.s).ns <= made.ns + S(week)) {
            bench_ask(&b);
            request = b.out;
            bench_deliver(&b, &request, bench_good);
            queries++;
        }
        assert_in_range(queries, week / 64 - 1, week / 64 + 1);
    }
    bench_exchange_keys(&b, 8);
    assert_int_equal(b.s.session.cookies.count, 8);
    b.now.ns += S(3 * week);
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_START_KE));
}

/* What was due when the week ended is asked with the old cookies, while the keys' pause goes on. */
static void a_week_ends_within_a_pause(void **state)
{
    const struct failure f = failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    const int64_t week = INT64_C(7) * 86400;
    struct source_out request;
    struct mono began;
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    b.now = b.s.session_at;
    b.now.ns += S(week) - S(1);
    b.s.ke_tries = 4; /* the fifth pause is over 50 seconds long */
    b.s.ke_at = b.now;
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_START_KE));
    began = b.now;
    source_ke_failed(&b.s, b.now, &f, true, &b.out);
    b.now.ns += S(2);
    source_poll_at(&b.s, b.now);
    assert_int_equal(b.s.session.cookies.count, 8);
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_SEND));
    assert_int_equal(b.s.session.cookies.count, 7);
    request = b.out;
    bench_deliver(&b, &request, bench_good);
    assert_true(bench_has(&b, SOURCE_SAMPLE));
    /* Nobody has answered to new keys: the pause is as long as it was. */
    b.now.ns += S(1);
    source_poll_at(&b.s, b.now);
    bench_ask(&b);
    bench_fire(&b);
    assert_true(source_next(&b.s).ns <= began.ns + nts_ke_backoff_ns(5));
    while (!bench_has(&b, SOURCE_START_KE)) {
        b.now = source_next(&b.s);
        bench_fire(&b);
    }
    assert_int_equal(b.now.ns, began.ns + nts_ke_backoff_ns(5));
}

/* Key establishment is down for a month: the server is asked on, and for keys ever more seldom. */
static void keys_are_not_to_be_had(void **state)
{
    const struct failure f = failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    const int64_t day = 86400;
    unsigned queries = 0, exchanges = 0;
    struct source_out request;
    struct mono made;
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    made = b.now;
    while (b.now.ns < made.ns + S(37 * day)) {
        if (source_next(&b.s).ns > b.now.ns)
            b.now = source_next(&b.s);
        bench_fire(&b);
        if (bench_has(&b, SOURCE_START_KE)) {
            exchanges++;
            source_ke_failed(&b.s, b.now, &f, true, &b.out);
        } else if (bench_has(&b, SOURCE_SEND)) {
            queries++;
            request = b.out;
            bench_deliver(&b, &request, bench_good);
            assert_true(bench_has(&b, SOURCE_SAMPLE));
        }
    }
    assert_true(queries > 36 * day / 64);
    /* The pause grows to five days (RFC 8915 section 4.2): ten doublings and more in a month. */
    assert_in_range(exchanges, 6, 40);
    /* Then they are, and all begins anew. */
    while (!bench_has(&b, SOURCE_START_KE)) {
        if (source_next(&b.s).ns > b.now.ns)
            b.now = source_next(&b.s);
        bench_fire(&b);
        if (bench_has(&b, SOURCE_SEND)) {
            request = b.out;
            bench_deliver(&b, &request, bench_good);
        }
    }
}

/* The store's view counts: what was exchanged by somebody else is as bench_good as our own. */
static void a_newer_session_of_the_store_begins_its_own_week(void **state)
{
    const int64_t week = INT64_C(7) * 86400;
    struct nts_session stored;
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    b.now.ns += S(week);
    stored = bench_session(8, b.now.ns);
    source_sync(&b.s, &stored, b.now);
    bench_ask(&b);
    source_send_failed(&b.s, b.now, &b.out);
    b.now.ns += S(week);
    source_sync(&b.s, &stored, b.now);
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_SEND));
    source_send_failed(&b.s, b.now, &b.out);
    b.now.ns += S(1);
    source_sync(&b.s, &stored, b.now);
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_START_KE));
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
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    for (int i = 0; i < 2; i++) {
        assert_false(source_moved(&b.s, b.now, &home));
        assert_false(source_moved(&b.s, b.now, &home6));
        assert_false(source_moved(&b.s, b.now, &unknown));
    }
    assert_int_equal(b.s.session.cookies.count, 8);
    assert_true(source_moved(&b.s, b.now, &cafe));
    assert_int_equal(b.s.session.cookies.count, 0);
    bench_exchange_keys(&b, 8);
    assert_false(source_moved(&b.s, b.now, &cafe));
    bench_ask(&b);
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

        bench_start(&b);
        for (int k = 0; k < 20; k++) {
            bench_fire(&b);
            assert_true(bench_has(&b, SOURCE_START_KE));
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
    bench_start(&b);
    bench_fire(&b);
    source_network_changed(&b.s, b.now);
    source_ke_failed(&b.s, b.now, &f, false, &b.out);
    assert_int_equal(source_next(&b.s).ns, b.now.ns);
    bench_fire(&b);
    source_ke_failed(&b.s, b.now, &f, false, &b.out);
    assert_int_equal(source_next(&b.s).ns, b.now.ns + S(15));
}

static void sync_follows_the_store(void **state)
{
    struct nts_session other;
    struct source_out request;
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    /* Somebody else took two cookies. */
    other = b.s.session;
    for (int i = 0; i < 2; i++) {
        uint8_t cookie[NTS_COOKIE_MAX];

        assert_int_equal(cookie_pool_take(&other.cookies, cookie), 16);
    }
    source_sync(&b.s, &other, b.now);
    assert_int_equal(b.s.session.cookies.count, 6);
    bench_ask(&b);
    request = b.out;
    /* Meanwhile somebody exchanged keys: the answer counts, its cookies belong to the old keys. */
    other = bench_session(8, 4711);
    source_sync(&b.s, &other, b.now);
    bench_deliver(&b, &request, bench_good);
    assert_true(bench_has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.s.session.cookies.count, 8);
    assert_int_equal(b.s.session.made.ns, 4711);
    /* The store is gone: keys are wanted, nothing is sent before. */
    source_sync(&b.s, NULL, b.now);
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_START_KE));
}

/* Cookies that others may take are cookies all the same: no more than eight are asked for. */
static void cookies_elsewhere_are_not_asked_for_again(void **state)
{
    struct nts_session half;
    struct bench b;
    size_t full;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    full = b.out.packet_len;
    for (unsigned elsewhere = 0; elsewhere <= NTS_POOL_MAX; elsewhere++) {
        /* Four here; each that is missing in all, but for the one that comes anyway, has a field.
         */
        const unsigned missing = elsewhere < 4 ? 4 - elsewhere : 0;

        bench_start(&b);
        bench_exchange_keys(&b, 8);
        half = b.s.session;
        half.cookies.count = 4;
        source_sync(&b.s, &half, b.now);
        b.s.elsewhere = (uint8_t)elsewhere;
        assert_int_equal(source_cookies_left(&b.s), 4 + elsewhere);
        bench_ask(&b);
        assert_int_equal(b.out.packet_len, full + missing * (4 + 16));
    }
    source_sync(&b.s, NULL, b.now);
    assert_int_equal(source_cookies_left(&b.s), 0);
}

/* A server that key establishment has named is called by its address when it keeps silent. */
static void silence_of_another_host(void **state)
{
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    b.s.session.ke = b.s.session.ntp[0];
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_SEND));
    bench_fire(&b);
    assert_int_equal(b.s.fail.stage, STAGE_NTP_TIMEOUT);
    assert_string_equal(b.s.fail.detail, ""); /* the host that was asked */
    b.s.session.ke.addr[3] ^= 1;
    while (!bench_has(&b, SOURCE_SEND))
        bench_fire(&b);
    b.s.address = 0;
    bench_fire(&b);
    assert_non_null(strstr(b.s.fail.detail, "named by key establishment"));
}

/*
 * RFC 8915 section 4.2: the pauses between key exchanges go on growing until one of them and a
 * query with ITS keys have succeeded. Here every other answer is a NAK, the rest are good ones to
 * the old keys.
 */
static void old_keys_do_not_end_the_back_off(void **state)
{
    const struct failure f = failure_make(STAGE_KE_ERROR, REASON_KE_ERROR, 2);
    const struct reply nak = {.stratum = 0, .kiss = NTP_KISS_NTSN};
    struct reply good = bench_good;
    struct nts_session keys;
    struct source_out request;
    unsigned exchanges = 0, queries = 0;
    int64_t last = 0;
    struct bench b;

    (void)state;
    good.cookies = 2;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    for (unsigned i = 0; i < 400 && exchanges < 12; i++) {
        bench_fire(&b);
        if (bench_has(&b, SOURCE_START_KE)) {
            if (exchanges++ > 0)
                assert_true(b.now.ns - last >= nts_ke_backoff_ns(exchanges - 1));
            last = b.now.ns;
            source_ke_failed(&b.s, b.now, &f, true, &b.out);
        } else if (bench_has(&b, SOURCE_SEND)) {
            request = b.out;
            bench_deliver(&b, &request, queries++ % 2 == 0 ? nak : good);
        }
    }
    assert_true(exchanges >= 5 && queries > exchanges);
    /* New keys and an answer to them end it. */
    while (!bench_has(&b, SOURCE_START_KE)) {
        bench_fire(&b);
        if (bench_has(&b, SOURCE_SEND)) {
            request = b.out;
            bench_deliver(&b, &request, nak);
        }
    }
    keys = bench_session(8, b.now.ns);
    source_ke_done(&b.s, b.now, &keys, &b.out);
    assert_true(b.s.ke_tries > 0);
    while (!bench_has(&b, SOURCE_SEND))
        bench_fire(&b);
    request = b.out;
    bench_deliver(&b, &request, good);
    assert_int_equal(b.s.ke_tries, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polls_go_on_while_key_exchange_fails),
        cmocka_unit_test(failures_without_network_do_not_feed_the_backoff),
        cmocka_unit_test(pauses_are_spread),
        cmocka_unit_test(a_held_exchange_waits),
        cmocka_unit_test(backoff_is_that_of_the_standard),
        cmocka_unit_test(provisional_certificates),
        cmocka_unit_test(renewal),
        cmocka_unit_test(keys_are_exchanged_every_week),
        cmocka_unit_test(a_week_ends_within_a_pause),
        cmocka_unit_test(keys_are_not_to_be_had),
        cmocka_unit_test(a_newer_session_of_the_store_begins_its_own_week),
        cmocka_unit_test(another_address_of_ours),
        cmocka_unit_test(portals_do_not_feed_the_backoff),
        cmocka_unit_test(network_comes_in_time),
        cmocka_unit_test(sync_follows_the_store),
        cmocka_unit_test(cookies_elsewhere_are_not_asked_for_again),
        cmocka_unit_test(silence_of_another_host),
        cmocka_unit_test(old_keys_do_not_end_the_back_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
