/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>

#include "tests/sim/kernel_clock.h"
#include "tests/unit/test.h"

#define START_S      INT64_C(1483228700) /* 2016-12-31 23:58:20 UTC */
#define PLL_FREQHOLD (KERNEL_STA_PLL | KERNEL_STA_FREQHOLD)

static struct kernel_clock k;

static int fresh(void **state)
{
    (void)state;
    kernel_clock_init(&k, (struct wall){START_S * NS_PER_S});
    return 0;
}

static int adj(struct kernel_timex t)
{
    return kernel_clock_adjtime(&k, &t);
}

/* What the clock gained on the oscillator over so many seconds of that, in ns. */
static int64_t gain(int64_t raw_s)
{
    int64_t before = k.wall.ns;

    for (int64_t i = 0; i < raw_s; i++)
        kernel_clock_advance(&k, NS_PER_S);
    return k.wall.ns - before - raw_s * NS_PER_S;
}

static void nominal_is_exact(void **state)
{
    (void)state;
    assert_int_equal(gain(100000), 0);
    /* However the time is cut. */
    kernel_clock_advance(&k, 123456789);
    for (int i = 0; i < 1000; i++)
        kernel_clock_advance(&k, 999999937);
    assert_int_equal(k.wall.ns, START_S * NS_PER_S + 100000 * NS_PER_S + 123456789 +
                                    INT64_C(999999937) * 1000);
}

static void frequency_and_tick(void **state)
{
    (void)state;
    assert_true(adj((struct kernel_timex){.modes = KERNEL_ADJ_FREQUENCY, .freq = 100 << 16}) >= 0);
    assert_true(llabs(gain(10000) - 1000000000) <= 1);
    assert_true(adj((struct kernel_timex){.modes = KERNEL_ADJ_FREQUENCY, .freq = 900 << 16}) >= 0);
    assert_true(llabs(gain(1000) - 500000000) <= 1);
    assert_true(adj((struct kernel_timex){.modes = KERNEL_ADJ_FREQUENCY | KERNEL_ADJ_TICK,
                                          .freq = -(50 << 16),
                                          .tick = 9990}) >= 0);
    assert_true(llabs(gain(1000) + 1050000000) <= 1);
    assert_int_equal(adj((struct kernel_timex){.modes = KERNEL_ADJ_TICK, .tick = 8999}), -EINVAL);
    assert_int_equal(adj((struct kernel_timex){.modes = KERNEL_ADJ_TICK, .tick = 11001}), -EINVAL);
}

static void offset_decays_and_stops(void **state)
{
    struct kernel_timex t = {.modes = KERNEL_ADJ_NANO | KERNEL_ADJ_OFFSET | KERNEL_ADJ_TIMECONST |
                                      KERNEL_ADJ_STATUS,
                             .offset = 10000000,
                             .constant = 3,
                             .status = PLL_FREQHOLD};
    double left = 10e6;

    (void)state;
    assert_int_equal(kernel_clock_adjtime(&k, &t), KERNEL_TIME_OK);
    assert_int_equal(t.offset, 10000000);
    assert_int_equal(gain(1), 0); /* it begins with the next second */
    for (int i = 0; i < 100; i++) {
        double chunk = left / 32;

        /* The clock's own seconds count, which end up to 10 ms earlier than the oscillator's. */
        assert_true(fabs((double)gain(1) - chunk) < 200);
        left -= chunk;
    }
    t = (struct kernel_timex){0};
    kernel_clock_adjtime(&k, &t);
    assert_true(fabs((double)t.offset - left + left / 32) <
                2); /* the running second has its share */
    gain(2000);
    assert_int_equal(gain(1000), 0);
    assert_int_equal(k.time_freq, 0);
    /* In all the offset; a fast clock's seconds are short, which costs a share of its slew. */
    assert_true(llabs(k.wall.ns - (START_S + 3101) * NS_PER_S - 10000000) < 3000);
}

static void a_new_offset_replaces_the_old(void **state)
{
    struct kernel_timex t = {.modes = KERNEL_ADJ_NANO | KERNEL_ADJ_OFFSET | KERNEL_ADJ_STATUS,
                             .offset = 600000000,
                             .status = PLL_FREQHOLD};

    (void)state;
    kernel_clock_adjtime(&k, &t);
    assert_int_equal(t.offset, 500000000); /* as much as it takes */
    gain(10);
    adj((struct kernel_timex){.modes = KERNEL_ADJ_NANO | KERNEL_ADJ_OFFSET, .offset = 0});
    gain(1);
    assert_int_equal(gain(10), 0);
}

