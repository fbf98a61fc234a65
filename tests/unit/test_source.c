/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state machine of one server: its queries, in simulated time. */
#include "tests/unit/source_bench.h"

static void cold_query_gives_a_sample(void **state)
{
    struct bench b;
    struct source_out request;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    assert_int_equal(b.s.session.cookies.count, 7);
    request = b.out;
    bench_deliver(&b, &request, bench_good);
    assert_true(bench_has(&b, SOURCE_CLOSE) && bench_has(&b, SOURCE_SAVE) &&
                bench_has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.s.state, SOURCE_WAITING);
    assert_int_equal(b.s.session.cookies.count, 8);
    assert_int_equal(b.out.sample.delay_ns, 4000000);
    assert_int_equal(b.out.sample.offset_ns, -1000000);
    assert_true(b.out.sample.bound_ns >= 2000000);
    assert_int_equal(source_next(&b.s).ns, b.now.ns + S(64));
    /* The same answer again is nothing any more. */
    bench_deliver(&b, &request, bench_good);
    assert_int_equal(b.out.n, 0);
}

static void only_the_valid_answer_ends_the_query(void **state)
{
    struct bench b;
    struct source_out request;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    request = b.out;
    for (int i = 0; i < 1000; i++) {
        struct reply bad = bench_good;

        if (i % 3 == 0)
            bad.wrong_uid = true;
        else if (i % 3 == 1)
            bad.s2c = 9;
        else
            bad.sealed = false;
        bench_deliver(&b, &request, bad);
        assert_int_equal(b.out.n, 0);
        assert_int_equal(b.s.session.cookies.count, 7);
    }
    bench_deliver(&b, &request, bench_good);
    assert_true(bench_has(&b, SOURCE_SAMPLE));
}

static void nak_waits_for_a_valid_answer(void **state)
{
    const struct reply nak = {.kiss = NTP_KISS_NTSN};
    struct bench b;
    struct source_out request;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    request = b.out;
    bench_deliver(&b, &request, nak);
    assert_int_equal(b.s.state, SOURCE_NAK_PENDING);
    bench_deliver(&b, &request, bench_good);
    assert_true(bench_has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.s.ke_at.ns, SOURCE_NEVER.ns);

    b.now.ns += S(64);
    bench_ask(&b);
    request = b.out;
    bench_deliver(&b, &request, nak);
    bench_fire(&b);
    assert_true(bench_has(&b, SOURCE_CLOSE) && bench_has(&b, SOURCE_FAILED));
    assert_int_equal(b.s.fail.stage, STAGE_NAK);
    assert_int_equal(b.s.session.cookies.count, 7);
    bench_exchange_keys(&b, 8);
    assert_int_equal(b.s.session.cookies.count, 8);
}

static void nak_with_another_uid_is_nothing(void **state)
{
    const struct reply nak = {.kiss = NTP_KISS_NTSN, .wrong_uid = true};
    struct bench b;
    struct source_out request;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    request = b.out;
    bench_deliver(&b, &request, nak);
    assert_int_equal(b.s.state, SOURCE_POLLING);
    assert_false(b.s.nak);
}

static void a_server_without_time_asks_for_nothing(void **state)
{
    const uint32_t codes[] = {0, UINT32_C(0x494e4954) /* INIT */, UINT32_C(0x53544550) /* STEP */};
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        const struct reply none = {.kiss = codes[i], .s2c = 2, .sealed = true};
        struct source_out request;

        bench_ask(&b);
        request = b.out;
        bench_deliver(&b, &request, none);
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
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    bench_ask(&b);
    request = b.out;
    bench_deliver(&b, &request, deny);
    assert_int_equal(b.s.state, SOURCE_POLLING);
    bench_deliver(&b, &request, rate);
    assert_int_equal(b.s.state, SOURCE_WAITING);
    assert_true(b.s.rate);
    assert_int_equal(b.s.fail.stage, STAGE_KISS);

    b.now.ns += S(64);
    bench_ask(&b);
    request = b.out;
    deny.s2c = 2;
    deny.sealed = true;
    bench_deliver(&b, &request, deny);
    assert_int_equal(b.s.state, SOURCE_REFUSED);
    assert_int_equal(source_next(&b.s).ns, SOURCE_NEVER.ns);
}

static void losses_go_round_the_addresses_and_then_for_new_keys(void **state)
{
    struct bench b;

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    for (unsigned i = 0; i < 3; i++) {
        bench_ask(&b);
        assert_int_equal(b.out.to.addr[3], i % 2 + 1);
        bench_fire(&b); /* the window ends */
        assert_true(bench_has(&b, SOURCE_FAILED));
        assert_int_equal(b.s.fail.stage, STAGE_NTP_TIMEOUT);
    }
    /* Not before ten seconds after the first key exchange (RFC 8915 section 4.2). */
    assert_true(b.s.ke_at.ns >= S(1000) + S(10));
    bench_fire(&b);
    if (b.s.state == SOURCE_POLLING) {
        bench_fire(&b);
        bench_fire(&b);
    }
    assert_true(bench_has(&b, SOURCE_START_KE));
}

