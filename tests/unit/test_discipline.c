/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steering against the model of the kernel's clock, in virtual time. */
#include <math.h>

#include "common/clock_limit.h"
#include "common/discipline.h"
#include "common/ntp_packet.h"
#include "tests/sim/kernel_clock.h"
#include "tests/unit/test.h"

#define START_NS (INT64_C(1700000000) * NS_PER_S) /* November 2023 */
#define CONFIG                                                                                     \
    {                                                                                              \
        .step_ns = 500000000, .panic_ns = 1000 * NS_PER_S, .step_count = 1                         \
    }

/* A machine: true time, its oscillator (rate: true seconds per raw second minus 1), its clock. */
static struct machine {
    struct kernel_clock kernel;
    struct discipline d;
    struct clock_limit limit;
    struct leap_table leaps;
    struct discipline_input in; /* what the sources say, but for offset, time and rate */
    int64_t true_ns, raw_ns;
    double rate, rest;
    enum clock_verdict verdict;
    struct clock_order order;
    bool ordered;
} m;

static void boot(int64_t true_ns, int64_t wrong_ns, double rate)
{
    const struct discipline_config config = CONFIG;

    memset(&m, 0, sizeof m);
    m.true_ns = true_ns;
    m.rate = rate;
    kernel_clock_init(&m.kernel, (struct wall){true_ns + wrong_ns});
    discipline_init(&m.d, &config, 0, false);
    clock_limit_init(&m.limit, CLOCK_MODE_DAEMON, config.step_ns, config.step_count,
                     (struct wall){0}, (struct wall){0});
    leap_table_init(&m.leaps);
    m.in = (struct discipline_input){.majority = true,
                                     .voices = 3,
                                     .sd_s = 1e-5,
                                     .bound_s = 5e-3,
                                     .rate_sd = 1e-8,
                                     .wander = 1e-9};
}

/* Lets seconds of true time pass. */
static void pass(double s)
{
    double raw = s * 1e9 / (1 + m.rate) + m.rest;

    m.rest = raw - floor(raw);
    kernel_clock_advance(&m.kernel, (int64_t)raw);
    m.raw_ns += (int64_t)raw;
    m.true_ns += (int64_t)(s * 1e9);
}

/* The sources say what is true, plus `lie_ns`; the order goes through the limiter to the kernel. */
static void update(int64_t lie_ns)
{
    m.in.now.ns = m.raw_ns;
    m.in.wall = m.kernel.wall;
    m.in.offset_ns = m.true_ns + lie_ns - m.kernel.wall.ns;
    m.in.rate = m.rate;
    m.ordered = discipline_update(&m.d, &m.in, &m.leaps, &m.order);
    if (!m.ordered)
        return;
    m.verdict = clock_limit_check(&m.limit, &m.order, m.in.now, m.kernel.wall, &m.leaps);
    if (m.verdict == CLOCK_VERDICT_OK)
        assert_true(kernel_clock_order(&m.kernel, &m.order) >= 0);
}

static int64_t error_ns(void)
{
    return m.kernel.wall.ns - m.true_ns;
}

static void honest_update(void)
{
    update(0);
    assert_true(m.ordered);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
}

static void assert_bounded(void)
{
    assert_true(fabs((double)error_ns()) * 1e-9 <=
                discipline_bound_s(&m.d, (struct mono){m.raw_ns}) + 1e-9);
}

/* It has been synchronized before: no first seconds. */
static void restarted(void)
{
    m.d.synchronized_once = true;
    m.limit.synchronized = true;
}

static void nothing_without_a_majority(void **state)
{
    (void)state;
    boot(START_NS, 10 * NS_PER_S, 0);
    m.in.majority = false;
    for (int i = 0; i < 10; i++) {
        update(0);
        assert_false(m.ordered);
        pass(64);
    }
    assert_int_equal(m.d.state, DISCIPLINE_WAITING);
    assert_true(isinf(discipline_bound_s(&m.d, (struct mono){m.raw_ns})));
    assert_int_equal(m.kernel.calls, 0);
}