static void without_freqhold_it_learns(void **state)
{
    (void)state;
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS | KERNEL_ADJ_NANO,
                              .status = KERNEL_STA_PLL});
    gain(64);
    adj((struct kernel_timex){.modes = KERNEL_ADJ_NANO | KERNEL_ADJ_OFFSET | KERNEL_ADJ_TIMECONST,
                              .offset = 1000000,
                              .constant = 6});
    assert_true(k.time_freq > 0);
    /* Without STA_PLL an offset does nothing. */
    fresh(NULL);
    adj((struct kernel_timex){.modes = KERNEL_ADJ_NANO | KERNEL_ADJ_OFFSET, .offset = 1000000});
    assert_int_equal(gain(100), 0);
}

static void microseconds_without_nano(void **state)
{
    struct kernel_timex t = {.modes = KERNEL_ADJ_OFFSET | KERNEL_ADJ_STATUS | KERNEL_ADJ_TIMECONST,
                             .offset = 1000,
                             .constant = 2,
                             .status = PLL_FREQHOLD};

    (void)state;
    kernel_clock_adjtime(&k, &t);
    assert_int_equal(k.constant, 6);
    assert_int_equal(t.offset, 1000);
    assert_true(llabs(gain(10000) - 1000000) < 10);
}

static void single_shot(void **state)
{
    struct kernel_timex t = {.modes = KERNEL_ADJ_OFFSET_SINGLESHOT, .offset = -1200};

    (void)state;
    assert_true(kernel_clock_adjtime(&k, &t) >= 0);
    assert_int_equal(t.offset, 0);
    assert_int_equal(gain(1), 0);
    assert_true(llabs(gain(1) + 500000) < 500);
    assert_true(llabs(gain(10) + 700000) < 1000);
    assert_true(llabs(k.wall.ns - (START_S + 12) * NS_PER_S + 1200000) < 1000);
    assert_int_equal(gain(10), 0);
    t.modes = KERNEL_ADJ_OFFSET_SS_READ;
    kernel_clock_adjtime(&k, &t);
    assert_int_equal(t.offset, 0);
}

static void step_clears(void **state)
{
    struct kernel_timex t = {
        .modes = KERNEL_ADJ_SETOFFSET | KERNEL_ADJ_NANO, .time_s = -3, .time_sub = 250000000};

    (void)state;
    adj((struct kernel_timex){.modes = KERNEL_ADJ_NANO | KERNEL_ADJ_OFFSET | KERNEL_ADJ_STATUS |
                                       KERNEL_ADJ_MAXERROR,
                              .offset = 100000000,
                              .status = PLL_FREQHOLD});
    assert_int_equal(k.maxerror_us, 0);
    assert_int_equal(kernel_clock_adjtime(&k, &t), KERNEL_TIME_ERROR);
    assert_int_equal(k.wall.ns, START_S * NS_PER_S - 2750000000);
    assert_int_equal(k.time_offset, 0);
    assert_int_equal(k.maxerror_us, 16000000);
    assert_true(k.status & KERNEL_STA_UNSYNC);
    assert_int_equal(k.stepped_ns, 2750000000);
    t = (struct kernel_timex){.modes = KERNEL_ADJ_SETOFFSET, .time_sub = 1000000};
    assert_int_equal(kernel_clock_adjtime(&k, &t), -EINVAL);
}

static void error_grows_until_unsynchronized(void **state)
{
    (void)state;
    assert_int_equal(adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS | KERNEL_ADJ_MAXERROR,
                                               .maxerror = 1000000}),
                     KERNEL_TIME_OK);
    gain(30000);
    assert_int_equal(k.maxerror_us, 16000000);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_OK);
    gain(1);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_ERROR);
}

