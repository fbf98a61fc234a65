/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steering: slews and the frequency. */
#include <math.h>

#include "tests/unit/machine.h"

static void small_offset_is_slewed(void **state)
{
    (void)state;
    machine_boot(START_NS, -10000000, 20e-6);
    machine_restarted();
    machine_update_honest();
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
        machine_pass(1);
        machine_assert_bounded();
    }
    assert_true(llabs(machine_error_ns()) < 20000);
    machine_update_honest();
    machine_pass(300);
    assert_true(llabs(machine_error_ns()) < 1000);
    assert_int_equal(m.kernel.steps, 0);
}

/* Also when nobody tells it anything any more: the slew ends, the frequency stays. */
static void slew_does_not_outlive_its_end(void **state)
{
    (void)state;
    machine_boot(START_NS, -400000000, -30e-6);
    machine_update_honest();
    machine_pass(100000);
    /* The kernel's seconds are shorter while it slews forth. */
    assert_true(llabs(machine_error_ns()) < 2000000);
    machine_assert_bounded();
    assert_int_equal(m.kernel.time_offset >> 40, 0);
}

static void slews_at_500_ppm_at_most(void **state)
{
    static const int64_t offsets[] = {1,        7999999,   8000001,   31000000,
                                      33000000, 250000000, 499999999, -499999999};

    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        machine_boot(START_NS, -offsets[i], 0);
        machine_restarted();
        machine_update_honest();
        assert_true(fabs(clock_order_slew(m.order.offset_ns, m.order.constant)) <= 500e-6);
        assert_true(m.order.constant == DISCIPLINE_CONSTANT ||
                    fabs(clock_order_slew(m.order.offset_ns, m.order.constant)) > 249e-6);
    }
    machine_boot(START_NS, -8000000, 0);
    machine_restarted();
    machine_update_honest();
    assert_int_equal(m.order.constant, DISCIPLINE_CONSTANT);
}