static void time_outside_the_certificate_is_refused(void **state)
{
    const int64_t now_s = bench_wall.ns / NS_PER_S;
    const struct {
        int64_t from, until;
        bool bench_good;
    } cases[] = {{0, 0, true},
                 {now_s - 1, now_s + 1, true},
                 {now_s, now_s, true},
                 {now_s + 1, now_s + 2, false},
                 {now_s - 2, now_s - 1, false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source_out request;
        struct bench b;

        bench_start(&b);
        bench_exchange_keys(&b, 8);
        b.s.session.not_before_s = cases[i].from;
        b.s.session.not_after_s = cases[i].until;
        bench_ask(&b);
        request = b.out;
        bench_deliver(&b, &request, bench_good);
        assert_int_equal(bench_has(&b, SOURCE_SAMPLE), cases[i].bench_good);
        if (cases[i].bench_good)
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
    bench_start(&b);
    assert_false(source_will_ask(&b.s, b.now, &to)); /* no keys yet */
    bench_exchange_keys(&b, 8);
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
            assert_int_equal(bench_has(&b, SOURCE_FAILED), a == 1);
        }
        assert_int_equal(b.s.fail.stage, STAGE_CONNECT);
        assert_false(source_will_ask(&b.s, b.now, &to));
        assert_int_equal(source_next(&b.s).ns, b.now.ns + bench_policy.retry_ns);
        b.now = source_next(&b.s);
    }
    assert_memory_equal(&b.s.session, &s, sizeof s);
    source_limit_delay(&b.s, &s.ntp[0], 1);
    b.now.ns += SOURCE_ELSEWHERE_NS;
    source_network_changed(&b.s, b.now);
    bench_ask(&b);
    assert_false(source_will_ask(&b.s, b.now, &to)); /* under way */
    request = b.out;
    bench_deliver(&b, &request, bench_good);
    assert_true(
        bench_has(&b, SOURCE_SAMPLE)); /* after an hour the server may be any distance away */
}