static void small_offset_is_slewed(void **state)
{
    (void)state;
    boot(START_NS, -10000000, 20e-6);
    restarted();
    honest_update();
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    assert_int_equal(m.order.offset_ns, 10000000);
    assert_int_equal(m.order.constant, 3); /* with 2 it were 625 ppm */
    assert_int_equal(m.order.freq, 20 * 65536);
    assert_int_equal(m.order.tick_us, 10000);
    assert_int_equal(m.order.status, CLOCK_PLL | CLOCK_FREQHOLD);
    assert_in_range(m.order.maxerror_us, 15000, 15010);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
    assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
    for (int i = 0; i < 300; i++) {
        pass(1);
        assert_bounded();
    }
    assert_true(llabs(error_ns()) < 20000);
    honest_update();
    pass(300);
    assert_true(llabs(error_ns()) < 1000);
    assert_int_equal(m.kernel.steps, 0);
}

/* Also when nobody tells it anything any more: the slew ends, the frequency stays. */
static void slew_does_not_outlive_its_end(void **state)
{
    (void)state;
    boot(START_NS, -400000000, -30e-6);
    honest_update();
    pass(100000);
    /* The kernel's seconds are shorter while it slews forth. */
    assert_true(llabs(error_ns()) < 2000000);
    assert_bounded();
    assert_int_equal(m.kernel.time_offset >> 40, 0);
}

static void slews_at_500_ppm_at_most(void **state)
{
    static const int64_t offsets[] = {1,        7999999,   8000001,   31000000,
                                      33000000, 250000000, 499999999, -499999999};

    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        boot(START_NS, -offsets[i], 0);
        restarted();
        honest_update();
        assert_true(fabs(clock_order_slew(m.order.offset_ns, m.order.constant)) <= 500e-6);
        assert_true(m.order.constant == DISCIPLINE_CONSTANT ||
                    fabs(clock_order_slew(m.order.offset_ns, m.order.constant)) > 249e-6);
    }
    boot(START_NS, -8000000, 0);
    restarted();
    honest_update();
    assert_int_equal(m.order.constant, DISCIPLINE_CONSTANT);
}

/* Queries 2 s apart, at any instant of the kernel's second. */
static void first_seconds_are_fast(void **state)
{
    static const int64_t offsets[] = {10000000, -10000000, 23000000, -100000000};

    (void)state;
    for (int i = 0; i < 4 * 7; i++) {
        int64_t offset = offsets[i % 4];

        boot(START_NS + i * INT64_C(141000000), offset, 20e-6);
        for (int t = 0; t < 80; t++) {
            if (t % 20 == 1 && t < 70)
                honest_update();
            assert_true(fabs(clock_order_slew(m.order.offset_ns, m.order.constant)) < 10e-3);
            pass(0.1);
            if (t > 0)
                assert_bounded();
        }
        if (llabs(offset) < 24000000)
            assert_true(llabs(error_ns()) < 1000000);
        honest_update();
        pass(1);
        assert_true((double)llabs(error_ns()) < (double)llabs(offset) * 0.6);
        pass(1);
        honest_update();
        assert_true(m.order.constant >= DISCIPLINE_CONSTANT);
    }
}

/* The order that was to take back what was too much does not come. */
static void eagerness_is_bounded(void **state)
{
    (void)state;
    boot(START_NS, 10000000, 0);
    honest_update();
    assert_int_equal(m.order.offset_ns, -15000000);
    for (int t = 0; t < 64; t++) {
        pass(1);
        assert_bounded();
    }
    assert_true(llabs(error_ns() + 5000000) < 50000);
    honest_update();
    assert_int_equal(m.order.constant, DISCIPLINE_CONSTANT);
    pass(300);
    assert_true(llabs(error_ns()) < 1000);
}

/* What the kernel still slews in this second is not ordered again. */
static void second_under_way_counts(void **state)
{
    (void)state;
    boot(START_NS + NS_PER_S / 4, -8000000, 0);
    restarted();
    honest_update();
    pass(1);
    honest_update();
    /* A 16th of 8 ms, of which a quarter of a second is over. */
    assert_true(llabs(m.order.offset_ns - (8000000 - 500000)) < 1000);
    pass(600);
    assert_true(llabs(error_ns()) < 4000);
}

static void one_step_then_slews(void **state)
{
    (void)state;
    boot(START_NS, 10 * NS_PER_S, 5e-6);
    honest_update();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_int_equal(m.order.step_ns, -10 * NS_PER_S);
    assert_int_equal(m.kernel.steps, 1);
    assert_true(llabs(error_ns()) <= 1);
    assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
    /* Afterwards 3 s are slewed, in pieces of what the kernel takes. */
    for (int i = 0; i < 200; i++) {
        pass(64);
        update(3 * NS_PER_S);
        assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
        assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    }
    assert_true(llabs(error_ns() - 3 * NS_PER_S) < 1000);
    assert_int_equal(m.kernel.steps, 1);
}

