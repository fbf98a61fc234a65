/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steering: what is believed, said and promised. */
#include <math.h>

#include "common/nts/ntp_packet.h"
#include "tests/unit/machine.h"

static void nothing_without_a_majority(void **state)
{
    (void)state;
    machine_boot(START_NS, 10 * NS_PER_S, 0);
    m.in.majority = false;
    for (int i = 0; i < 10; i++) {
        machine_update(0);
        assert_false(m.ordered);
        machine_pass(64);
    }
    assert_int_equal(m.d.state, DISCIPLINE_WAITING);
    assert_true(isinf(discipline_bound_s(&m.d, (struct mono){m.raw_ns})));
    assert_int_equal(m.kernel.calls, 0);
}

static void coasting(void **state)
{
    double bound = 0;
    double t = 0;

    (void)state;
    machine_boot(START_NS, 0, 50e-6);
    machine_update_honest();
    m.in.majority = false;
    m.rate += 0.9e-6; /* as much as may go unseen */
    while (m.d.state != DISCIPLINE_UNSYNCHRONIZED) {
        double now;

        machine_pass(1024);
        t += 1024;
        machine_update(0);
        assert_true(m.ordered);
        assert_int_equal(m.order.what & (CLOCK_SET_STEP | CLOCK_SET_SLEW), 0);
        /* Whoever sets the frequency meanwhile does not set it for as long as nobody answers. */
        assert_true(m.order.what & CLOCK_SET_FREQ);
        assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 50e-6) < 1e-10);
        now = discipline_bound_s(&m.d, m.in.now);
        assert_true(now > bound);
        bound = now;
        machine_assert_bounded();
        if (m.d.state == DISCIPLINE_COASTING) {
            assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
            assert_int_equal(m.kernel.maxerror_us, (int32_t)ceil(bound * 1e6));
        }
    }
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_true(bound > 1);
    assert_true(t > 2 * 86400 && t < 12 * 86400);
    m.in.majority = true;
    machine_update_honest();
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

/* Next to a server the jitter of a busy machine may be more than what the exchange leaves open. */
static void no_more_probable_than_possible(void **state)
{
    (void)state;
    machine_boot(START_NS, 0, 0);
    m.in.sd_s = 1e-3;
    m.in.bound_s = 1e-5;
    for (int i = 0; i < 4; i++) {
        machine_update(0);
        assert_true(m.ordered);
        assert_true(m.order.maxerror_us < 1000);
        assert_true(m.order.esterror_us > 0 && m.order.esterror_us <= m.order.maxerror_us);
        machine_pass(16);
    }
}

