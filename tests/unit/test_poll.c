/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "common/base/time.h"
#include "common/clock/poll.h"
#include "tests/unit/test.h"

#define MIDDLE 0x80000000U

static struct poll p;

/* White phase noise and a wandering oscillator, about as a filter predicts them. */
static struct poll_input predict(double sd, double rate_sd, double wander)
{
    struct poll_input in = {.valid = true, .sd_now = sd};

    for (int i = 0; i < POLL_CANDIDATES; i++) {
        double t = (double)(1 << (POLL_LOG2_MIN + i));

        in.sd_at[i] = sqrt(sd * sd + rate_sd * rate_sd * t * t + wander * wander * t * t * t / 3);
    }
    return in;
}

static int64_t s_of(int64_t ns)
{
    return (ns + NS_PER_S / 2) / NS_PER_S;
}

static int fresh(void **state)
{
    (void)state;
    poll_init(&p, 6, 10);
    return 0;
}

static void start(void **state)
{
    const struct poll_input none = {0};

    (void)state;
    poll_answered(&p);
    for (int i = 0; i < 3; i++)
        assert_int_equal(s_of(poll_next_ns(&p, &none, MIDDLE)), 2);
    for (int pause = 4; pause < 64; pause *= 2)
        assert_int_equal(s_of(poll_next_ns(&p, &none, MIDDLE)), pause);
    for (int i = 0; i < 3; i++)
        assert_int_equal(s_of(poll_next_ns(&p, &none, MIDDLE)), 64);
}

static void burst_spares_cookies(void **state)
{
    static const struct {
        unsigned cookies;
        int short_intervals;
    } want[] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 1}, {5, 2}, {6, 3}, {8, 3}};
    const struct poll_input none = {0};

    (void)state;
    p.opening = 0;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        int n = 0;

        poll_burst(&p, want[i].cookies, false);
        while (poll_next_ns(&p, &none, MIDDLE) < 10 * NS_PER_S)
            n++;
        assert_int_equal(n, want[i].short_intervals);
    }
}

/* A burst into a network that is not there is owed once more, and no more than once. */
static void burst_unheard_begins_again(void **state)
{
    const struct poll_input none = {0};

    (void)state;
    p.opening = 0;
    for (int i = 0; i < 5; i++)
        poll_next_ns(&p, &none, MIDDLE);
    poll_answered(&p);
    for (int i = 0; i < 3; i++)
        assert_int_equal(s_of(poll_next_ns(&p, &none, MIDDLE)), 2);
    assert_int_equal(s_of(poll_next_ns(&p, &none, MIDDLE)), 64);
    poll_answered(&p);
    assert_int_equal(s_of(poll_next_ns(&p, &none, MIDDLE)), 64);
    /* As long as it was granted, and as the cookies last. */
    poll_burst(&p, 5, false);
    poll_next_ns(&p, &none, MIDDLE);
    poll_next_ns(&p, &none, MIDDLE);
    poll_next_ns(&p, &none, MIDDLE);
    poll_answered(&p);
    assert_int_equal(p.burst, 2);
    poll_spare(&p, 3);
    assert_int_equal(p.burst, 0);
    /* Heard from the first query on: nothing is added. */
    poll_burst(&p, 8, false);
    for (int i = 0; i < 4; i++) {
        poll_answered(&p);
        assert_int_equal(s_of(poll_next_ns(&p, &none, MIDDLE)), i < 3 ? 2 : 64);
    }
    /* Who says RATE is not asked in a burst. */
    poll_burst(&p, 8, false);
    poll_rate(&p);
    poll_answered(&p);
    assert_int_equal(p.burst, 0);
}

static void started_long_ago(void)
{
    p.burst = p.opening = 0;
    p.learning = 0;
}

static void steady_clock_is_asked_seldom(void **state)
{
    struct poll_input in = predict(100e-6, 1e-9, 1e-10);

    (void)state;
    started_long_ago();
    /* One step at a time, and never beyond maxpoll. */
    for (int want = 7; want <= 10; want++)
        assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 1 << want);
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 1024);
    /* Without an estimate nothing changes. */
    in.valid = false;
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 1024);
}

static void oscillator_is_learned_first(void **state)
{
    struct poll_input in = predict(100e-6, 1e-9, 1e-10);

    (void)state;
    p.burst = p.opening = 0;
    for (int i = 1; i < POLL_LEARN; i++)
        assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 64);
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 128);
    /* After sleep the interval begins anew, but nothing has to be learned again. */
    poll_burst(&p, 1, true);
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 128);
}