static void a_long_round_trip_is_refused(void **state)
{
    const struct {
        int64_t limit_ns;
        uint8_t other;
        bool bench_good;
    } cases[] = {{0, 0, true},
                 {4000000, 0, true},
                 {3999999, 0, false},
                 {3999999, 1, true}}; /* the limit is another server's */

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct source_out request;
        struct net_addr from;
        struct bench b;

        bench_start(&b);
        bench_exchange_keys(&b, 8);
        from = b.s.session.ntp[0];
        from.addr[15] ^= cases[i].other;
        source_limit_delay(&b.s, &from, cases[i].limit_ns);
        bench_ask(&b);
        request = b.out;
        bench_deliver(&b, &request, bench_good);
        assert_int_equal(bench_has(&b, SOURCE_SAMPLE), cases[i].bench_good);
        assert_int_equal(b.s.reach, cases[i].bench_good);
        /* It is an answer all the same: nobody is asked for new keys. */
        assert_int_equal(b.s.losses, 0);
        assert_int_equal(b.s.ke_at.ns, SOURCE_NEVER.ns);
        if (cases[i].bench_good)
            continue;
        assert_true(bench_has(&b, SOURCE_FAILED));
        assert_int_equal(b.s.fail.stage, STAGE_NTP_SANITY);
        assert_int_equal(b.s.fail.reason, REASON_DELAY);
        assert_int_equal(b.s.fail.code, 4);
    }
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

        bench_start(&b);
        b.random = test_random(&rng);
        for (int i = 0; i < 300; i++) {
            uint64_t dice = test_random(&rng) % 10;
            struct reply r = bench_good;

            b.out.n = 0;
            if (b.s.state == SOURCE_KE) {
                struct nts_session s = bench_session((unsigned)(dice % 8) + 1, walk * 1000 + i);
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
                bench_deliver(&b, &request, r);
            } else if (source_next(&b.s).ns != SOURCE_NEVER.ns) {
                bench_fire(&b);
                exchanges += bench_has(&b, SOURCE_START_KE);
            }
            assert_true(cookie_pool_valid(&b.s.session.cookies));
            if (bench_has(&b, SOURCE_SEND)) {
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

/* The header of the request in b->out. */
static struct ntp_packet asked(const struct bench *b)
{
    struct ntp_packet q;

    assert_true(ntp_packet_decode(&q, b->out.packet, b->out.packet_len));
    return q;
}

static struct reply later(int64_t s)
{
    struct reply r = bench_good;

    r.later_ns = S(s);
    return r;
}

/* Tells that the answer at `before` left 1 ms after its request came. */
static struct reply interleaved(int64_t s, int64_t before)
{
    struct reply r = later(s);

    r.interleaved = true;
    r.told_ns = S(before) + 1000000;
    return r;
}

static void ask_and_deliver(struct bench *b, struct reply r)
{
    struct source_out request;

    bench_ask(b);
    request = b->out;
    bench_deliver(b, &request, r);
    assert_int_equal(b->s.state, SOURCE_WAITING);
    assert_int_equal(b->s.fail.stage, STAGE_OK);
    assert_int_equal(b->s.reach & 1, 1);
    assert_false(bench_has(b, SOURCE_FAILED));
}

static void interleaved_tells_of_the_exchange_before(void **state)
{
    struct bench b;
    struct ntp_packet q;

    (void)state;
    bench_start(&b);
    b.s.xleave = true;
    bench_exchange_keys(&b, 8);
    ask_and_deliver(&b, later(0)); /* the server does not know us yet */
    assert_true(bench_has(&b, SOURCE_SAMPLE));

    ask_and_deliver(&b, interleaved(64, 0)); /* of the first, which has given its sample */
    assert_false(bench_has(&b, SOURCE_SAMPLE));

    bench_ask(&b);
    q = asked(&b);
    assert_int_equal(q.origin.u, ntp_from_wall((struct wall){bench_wall.ns + S(64)}).u);
    assert_true(q.receive.u != 0 && q.receive.u != q.transmit.u && q.reference.u == 0);
    {
        const struct source_out request = b.out;

        bench_deliver(&b, &request, interleaved(128, 64));
    }
    assert_true(bench_has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.out.sample.local.t1_raw.ns, S(64) + 5);
    assert_int_equal(b.out.sample.local.t4.ns, bench_wall.ns + S(64) + 3000000);
    assert_in_range(b.out.sample.delay_ns, 2999999, 3000001); /* 4 ms less the server's 1 ms */

    ask_and_deliver(&b, later(192)); /* it has forgotten us: as without */
    assert_true(bench_has(&b, SOURCE_SAMPLE));
    assert_int_equal(b.out.sample.local.t1_raw.ns, S(192) + 5);
    ask_and_deliver(&b, interleaved(256, 192));
    assert_false(bench_has(&b, SOURCE_SAMPLE));
    ask_and_deliver(&b, interleaved(320, 256));
    assert_true(bench_has(&b, SOURCE_SAMPLE));
}

static void interleaved_only_where_it_may_be(void **state)
{
    struct bench b;
    struct source_out request;
    struct net_addr from = {.family = 4, .addr = {192, 0, 2, 100}};
    struct reply zero = later(0);

    (void)state;
    bench_start(&b);
    bench_exchange_keys(&b, 8);
    for (int i = 0; i < 3; i++) { /* not asked for */
        ask_and_deliver(&b, later(i));
        bench_ask(&b);
        assert_true(asked(&b).origin.u == 0 && asked(&b).receive.u == 0);
        zero.interleaved = true; /* an origin of zeros answers nothing */
        request = b.out;
        bench_deliver(&b, &request, zero);
        assert_int_equal(b.out.n, 0);
        bench_deliver(&b, &request, later(i));
    }
    b.s.xleave = true;
    bench_ask(&b);
    assert_true(asked(&b).origin.u != 0);
    request = b.out;
    bench_deliver(&b, &request, interleaved(9, 8));
    source_forget_exchange(&b.s); /* a leap second, say */
    bench_ask(&b);
    assert_true(asked(&b).origin.u == 0 && asked(&b).receive.u == 0);
    bench_fire(&b); /* lost: the other address is asked, of which nothing is known */
    ask_and_deliver(&b, later(10));
    bench_ask(&b);
    assert_true(asked(&b).origin.u != 0);
    request = b.out;
    bench_deliver(&b, &request, later(11));
    source_network_changed(&b.s, b.now); /* slept, or in another network */
    bench_ask(&b);
    assert_int_equal(asked(&b).origin.u, 0);
    request = b.out;
    bench_deliver(&b, &request, later(12));
    assert_false(source_moved(&b.s, b.now, &from));
    from.addr[3]++;
    assert_true(source_moved(&b.s, b.now, &from)); /* nothing shows that it was us */
    assert_int_equal(b.s.exchange.receive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cold_query_gives_a_sample),
        cmocka_unit_test(interleaved_tells_of_the_exchange_before),
        cmocka_unit_test(interleaved_only_where_it_may_be),
        cmocka_unit_test(only_the_valid_answer_ends_the_query),
        cmocka_unit_test(nak_waits_for_a_valid_answer),
        cmocka_unit_test(nak_with_another_uid_is_nothing),
        cmocka_unit_test(a_server_without_time_asks_for_nothing),
        cmocka_unit_test(kisses_count_only_when_authenticated),
        cmocka_unit_test(losses_go_round_the_addresses_and_then_for_new_keys),
        cmocka_unit_test(time_outside_the_certificate_is_refused),
        cmocka_unit_test(without_a_way_no_cookie_is_spent),
        cmocka_unit_test(a_long_round_trip_is_refused),
        cmocka_unit_test(random_walks_keep_the_invariants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