static void steps_are_counted(void **state)
{
    const struct discipline_config config = CONFIG;

    (void)state;
    /* A restart in the same boot: no new allowance. */
    boot(START_NS, 10 * NS_PER_S, 0);
    discipline_init(&m.d, &config, 1, false);
    honest_update();
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    discipline_init(&m.d, &config, 0, true);
    honest_update();
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    assert_int_equal(m.d.state, DISCIPLINE_UNSYNCHRONIZED);
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    /* Nor a second step while the bound is too large to be synchronized. */
    boot(START_NS, 10 * NS_PER_S, 0);
    m.in.bound_s = 2;
    honest_update();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_int_equal(m.d.state, DISCIPLINE_UNSYNCHRONIZED);
    update(5 * NS_PER_S);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    /* A sleep gives one. */
    boot(START_NS, 10 * NS_PER_S, 0);
    m.d.steps = 1;
    discipline_resumed(&m.d);
    clock_limit_resumed(&m.limit);
    assert_true(isinf(discipline_bound_s(&m.d, (struct mono){m.raw_ns})));
    honest_update();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_true(llabs(error_ns()) <= 1);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

static void panic(void **state)
{
    static const int64_t jumps[] = {1000, -1000, 86400, -86400};

    (void)state;
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        boot(START_NS, 0, 1e-6);
        honest_update();
        pass(1000);
        for (int k = 0; k < 100; k++) {
            update(jumps[i] * NS_PER_S);
            assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
            assert_int_equal(m.d.state, DISCIPLINE_PANIC);
            assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
            pass(64);
        }
        assert_true(llabs(error_ns()) < 10000);
        /* It is forgiven when it is no longer claimed. */
        honest_update();
        assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
        assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
    }
    /* Also before the first synchronization, where no step may help. */
    boot(START_NS, 2000 * NS_PER_S, 0);
    m.d.config.step_count = 0;
    honest_update();
    assert_int_equal(m.d.state, DISCIPLINE_PANIC);
}

static void coasting(void **state)
{
    double bound = 0;
    double t = 0;

    (void)state;
    boot(START_NS, 0, 50e-6);
    honest_update();
    m.in.majority = false;
    m.rate += 0.9e-6; /* as much as may go unseen */
    while (m.d.state != DISCIPLINE_UNSYNCHRONIZED) {
        double now;

        pass(1024);
        t += 1024;
        update(0);
        assert_true(m.ordered);
        assert_int_equal(m.order.what & (CLOCK_SET_STEP | CLOCK_SET_SLEW | CLOCK_SET_FREQ), 0);
        now = discipline_bound_s(&m.d, m.in.now);
        assert_true(now > bound);
        bound = now;
        assert_bounded();
        if (m.d.state == DISCIPLINE_COASTING) {
            assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
            assert_int_equal(m.kernel.maxerror_us, (int32_t)ceil(bound * 1e6));
        }
    }
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_true(bound > 1);
    assert_true(t > 2 * 86400 && t < 12 * 86400);
    m.in.majority = true;
    honest_update();
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

static void frequency_beyond_500_ppm(void **state)
{
    static const double rates[] = {0,    400e-6, -499e-6, 501e-6, -777e-6,
                                   5e-3, -5e-2,  0.0999,  -0.0999};
    struct clock_order o;

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        boot(START_NS, 1000000, rates[i]);
        honest_update();
        assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - rates[i]) < 1e-11);
        assert_true(fabs(rates[i]) > 500e-6 || m.order.tick_us == 10000);
        /* Near a limit it does not change the tick to and fro. */
        m.rate += 30e-6 * (rates[i] > 0 ? -1 : 1);
        honest_update();
        assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - m.rate) < 1e-11);
        /* With seconds a tenth too short a tenth of each slew is lost; the next gets it. */
        for (int k = 0; k < 5; k++) {
            pass(3600);
            honest_update();
        }
        assert_true(llabs(error_ns()) < 1000);
    }
    assert_false(discipline_frequency(0.11, 10000, &o));
    assert_int_equal(o.tick_us, 11000);
    assert_int_equal(o.freq, CLOCK_FREQ_MAX);
    assert_false(discipline_frequency(-1, 10000, &o));
    assert_int_equal(o.tick_us, 9000);
    boot(START_NS, 0, 0.2);
    honest_update();
    assert_int_equal(m.d.state, DISCIPLINE_OUT_OF_RANGE);
    assert_true(m.order.status & CLOCK_UNSYNC);
}