static void wandering_clock_is_asked_often(void **state)
{
    struct poll_input in = predict(10e-6, 1e-8, 3e-9);

    (void)state;
    started_long_ago();
    /* Where the deviation has grown to four times: near 780 s, near 355 s, and at 126 s. */
    assert_int_equal(poll_wanted(&p, &in), 9);
    in = predict(10e-6, 1e-8, 1e-8);
    assert_int_equal(poll_wanted(&p, &in), 8);
    in = predict(10e-6, 3e-7, 1e-8);
    assert_int_equal(poll_wanted(&p, &in), 6);
    in = predict(1e-9, 1e-7, 1e-8);
    assert_int_equal(poll_wanted(&p, &in), 6);
    p.log2s = 10;
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 64);
}

static void a_moving_oscillator_shortens_at_once(void **state)
{
    struct poll_input in = predict(100e-6, 1e-9, 1e-10);

    (void)state;
    started_long_ago();
    p.log2s = 10;
    in.moving = true;
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 64);
    in.moving = false;
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 128);
}

static void rate_lengthens(void **state)
{
    struct poll_input in = predict(1e-6, 1e-6, 1e-7);

    (void)state;
    poll_rate(&p);
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 128);
    in.moving = true;
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 128);
    for (int i = 0; i < 10; i++)
        poll_rate(&p);
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 1024);
    poll_burst(&p, 1, true);
    assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 1024);
}

static void limits_may_be_equal(void **state)
{
    struct poll_input in = predict(1, 0, 0);

    (void)state;
    for (uint8_t log2s = POLL_LOG2_MIN; log2s <= POLL_LOG2_MAX; log2s++) {
        poll_init(&p, log2s, log2s);
        started_long_ago();
        assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 1 << log2s);
        poll_rate(&p);
        assert_int_equal(s_of(poll_next_ns(&p, &in, MIDDLE)), 1 << log2s);
    }
    poll_init(&p, POLL_LOG2_MIN, POLL_LOG2_MAX);
    assert_int_equal(poll_wanted(&p, &in), POLL_LOG2_MAX);
}

static void spread_by_a_few_per_cent(void **state)
{
    const struct poll_input none = {0};
    uint64_t seed = 1;
    double sum = 0;

    (void)state;
    started_long_ago();
    assert_int_equal(poll_next_ns(&p, &none, 0), 62080000000);
    assert_int_equal(poll_next_ns(&p, &none, UINT32_MAX), 65920000000);
    for (int i = 0; i < 10000; i++)
        sum += s_from_ns(poll_next_ns(&p, &none, (uint32_t)test_random(&seed)));
    assert_true(fabs(sum / 10000 - 64) < 0.1);
}

#define T(f) cmocka_unit_test_setup(f, fresh)

/* The configuration was read again. */
static void other_limits(void **state)
{
    const struct poll_input nothing = {.valid = false};

    (void)state;
    poll_init(&p, 6, 10);
    p.burst = p.opening = 0;
    p.log2s = 9;
    poll_limit(&p, 4, 8);
    assert_in_range(poll_next_ns(&p, &nothing, MIDDLE), 255 * NS_PER_S, 257 * NS_PER_S);
    poll_limit(&p, 12, 14);
    assert_in_range(poll_next_ns(&p, &nothing, MIDDLE), 4095 * NS_PER_S, 4097 * NS_PER_S);
    poll_limit(&p, 4, 14);
    assert_int_equal(p.floor, 4);
    /* RATE has doubled it: that stays, within the limits. */
    poll_rate(&p);
    assert_int_equal(p.floor, 13);
    poll_limit(&p, 4, 14);
    assert_int_equal(p.floor, 13);
    poll_limit(&p, 6, 10);
    assert_int_equal(p.floor, 10);
    assert_int_equal(p.log2s, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_limits),
        T(start),
        T(burst_spares_cookies),
        T(burst_unheard_begins_again),
        T(steady_clock_is_asked_seldom),
        T(oscillator_is_learned_first),
        T(wandering_clock_is_asked_often),
        T(a_moving_oscillator_shortens_at_once),
        T(rate_lengthens),
        T(limits_may_be_equal),
        T(spread_by_a_few_per_cent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
