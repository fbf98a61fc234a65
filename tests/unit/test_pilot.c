/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source/pilot.h"
#include "tests/unit/test.h"

#define MIDNIGHT INT64_C(1483228800) /* 2017-01-01, a leap second before it */

static struct ensemble e;

static int fresh(void **state)
{
    (void)state;
    memset(&e, 0, sizeof e);
    e.discipline.leap_midnight_s = MIDNIGHT;
    return 0;
}

static struct instant at(int64_t wall_ns)
{
    return (struct instant){.wall = {wall_ns}};
}

/* The clock goes back by one second as midnight comes, a little late, and nobody else did it. */
static void inserted(void **state)
{
    struct instant last = at(MIDNIGHT * NS_PER_S - NS_PER_S / 2);
    struct instant now = at((MIDNIGHT - 1) * NS_PER_S + 1000000);
    int64_t jump;

    (void)state;
    now.raw.ns = NS_PER_S / 2 + 1000000;
    jump = pilot_jump_ns(&e, &last, &now);
    assert_int_equal(jump, -NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump, &now), 0); /* not armed: somebody's step */
    e.discipline.leap_bits = CLOCK_INS;
    assert_int_equal(pilot_leap_ns(&e, jump, &now), -NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump + 90000000, &now), -NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump + 200000000, &now), 0);
    assert_int_equal(pilot_leap_ns(&e, -jump, &now), 0);
    assert_int_equal(pilot_leap_ns(&e, 0, &now), 0);
    now = at((MIDNIGHT - 3) * NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump, &now), 0);
    now = at((MIDNIGHT + 3600) * NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump, &now), 0);
}

static void deleted(void **state)
{
    struct instant now = at(MIDNIGHT * NS_PER_S + 1000000);

    (void)state;
    e.discipline.leap_bits = CLOCK_DEL;
    assert_int_equal(pilot_leap_ns(&e, NS_PER_S, &now), NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, -NS_PER_S, &now), 0);
}

/* Three within the hour are too many; what is one program's one deed counts once. */
static struct mono secs(int64_t s)
{
    return (struct mono){s * NS_PER_S};
}

/* Once is help, four times in an hour is somebody who steers: 10 minutes, 20, up to 4 hours. */
static void rival(void **state)
{
    const int64_t pauses[] = {600, 1200, 2400, 4800, 9600, 14400, 14400};
    struct pilot_rival r = {.n = 0};
    int64_t t = 1000;

    (void)state;
    assert_false(pilot_rival_reigns(&r, secs(t)));
    for (int i = 0; i < 3; i++) {
        assert_false(pilot_rival_changed(&r, secs(t + i * 100)));
        /* Frequency and status at once are one change. */
        assert_false(pilot_rival_changed(&r, (struct mono){(t + i * 100) * NS_PER_S + 1}));
    }
    assert_false(pilot_rival_changed(&r, secs(t + 3601)));
    t += 20000;
    for (unsigned n = 0; n < sizeof pauses / sizeof *pauses; n++) {
        for (int i = 0; i < 3; i++)
            assert_false(pilot_rival_changed(&r, secs(t + i)));
        assert_true(pilot_rival_changed(&r, secs(t + 3)));
        assert_true(pilot_rival_reigns(&r, secs(t + 3)));
        /* What he does while he is left alone is his. */
        assert_false(pilot_rival_changed(&r, secs(t + 4)));
        t += 3 + pauses[n];
        assert_true(pilot_rival_reigns(&r, secs(t - 1)));
        assert_false(pilot_rival_reigns(&r, secs(t)));
    }
    /* After a long peace he is new again. */
    t += 4 * 3600 + 1;
    for (int i = 0; i < 4; i++)
        (void)pilot_rival_changed(&r, secs(t + i));
    assert_true(pilot_rival_reigns(&r, secs(t + 3 + 599)));
    assert_false(pilot_rival_reigns(&r, secs(t + 3 + 600)));
}

