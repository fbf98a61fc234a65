/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/clock/sample.h"

#define MS INT64_C(1000000)

static const struct wall pivot = {INT64_C(1790000000) * NS_PER_S};

/* An answer of a server `ahead` of us, `one_way` away, with 1 ms of its own between T2 and T3. */
static void exchange(int64_t ahead, int64_t one_way, struct wall start, struct ntp_packet *p,
                     struct local_stamps *l)
{
    *p = (struct ntp_packet){.version = 4, .mode = NTP_MODE_SERVER, .stratum = 2, .precision = -25};
    l->t1 = start;
    l->t1_raw.ns = 77;
    l->t4.ns = start.ns + 2 * one_way + MS;
    l->t4_raw.ns = 77 + 2 * one_way + MS;
    p->receive = ntp_from_wall((struct wall){start.ns + one_way + ahead});
    p->transmit = ntp_from_wall((struct wall){start.ns + one_way + MS + ahead});
}

static void offset_delay_and_bound(void **state)
{
    const int64_t ahead[] = {0, 1, -1, 5000 * MS, -86400000 * MS, INT64_C(315360000000) * MS};
    struct local_stamps l;
    struct ntp_packet p;
    struct sample s;
    struct failure f;

    (void)state;
    for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++) {
        exchange(ahead[i], 10 * MS, (struct wall){pivot.ns - 3 * MS}, &p, &l);
        p.root_delay = 0x00000290;      /* 0.01 s */
        p.root_dispersion = 0x00000042; /* 0.001 s */
        assert_true(sample_make(&s, &p, &l, pivot, &f));
        assert_in_range(s.offset_ns - ahead[i] + 10, 9, 11);
        assert_in_range(s.delay_ns, 20 * MS - 2, 20 * MS + 2);
        assert_in_range(s.bound_ns, 16 * MS, 16 * MS + MS / 10);
        assert_in_range(s.server_ns, 6 * MS, 6 * MS + MS / 10);
        /* On the raw clock the same, counted from another zero. */
        assert_in_range(s.up_ns + s.down_ns, 20 * MS - 2, 20 * MS + 2);
        assert_int_equal(s.stratum, 2);
    }
}

static void eras_do_not_matter(void **state)
{
    /* Around 2036-02-07, 2038-01-19, and fifty years after the build. */
    const int64_t years[] = {2085978490, 2085978496, 2147483640, 2147483650, 3360000000};
    struct local_stamps l;
    struct ntp_packet p;
    struct sample s;
    struct failure f;

    (void)state;
    for (size_t i = 0; i < sizeof years / sizeof *years; i++) {
        exchange(7 * MS, 5 * MS, (struct wall){years[i] * NS_PER_S}, &p, &l);
        assert_true(sample_make(&s, &p, &l, pivot, &f));
        assert_in_range(s.offset_ns, 7 * MS - 2, 7 * MS + 2);
    }
}

static void refused(struct ntp_packet p, struct local_stamps l, enum reason why)
{
    struct sample s;
    struct failure f;

    assert_false(sample_make(&s, &p, &l, pivot, &f));
    assert_int_equal(f.stage, STAGE_NTP_SANITY);
    assert_int_equal(f.reason, why);
}

static void what_is_no_time_is_refused(void **state)
{
    struct local_stamps l, l2;
    struct ntp_packet p, q;
    struct ntp_ts swap;

    (void)state;
    exchange(0, 10 * MS, pivot, &p, &l);
    q = p;
    q.leap = NTP_LEAP_UNKNOWN;
    refused(q, l, REASON_UNSYNCHRONIZED);
    for (int i = 16; i < 256; i++) {
        q = p;
        q.stratum = (uint8_t)i;
        refused(q, l, REASON_STRATUM);
    }
    q = p;
    q.root_delay = UINT32_MAX;
    refused(q, l, REASON_ROOT_DISTANCE);
    q = p;
    q.root_dispersion = 0x00018001; /* just above 1.5 s */
    refused(q, l, REASON_ROOT_DISTANCE);
    q = p;
    q.transmit.u = 0;
    refused(q, l, REASON_TIMES);
    q = p;
    q.receive.u = 0;
    refused(q, l, REASON_TIMES);
    q = p;
    swap = q.receive;
    q.receive = q.transmit;
    q.transmit = swap;
    refused(q, l, REASON_TIMES);
    q = p;
    q.transmit.u += UINT64_C(1) << 32; /* server took longer than the round trip: negative delay */
    refused(q, l, REASON_TIMES);
    /* Somebody stepped the clock during the exchange. */
    l2 = l;
    l2.t4.ns += 500 * MS;
    refused(p, l2, REASON_LOCAL_TIMES);
    l2 = l;
    l2.t4.ns = l2.t1.ns - 1;
    refused(p, l2, REASON_LOCAL_TIMES);
}