static void leap_inserted(void **state)
{
    int64_t midnight = START_S + 100;

    (void)state;
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS | KERNEL_ADJ_MAXERROR,
                              .status = KERNEL_STA_INS});
    adj((struct kernel_timex){.modes = KERNEL_ADJ_TAI, .constant = 36});
    gain(1);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_INS);
    gain(98);
    assert_int_equal(k.wall.ns, (midnight - 1) * NS_PER_S);
    kernel_clock_advance(&k, NS_PER_S / 2);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_INS);
    kernel_clock_advance(&k, NS_PER_S);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_OOP);
    assert_int_equal(k.wall.ns, midnight * NS_PER_S - NS_PER_S / 2);
    assert_int_equal(k.tai_s, 37);
    kernel_clock_advance(&k, NS_PER_S);
    assert_int_equal(k.wall.ns, midnight * NS_PER_S + NS_PER_S / 2);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_WAIT);
    /* Not again the next day, and ready again when the flag is taken back. */
    assert_int_equal(gain(100000), 0);
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS | KERNEL_ADJ_MAXERROR});
    gain(1);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_OK);
}

static void leap_deleted_or_disarmed(void **state)
{
    int64_t midnight = START_S + 100;

    (void)state;
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS, .status = KERNEL_STA_DEL});
    gain(98);
    assert_int_equal(gain(1), NS_PER_S);
    assert_int_equal(k.wall.ns, midnight * NS_PER_S);
    assert_int_equal(k.tai_s, -1);
    fresh(NULL);
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS, .status = KERNEL_STA_INS});
    gain(50);
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS});
    assert_int_equal(gain(200), 0);
    assert_int_equal(k.state, KERNEL_TIME_OK);
}

static void turning_the_pll_off_is_unsynchronized(void **state)
{
    (void)state;
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS, .status = PLL_FREQHOLD | KERNEL_STA_INS});
    gain(2);
    assert_int_equal(k.state, KERNEL_TIME_INS);
    adj((struct kernel_timex){.modes = KERNEL_ADJ_STATUS});
    assert_int_equal(k.state, KERNEL_TIME_OK);
}

static void denied(void **state)
{
    (void)state;
    k.denied = true;
    assert_int_equal(adj((struct kernel_timex){.modes = KERNEL_ADJ_FREQUENCY, .freq = 5}), -EPERM);
    assert_int_equal(adj((struct kernel_timex){0}), KERNEL_TIME_ERROR);
    assert_int_equal(adj((struct kernel_timex){.modes = KERNEL_ADJ_OFFSET_SS_READ}),
                     KERNEL_TIME_ERROR);
    assert_int_equal(k.calls, 0);
}

static void orders(void **state)
{
    const struct clock_order o = {.what = CLOCK_SET_ALL,
                                  .status = CLOCK_PLL | CLOCK_FREQHOLD | CLOCK_INS,
                                  .step_ns = -1500000000,
                                  .offset_ns = 320000,
                                  .constant = 3,
                                  .freq = -65536,
                                  .tick_us = 10001,
                                  .maxerror_us = 1234,
                                  .esterror_us = 56,
                                  .tai_s = 37};

    (void)state;
    assert_int_equal(kernel_clock_order(&k, &o), KERNEL_TIME_OK);
    assert_int_equal(k.wall.ns, START_S * NS_PER_S - 1500000000);
    assert_int_equal(k.status, PLL_FREQHOLD | KERNEL_STA_INS | KERNEL_STA_NANO);
    assert_int_equal(k.constant, 3); /* which the call for TAI leaves alone */
    assert_int_equal(k.tai_s, 37);
    assert_int_equal(k.maxerror_us, 1234);
    assert_int_equal(k.esterror_us, 56);
    kernel_clock_advance(&k, NS_PER_S / 2);
    /* 99 ppm, and in the first whole second a 32nd of the offset. */
    assert_true(llabs(k.wall.ns - START_S * NS_PER_S + NS_PER_S - 49500) <= 1);
    assert_true(llabs(gain(1) - 99000 - 10000) <= 5);
    assert_true(fabs(clock_order_rate(o.freq, o.tick_us) - 99e-6) < 1e-15);
    assert_true(fabs(clock_order_slew(o.offset_ns, o.constant) - 10e-6) < 1e-15);
}

#define T(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nominal_is_exact),
        T(frequency_and_tick),
        T(offset_decays_and_stops),
        T(a_new_offset_replaces_the_old),
        T(without_freqhold_it_learns),
        T(microseconds_without_nano),
        T(single_shot),
        T(step_clears),
        T(error_grows_until_unsynchronized),
        T(leap_inserted),
        T(leap_deleted_or_disarmed),
        T(turning_the_pll_off_is_unsynchronized),
        T(denied),
        T(orders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