/* However often something happens: once in 16 s, four times in 10 minutes, and none is lost. */
static void rounds(void **state)
{
    struct pilot_rounds r = {.n = 0};
    int64_t taken[64];
    unsigned n = 0;
    enum pilot_ask how;

    (void)state;
    assert_int_equal(pilot_round_next(&r).ns, SOURCE_NEVER.ns);
    for (int64_t ms = 0; ms < 3600000; ms += 50) {
        struct mono now = {ms * 1000000};

        pilot_round_want(&r, ms == 20000 ? PILOT_ASK_RESTART : PILOT_ASK_AGAIN);
        if (!pilot_round_take(&r, now, &how)) {
            assert_true(pilot_round_next(&r).ns > now.ns);
            continue;
        }
        assert_int_equal(how, ms == 32000
                                  ? PILOT_ASK_RESTART
                                  : PILOT_ASK_AGAIN); /* the wish of 20 s waited for this one */
        taken[n++] = ms;
    }
    assert_int_equal(taken[0], 0);
    for (unsigned i = 1; i < n; i++)
        assert_true(taken[i] - taken[i - 1] >= 16000);
    for (unsigned i = 4; i < n; i++)
        assert_true(taken[i] - taken[i - 4] >= 600000);
    assert_int_equal(n, 24);
    /* One wish is fulfilled, and then nothing is due. */
    while (!pilot_round_take(&r, secs(7200), &how))
        pilot_round_want(&r, PILOT_ASK_NOW);
    assert_int_equal(pilot_round_next(&r).ns, SOURCE_NEVER.ns);
    assert_false(pilot_round_take(&r, secs(9000), &how));
}

static struct ensemble_source servers[2];
static struct source asked[2];

/* Server i answers `delay_ms` later at `s`; returns the limit for its next answer, ms. */
static int64_t answer(unsigned i, int64_t s, int64_t delay_ms)
{
    struct sample sample = {.delay_ns = delay_ms * 1000000};
    struct net_addr from = {.family = 4, .port = 123, .addr = {192, 0, 2, (uint8_t)(i + 1)}};

    sample.local.t1_raw.ns = s * NS_PER_S;
    sample.local.t4_raw.ns = sample.local.t1_raw.ns + sample.delay_ns;
    sample.up_ns = sample.down_ns = sample.delay_ns / 2;
    asked[i].fail = failure_make(STAGE_OK, REASON_NONE, 0);
    assert_true(pilot_sample(&e, i, &from, &sample));
    pilot_plan(&e, i, &asked[i], (struct mono){s * NS_PER_S}, 0);
    assert_true(net_addr_equal(&asked[i].delay_of, &from));
    return asked[i].delay_max_ns / 1000000;
}

/* Its answer is refused for what it took. */
static int64_t refuse(unsigned i, int64_t s, int32_t ms)
{
    asked[i].fail = failure_make(STAGE_NTP_SANITY, REASON_DELAY, ms);
    assert_true(pilot_failed(&e, i, &asked[i]));
    pilot_plan(&e, i, &asked[i], (struct mono){s * NS_PER_S}, 0);
    return asked[i].delay_max_ns / 1000000;
}

static void two_servers(void)
{
    memset(asked, 0, sizeof asked);
    memset(servers, 0, sizeof servers);
    for (unsigned i = 0; i < 2; i++)
        ensemble_source_init(&servers[i], 6, 10);
    e.sources = servers;
    e.n = 2;
    e.maxdelay_ns = 100000000;
}

/* The way may get longer by so much over the shortest, but not twice. */
static void delay_has_a_limit(void **state)
{
    (void)state;
    two_servers();
    assert_int_equal(answer(0, 10, 40), 140);
    assert_int_equal(answer(0, 20, 130), 140);
    assert_int_equal(answer(0, 30, 20), 120);
    assert_int_equal(refuse(0, 40, 130), 120);
    /* Nobody vouches for the clock: for days, as long as the bound is good. */
    e.discipline.state = DISCIPLINE_COASTING;
    assert_int_equal(refuse(0, 300000, 130), 120);
    e.discipline.state = DISCIPLINE_UNSYNCHRONIZED;
    assert_int_equal(refuse(0, 300010, 130), 0);
    assert_false(servers[0].has_sample);
    assert_int_equal(answer(0, 300020, 400), 500);
    /* After a sleep, or in another network. */
    pilot_ask(&e, 0, &asked[0], (struct mono){300030 * NS_PER_S}, PILOT_ASK_NOW);
    assert_int_equal(asked[0].delay_max_ns / 1000000, 500);
    pilot_ask(&e, 0, &asked[0], (struct mono){300040 * NS_PER_S}, PILOT_ASK_RESTART);
    assert_int_equal(asked[0].delay_max_ns, 0);
    e.maxdelay_ns = 0;
    assert_int_equal(answer(0, 300050, 400), 0);
}

static int64_t lose(unsigned i, int64_t s)
{
    asked[i].fail = failure_make(STAGE_NTP_TIMEOUT, REASON_TIMEOUT, 0);
    assert_true(pilot_failed(&e, i, &asked[i]));
    pilot_plan(&e, i, &asked[i], (struct mono){s * NS_PER_S}, 0);
    return asked[i].delay_max_ns / 1000000;
}