static void uncertain_rate_is_not_used(void **state)
{
    (void)state;
    boot(START_NS, 0, 80e-6);
    m.in.rate_sd = 200e-6;
    honest_update();
    assert_int_equal(m.order.what & CLOCK_SET_FREQ, 0);
    /* A stored one is, and it is what the next is measured by. */
    discipline_start_rate(&m.d, 79e-6);
    honest_update();
    assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 79e-6) < 1e-11);
    m.in.rate_sd = 1e-6;
    honest_update();
    assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 80e-6) < 1e-11);
    /* Far off it is used however uncertain. */
    boot(START_NS, 0, 5e-2);
    m.in.rate_sd = 500e-6;
    honest_update();
    assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 5e-2) < 1e-11);
}

/* Nobody vouches for a clock whose oscillator has not been watched yet. */
static void early_is_not_synchronized(void **state)
{
    (void)state;
    boot(START_NS, 0, 0);
    m.in.early = true;
    honest_update();
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_int_equal(m.d.state, DISCIPLINE_UNSYNCHRONIZED);
    pass(2);
    /* The rate turns out to be 5 %: it can still be ordered, and then it is known. */
    m.in.early = false;
    m.rate = 0.05;
    honest_update();
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
    assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
    pass(64);
    assert_bounded();
    /* From then on it stays within the limiter's reach. */
    m.in.early = true;
    honest_update();
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

/* One source whose clock runs away by 100 ppm: followed within the cap only. */
static void single_source_pulls(void **state)
{
    double lie = 0;

    (void)state;
    for (int voices = 1; voices <= 2; voices++) {
        boot(START_NS, 0, 10e-6);
        m.in.voices = (unsigned)voices;
        honest_update();
        lie = 0;
        for (int i = 0; i < 1000; i++) {
            pass(64);
            lie += 64 * 100e-6;
            m.in.now.ns = m.raw_ns;
            m.in.wall = m.kernel.wall;
            m.in.offset_ns = m.true_ns + (int64_t)(lie * 1e9) - m.kernel.wall.ns;
            m.in.rate = 110e-6;
            assert_true(discipline_update(&m.d, &m.in, &m.leaps, &m.order));
            assert_true(kernel_clock_order(&m.kernel, &m.order) >= 0);
        }
        assert_int_equal(m.d.capped, voices == 1);
        if (voices == 1)
            assert_true(fabs((double)error_ns()) * 1e-9 < 64000 * 51e-6);
        else
            assert_true(fabs((double)error_ns() * 1e-9 - lie) < 1e-2);
    }
}

/* What may as well be the network's delay does not cost the only step. */
static void uncertain_offset_is_not_stepped(void **state)
{
    (void)state;
    boot(START_NS, -600000000, 0);
    m.in.bound_s = 0.7;
    honest_update();
    assert_false(m.order.what & CLOCK_SET_STEP);
    m.in.bound_s = 5e-3;
    honest_update();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_in_range(-error_ns() + 1000000, 0, 2000000);
}

static void leap_second(void **state)
{
    const int64_t midnight = INT64_C(1483228800); /* 2017-01-01, a leap second before it */
    int64_t before;

    (void)state;
    boot((midnight - 2 * 86400) * NS_PER_S, 0, 0);
    m.in.leap = NTP_LEAP_INSERT;
    for (int i = 0; i < 1350; i++) {
        bool last_day = m.kernel.wall.ns >= (midnight - 86400) * NS_PER_S;

        /* The majority is lost an hour before midnight: it stays armed. */
        m.in.majority = m.kernel.wall.ns < (midnight - 3600) * NS_PER_S;
        honest_update();
        assert_int_equal((m.order.status & CLOCK_INS) != 0, last_day);
        pass(128);
    }
    before = (midnight * NS_PER_S - m.true_ns) / NS_PER_S;
    assert_in_range(before, 0, 128);
    pass(200);
    assert_int_equal(error_ns(), -NS_PER_S);
    m.true_ns -= NS_PER_S; /* UTC has had it as well */
    update(0);
    assert_int_equal(m.order.status & CLOCK_INS, 0);
    pass(2);
    assert_int_equal(m.kernel.state, KERNEL_TIME_OK);
    /* Without a majority for it, or on another day, never. */
    boot((midnight - 86400 * 2) * NS_PER_S, 0, 0);
    m.in.leap = NTP_LEAP_INSERT;
    honest_update();
    assert_int_equal(m.order.status & CLOCK_INS, 0);
    boot((midnight - 3600) * NS_PER_S, 0, 0);
    honest_update();
    assert_int_equal(m.order.status & (CLOCK_INS | CLOCK_DEL), 0);
    m.in.leap = NTP_LEAP_DELETE;
    honest_update();
    assert_int_equal(m.order.status & (CLOCK_INS | CLOCK_DEL), CLOCK_DEL);
    assert_true(leap_table_line(&m.leaps, "#@ 3912192000", 13));
    assert_true(leap_table_line(&m.leaps, "3644697600 36", 13));
    assert_true(leap_table_line(&m.leaps, "3692217600 37", 13));
    honest_update();
    assert_int_equal(m.order.status & (CLOCK_INS | CLOCK_DEL), 0);
    assert_int_equal(m.order.tai_s, 36);
    assert_true(m.order.what & CLOCK_SET_TAI);
    assert_int_equal(m.kernel.tai_s, 36);
    /* While 23:59:59 comes again the kernel has already counted on: it is left alone. */
    m.in.leap = NTP_LEAP_INSERT;
    honest_update();
    assert_true(m.order.what & CLOCK_SET_TAI);
    pass(3600.5);
    m.true_ns -= NS_PER_S;
    honest_update();
    assert_int_equal(m.kernel.wall.ns / NS_PER_S, midnight - 1);
    assert_false(m.order.what & CLOCK_SET_TAI);
    assert_true(m.order.status & CLOCK_INS);
    pass(2);
    honest_update();
    assert_int_equal(m.order.tai_s, 37);
}

/* A week with noise: the bound holds at every second, and the limiter never objects. */
static void a_week(void **state)
{
    uint64_t seed = 7;

    (void)state;
    boot(START_NS, -300000000, 35e-6);
    for (int i = 0; i < 9450; i++) {
        double noise = ((double)test_random(&seed) / 1.8446744073709552e19 - 0.5) * 2e-4;

        m.in.majority = i % 50 < 45;
        m.in.bound_s = 1e-3;
        m.rate += ((double)test_random(&seed) / 1.8446744073709552e19 - 0.5) * 2e-8;
        update((int64_t)(noise * 1e9));
        assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
        for (int s = 0; s < 64; s++) {
            assert_bounded();
            pass(1);
        }
    }
    assert_true(llabs(error_ns()) < 1000000);
}

/* By certificates that do not fit the clock: a step as the policy has it, and nothing else. */
static void provisional_majority_may_only_step(void **state)
{
    (void)state;
    boot(START_NS, -INT64_C(300000000) * NS_PER_S, 0);
    m.in.majority = false;
    m.in.provisional = true;
    update(0);
    assert_true(m.ordered);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_int_equal(m.order.what, CLOCK_SET_STEP);
    assert_true(llabs(error_ns()) < 1000);
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_int_equal(m.d.state, DISCIPLINE_WAITING);
    update(300000000);
    assert_false(m.ordered); /* neither slewed */
    update(NS_PER_S);
    assert_false(m.ordered); /* nor stepped again */
    m.in.provisional = false;
    m.in.majority = true;
    update(0);
    assert_true(m.ordered);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_without_a_majority),
        cmocka_unit_test(small_offset_is_slewed),
        cmocka_unit_test(slew_does_not_outlive_its_end),
        cmocka_unit_test(slews_at_500_ppm_at_most),
        cmocka_unit_test(first_seconds_are_fast),
        cmocka_unit_test(eagerness_is_bounded),
        cmocka_unit_test(second_under_way_counts),
        cmocka_unit_test(one_step_then_slews),
        cmocka_unit_test(steps_are_counted),
        cmocka_unit_test(panic),
        cmocka_unit_test(coasting),
        cmocka_unit_test(frequency_beyond_500_ppm),
        cmocka_unit_test(uncertain_rate_is_not_used),
        cmocka_unit_test(early_is_not_synchronized),
        cmocka_unit_test(single_source_pulls),
        cmocka_unit_test(provisional_majority_may_only_step),
        cmocka_unit_test(uncertain_offset_is_not_stepped),
        cmocka_unit_test(leap_second),
        cmocka_unit_test(a_week),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