/* As slow as the estimate allows, in powers of two; what is no noise is slewed at once. */
static void slews_as_slow_as_is_told(void **state)
{
    static const struct {
        double slew_s;
        int64_t offset_ns;
        int32_t constant;
    } cases[] = {
        {0, 1000, DISCIPLINE_CONSTANT},
        {4, 1000, 0},
        {1, 1000, 0},
        {64, 1000, 4},
        {80, 1000, 4},
        {100, -1000, 5},
        {1e9, 1000, CLOCK_CONSTANT_MAX},
        {1e9, 299000, CLOCK_CONSTANT_MAX},
        {1e9, 310000, DISCIPLINE_CONSTANT},
        {1e9, -310000, DISCIPLINE_CONSTANT},
        {8, 310000, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        machine_boot(START_NS, -cases[i].offset_ns, 0);
        machine_restarted();
        m.in.moves_s = 1e-4;
        m.in.slew_s = cases[i].slew_s;
        machine_update_honest();
        assert_int_equal(m.order.constant, cases[i].constant);
    }
}

/* Queries 2 s apart, at any instant of the kernel's second. */
static void first_seconds_are_fast(void **state)
{
    static const int64_t offsets[] = {10000000, -10000000, 23000000, -100000000};

    (void)state;
    for (int i = 0; i < 4 * 7; i++) {
        int64_t offset = offsets[i % 4];

        machine_boot(START_NS + i * INT64_C(141000000), offset, 20e-6);
        for (int t = 0; t < 80; t++) {
            if (t % 20 == 1 && t < 70)
                machine_update_honest();
            assert_true(fabs(clock_order_slew(m.order.offset_ns, m.order.constant)) < 10e-3);
            machine_pass(0.1);
            if (t > 0)
                machine_assert_bounded();
        }
        if (llabs(offset) < 24000000)
            assert_true(llabs(machine_error_ns()) < 1000000);
        machine_update_honest();
        machine_pass(1);
        assert_true((double)llabs(machine_error_ns()) < (double)llabs(offset) * 0.6);
        machine_pass(1);
        machine_update_honest();
        assert_true(m.order.constant >= DISCIPLINE_CONSTANT);
    }
}

/* The order that was to take back what was too much does not come. */
static void eagerness_is_bounded(void **state)
{
    (void)state;
    machine_boot(START_NS, 10000000, 0);
    machine_update_honest();
    assert_int_equal(m.order.offset_ns, -15000000);
    for (int t = 0; t < 64; t++) {
        machine_pass(1);
        machine_assert_bounded();
    }
    assert_true(llabs(machine_error_ns() + 5000000) < 50000);
    machine_update_honest();
    assert_int_equal(m.order.constant, DISCIPLINE_CONSTANT);
    machine_pass(300);
    assert_true(llabs(machine_error_ns()) < 1000);
}

/* What the kernel still slews in this second is not ordered again. */
static void second_under_way_counts(void **state)
{
    (void)state;
    machine_boot(START_NS + NS_PER_S / 4, -8000000, 0);
    machine_restarted();
    machine_update_honest();
    machine_pass(1);
    machine_update_honest();
    /* A 16th of 8 ms, of which a quarter of a second is over. */
    assert_true(llabs(m.order.offset_ns - (8000000 - 500000)) < 1000);
    machine_pass(600);
    assert_true(llabs(machine_error_ns()) < 4000);
}

static void frequency_beyond_500_ppm(void **state)
{
    static const double rates[] = {0,    400e-6, -499e-6, 501e-6, -777e-6,
                                   5e-3, -5e-2,  0.0999,  -0.0999};
    struct clock_order o;

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        machine_boot(START_NS, 1000000, rates[i]);
        machine_update_honest();
        assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - rates[i]) < 1e-11);
        assert_true(fabs(rates[i]) > 500e-6 || m.order.tick_us == 10000);
        /* Near a limit it does not change the tick to and fro. */
        m.rate += 30e-6 * (rates[i] > 0 ? -1 : 1);
        machine_update_honest();
        assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - m.rate) < 1e-11);
        /* With seconds a tenth too short a tenth of each slew is lost; the next gets it. */
        for (int k = 0; k < 5; k++) {
            machine_pass(3600);
            machine_update_honest();
        }
        assert_true(llabs(machine_error_ns()) < 1000);
    }
    assert_false(discipline_frequency(0.11, 10000, &o));
    assert_int_equal(o.tick_us, 11000);
    assert_int_equal(o.freq, CLOCK_FREQ_MAX);
    assert_false(discipline_frequency(-1, 10000, &o));
    assert_int_equal(o.tick_us, 9000);
    machine_boot(START_NS, 0, 0.2);
    machine_update_honest();
    assert_int_equal(m.d.state, DISCIPLINE_OUT_OF_RANGE);
    assert_true(m.order.status & CLOCK_UNSYNC);
}

static void uncertain_rate_is_not_used(void **state)
{
    (void)state;
    machine_boot(START_NS, 0, 80e-6);
    m.in.rate_sd = 200e-6;
    machine_update_honest();
    assert_int_equal(m.order.what & CLOCK_SET_FREQ, 0);
    /* A stored one is, and it is what the next is measured by. */
    discipline_start_rate(&m.d, 79e-6);
    machine_update_honest();
    assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 79e-6) < 1e-11);
    m.in.rate_sd = 1e-6;
    machine_update_honest();
    assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 80e-6) < 1e-11);
    /* Far off it is used however uncertain. */
    machine_boot(START_NS, 0, 5e-2);
    m.in.rate_sd = 500e-6;
    machine_update_honest();
    assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 5e-2) < 1e-11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_offset_is_slewed),   cmocka_unit_test(slew_does_not_outlive_its_end),
        cmocka_unit_test(slews_at_500_ppm_at_most), cmocka_unit_test(first_seconds_are_fast),
        cmocka_unit_test(eagerness_is_bounded),     cmocka_unit_test(second_under_way_counts),
        cmocka_unit_test(frequency_beyond_500_ppm), cmocka_unit_test(uncertain_rate_is_not_used),
        cmocka_unit_test(slews_as_slow_as_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