/* A way that has become longer at once and for good is taken after half an hour, whoever agrees. */
static void longer_for_good(void **state)
{
    (void)state;
    two_servers();
    e.discipline.state = DISCIPLINE_COASTING;
    assert_int_equal(answer(0, 10, 20), 120);
    for (int64_t s = 74; s < 1874; s += 64) {
        assert_int_equal(refuse(0, s, 150 + (int32_t)(s % 7)), 120);
        assert_int_equal(lose(0, s + 30), 120); /* no evidence */
    }
    assert_int_equal(refuse(0, 1874, 170), 250);
    assert_true(servers[0].has_sample); /* what it has said stays true */
    assert_int_equal(answer(0, 1900, 152), 250);
    assert_int_equal(answer(0, 1910, 149), 249);
}

/* One that was back in between has not; nor is one in which two answers have come. */
static void not_longer_for_good(void **state)
{
    (void)state;
    two_servers();
    e.discipline.state = DISCIPLINE_COASTING;
    assert_int_equal(answer(0, 10, 20), 120);
    for (int64_t s = 74; s < 1600; s += 64)
        assert_int_equal(refuse(0, s, 150), 120);
    assert_int_equal(answer(0, 1650, 100), 120);
    for (int64_t s = 1700; s < 3400; s += 64)
        assert_int_equal(refuse(0, s, 150), 120);
    two_servers();
    assert_int_equal(answer(0, 10, 20), 120);
    assert_int_equal(refuse(0, 2000, 150), 120);
    assert_int_equal(refuse(0, 9000, 150), 120);
    assert_int_equal(refuse(0, 9100, 150), 250);
}

/* Longer by and by, as whoever wants to move the clock unseen would make it: not followed. */
static void longer_by_and_by(void **state)
{
    static const struct {
        int64_t every_s;
        double ppm;
    } ramps[] = {{64, 1}, {64, 10}, {1024, 1}, {1024, 2}, {1024, 4}, {1024, 10}, {64, 500}};

    (void)state;
    for (size_t i = 0; i < sizeof ramps / sizeof *ramps; i++) {
        int32_t ms = 20;

        two_servers();
        e.discipline.state = DISCIPLINE_COASTING;
        for (int64_t s = 10; ms < 2000; s += ramps[i].every_s) {
            ms = 20 + (int32_t)((double)(s - 10) * ramps[i].ppm / 1000);
            if (ms <= 120)
                assert_int_equal(answer(0, s, ms), 120);
            else
                assert_int_equal(refuse(0, s, ms), 120);
        }
    }
}

/* Three names at one address are one voice, and three again when they are not. */
static void addresses(void **state)
{
    static const struct net_addr at[] = {{.family = 4, .port = 123, .addr = {192, 0, 2, 1}},
                                         {.family = 4, .port = 123, .addr = {192, 0, 2, 2}},
                                         {.family = 4, .port = 123, .addr = {192, 0, 2, 3}}};
    static struct ensemble_source at_one[4];
    struct ensemble four = {.sources = at_one, .n = 4};
    struct sample s = {.delay_ns = 1000000, .bound_ns = 1000000};

    (void)state;
    for (unsigned i = 0; i < 4; i++)
        ensemble_source_init(&at_one[i], 6, 10);
    for (unsigned i = 0; i < 3; i++)
        (void)pilot_sample(&four, i, &at[0], &s);
    assert_int_equal(at_one[1].address, at_one[0].address);
    assert_int_equal(at_one[2].address, at_one[0].address);
    assert_int_equal(at_one[3].address, 0); /* has not answered: its own */
    /* The one that gave the number leaves first. */
    (void)pilot_sample(&four, 0, &at[1], &s);
    assert_int_not_equal(at_one[0].address, at_one[1].address);
    assert_int_equal(at_one[1].address, at_one[2].address);
    (void)pilot_sample(&four, 1, &at[2], &s);
    assert_int_not_equal(at_one[0].address, at_one[1].address);
    assert_int_not_equal(at_one[0].address, at_one[2].address);
    assert_int_not_equal(at_one[1].address, at_one[2].address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses),
        cmocka_unit_test_setup(inserted, fresh),
        cmocka_unit_test_setup(deleted, fresh),
        cmocka_unit_test(rival),
        cmocka_unit_test(rounds),
        cmocka_unit_test_setup(delay_has_a_limit, fresh),
        cmocka_unit_test_setup(longer_for_good, fresh),
        cmocka_unit_test_setup(not_longer_for_good, fresh),
        cmocka_unit_test_setup(longer_by_and_by, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