/* A fast server whose random bits below its precision fall the other way. */
static void stamps_are_as_good_as_the_precision(void **state)
{
    struct local_stamps l;
    struct ntp_packet p;
    struct sample s;
    struct failure f;

    (void)state;
    exchange(7 * MS, 10 * MS, pivot, &p, &l);
    p.precision = -10; /* 0.977 ms */
    p.receive = ntp_from_wall((struct wall){pivot.ns + 17 * MS});
    p.transmit = ntp_from_wall((struct wall){pivot.ns + 17 * MS - 970000});
    assert_true(sample_make(&s, &p, &l, pivot, &f));
    assert_in_range(s.offset_ns, 5 * MS, 7 * MS);
    assert_in_range(s.bound_ns, s.delay_ns / 2 + 970000, 13 * MS);
    p.transmit = ntp_from_wall((struct wall){pivot.ns + 17 * MS - 980000});
    refused(p, l, REASON_TIMES);
    p.precision = 5; /* nonsense gains nothing */
    p.transmit = ntp_from_wall((struct wall){pivot.ns + 17 * MS - 16 * MS});
    refused(p, l, REASON_TIMES);
}

/*
 * All of 100 ms is on the way up, and somebody slews CLOCK_REALTIME by 83,333 ppm meanwhile (the
 * most that chronyd does): the truth at T4 is within the bound all the same.
 */
static void slewed_meanwhile(void **state)
{
    const double slews[] = {-83333e-6, -500e-6, 0, 83333e-6};
    struct local_stamps l;
    struct ntp_packet p;
    struct sample s;
    struct failure f;

    (void)state;
    for (size_t i = 0; i < sizeof slews / sizeof *slews; i++) {
        const int64_t way = 100 * MS;
        int64_t truth;

        exchange(0, 0, pivot, &p, &l);
        p.receive = p.transmit = ntp_from_wall((struct wall){l.t1.ns + way});
        l.t4_raw.ns = l.t1_raw.ns + way;
        l.t4.ns = l.t1.ns + (int64_t)((double)way * (1 + slews[i]));
        truth = l.t1.ns + way - l.t4.ns;
        assert_true(sample_make(&s, &p, &l, pivot, &f));
        assert_in_range(s.delay_ns, way - 2, way + 2);
        assert_true(llabs(s.offset_ns - truth) <= s.bound_ns);
    }
}

static void any_octets_are_survived(void **state)
{
    uint64_t rng = 5;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct local_stamps l;
        struct ntp_packet p;
        struct sample s;
        struct failure f;
        uint8_t header[NTP_HEADER_LEN];

        test_random_fill(&rng, header, sizeof header);
        test_random_fill(&rng, &l, sizeof l);
        if (i % 2 == 0)
            exchange(0, 10 * MS, pivot, &p, &l);
        assert_true(ntp_packet_decode(&p, header, sizeof header));
        p.leap &= 1;
        p.stratum = 1;
        p.root_delay &= 0xffff;
        p.root_dispersion &= 0xffff;
        if (sample_make(&s, &p, &l, pivot, &f)) {
            assert_true(s.delay_ns >= 0);
            assert_true(s.bound_ns >= s.delay_ns / 2);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offset_delay_and_bound),
        cmocka_unit_test(slewed_meanwhile),
        cmocka_unit_test(eras_do_not_matter),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(stamps_are_as_good_as_the_precision),
        cmocka_unit_test(any_octets_are_survived),
    };

    return cmocka_run_group_tests_name("sample", tests, NULL, NULL);
}