/* Nobody vouches for a clock whose oscillator has not been watched yet. */
static void early_is_not_synchronized(void **state)
{
    (void)state;
    machine_boot(START_NS, 0, 0);
    m.in.early = true;
    machine_update_honest();
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_int_equal(m.d.state, DISCIPLINE_UNSYNCHRONIZED);
    machine_pass(2);
    /* The rate turns out to be 5 %: it can still be ordered, and then it is known. */
    m.in.early = false;
    m.rate = 0.05;
    machine_update_honest();
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
    assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
    machine_pass(64);
    machine_assert_bounded();
    /* From then on it stays within the limiter's reach. */
    m.in.early = true;
    machine_update_honest();
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

/* One source whose clock runs away by 100 ppm: followed within the cap only. */
static void single_source_pulls(void **state)
{
    double lie = 0;

    (void)state;
    for (int voices = 1; voices <= 2; voices++) {
        unsigned capped = 0;

        machine_boot(START_NS, 0, 10e-6);
        m.in.voices = (unsigned)voices;
        machine_update_honest();
        lie = 0;
        for (int i = 0; i < 2700; i++) {
            machine_pass(64);
            lie += 64 * 100e-6;
            m.in.now.ns = m.raw_ns;
            m.in.wall = m.kernel.wall;
            m.in.offset_ns = m.true_ns + (int64_t)(lie * 1e9) - m.kernel.wall.ns;
            m.in.rate = 110e-6;
            assert_true(discipline_update(&m.d, &m.in, &m.leaps, &m.order));
            if (m.order.what & CLOCK_SET_STEP) {
                /* Nothing but that source speaks for a step. */
                discipline_step_refused(&m.d, m.in.now);
                assert_true(discipline_update(&m.d, &m.in, &m.leaps, &m.order));
            }
            assert_false(m.order.what & CLOCK_SET_STEP);
            assert_true(kernel_clock_order(&m.kernel, &m.order) >= 0);
            capped += m.d.capped;
            if (i == 1000 && voices == 1)
                assert_true(fabs((double)machine_error_ns()) * 1e-9 < 64064 * 51e-6);
        }
        assert_false(m.d.capped);
        /* A day of the same rate, and an oscillator is believed to be like that. */
        if (voices == 1)
            assert_in_range(capped, 86400 / 64, 86400 / 64 + 20);
        else
            assert_int_equal(capped, 0);
        if (voices == 2)
            assert_true(fabs((double)machine_error_ns() * 1e-9 - lie) < 1e-2);
    }
}

static void leap_second(void **state)
{
    const int64_t midnight = INT64_C(1483228800); /* 2017-01-01, a leap second before it */
    int64_t before;

    (void)state;
    machine_boot((midnight - 2 * 86400) * NS_PER_S, 0, 0);
    m.in.leap = NTP_LEAP_INSERT;
    for (int i = 0; i < 1350; i++) {
        bool last_day = m.kernel.wall.ns >= (midnight - 86400) * NS_PER_S;

        /* The majority is lost an hour before midnight: it stays armed. */
        m.in.majority = m.kernel.wall.ns < (midnight - 3600) * NS_PER_S;
        machine_update_honest();
        assert_int_equal((m.order.status & CLOCK_INS) != 0, last_day);
        machine_pass(128);
    }
    before = (midnight * NS_PER_S - m.true_ns) / NS_PER_S;
    assert_in_range(before, 0, 128);
    machine_pass(200);
    assert_int_equal(machine_error_ns(), -NS_PER_S);
    m.true_ns -= NS_PER_S; /* UTC has had it as well */
    machine_update(0);
    assert_int_equal(m.order.status & CLOCK_INS, 0);
    machine_pass(2);
    assert_int_equal(m.kernel.state, KERNEL_TIME_OK);
    /* Without a majority for it, or on another day, never. */
    machine_boot((midnight - 86400 * 2) * NS_PER_S, 0, 0);
    m.in.leap = NTP_LEAP_INSERT;
    machine_update_honest();
    assert_int_equal(m.order.status & CLOCK_INS, 0);
    machine_boot((midnight - 3600) * NS_PER_S, 0, 0);
    machine_update_honest();
    assert_int_equal(m.order.status & (CLOCK_INS | CLOCK_DEL), 0);
    m.in.leap = NTP_LEAP_DELETE;
    machine_update_honest();
    assert_int_equal(m.order.status & (CLOCK_INS | CLOCK_DEL), CLOCK_DEL);
    assert_true(leap_table_line(&m.leaps, "#@ 3912192000", 13));
    assert_true(leap_table_line(&m.leaps, "3644697600 36", 13));
    assert_true(leap_table_line(&m.leaps, "3692217600 37", 13));
    machine_update_honest();
    assert_int_equal(m.order.status & (CLOCK_INS | CLOCK_DEL), 0);
    assert_int_equal(m.order.tai_s, 36);
    assert_true(m.order.what & CLOCK_SET_TAI);
    assert_int_equal(m.kernel.tai_s, 36);
    /* While 23:59:59 comes again the kernel has already counted on: it is left alone. */
    m.in.leap = NTP_LEAP_INSERT;
    machine_update_honest();
    assert_true(m.order.what & CLOCK_SET_TAI);
    machine_pass(3600.5);
    m.true_ns -= NS_PER_S;
    machine_update_honest();
    assert_int_equal(m.kernel.wall.ns / NS_PER_S, midnight - 1);
    assert_false(m.order.what & CLOCK_SET_TAI);
    assert_true(m.order.status & CLOCK_INS);
    machine_pass(2);
    machine_update_honest();
    assert_int_equal(m.order.tai_s, 37);
}

/* A week with noise: the bound holds at every second, and the limiter never objects. */
static void a_week(void **state)
{
    uint64_t seed = 7;

    (void)state;
    machine_boot(START_NS, -300000000, 35e-6);
    for (int i = 0; i < 9450; i++) {
        double noise = ((double)test_random(&seed) / 1.8446744073709552e19 - 0.5) * 2e-4;

        m.in.majority = i % 50 < 45;
        m.in.bound_s = 1e-3;
        m.rate += ((double)test_random(&seed) / 1.8446744073709552e19 - 0.5) * 2e-8;
        machine_update((int64_t)(noise * 1e9));
        assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
        for (int s = 0; s < 64; s++) {
            machine_assert_bounded();
            machine_pass(1);
        }
    }
    assert_true(llabs(machine_error_ns()) < 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_without_a_majority),
        cmocka_unit_test(coasting),
        cmocka_unit_test(no_more_probable_than_possible),
        cmocka_unit_test(early_is_not_synchronized),
        cmocka_unit_test(single_source_pulls),
        cmocka_unit_test(leap_second),
        cmocka_unit_test(a_week),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
