/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steering: when the clock is stepped, and when not. */
#include <math.h>

#include "tests/unit/machine.h"

static void one_step_then_slews(void **state)
{
    (void)state;
    machine_boot(START_NS, 10 * NS_PER_S, 5e-6);
    machine_update_honest();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_int_equal(m.order.step_ns, -10 * NS_PER_S);
    assert_int_equal(m.kernel.steps, 1);
    assert_true(llabs(machine_error_ns()) <= 1);
    assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
    /* Afterwards 3 s are slewed, in pieces of what the kernel takes. */
    for (int i = 0; i < 200; i++) {
        machine_pass(64);
        machine_update(3 * NS_PER_S);
        assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
        assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    }
    assert_true(llabs(machine_error_ns() - 3 * NS_PER_S) < 1000);
    assert_int_equal(m.kernel.steps, 1);
    /* It was asked for, as long as there were 0.5 s to be stepped. */
    assert_in_range(m.refused, 50, 90);
}

/* The clock process has seen that somebody moved the clock: then it is stepped back, once. */
static void witnessed_step(void **state)
{
    (void)state;
    machine_boot(START_NS, 0, 5e-6);
    machine_update_honest();
    machine_pass(64);
    m.limit.witness.moved_ns = 7200 * NS_PER_S;
    m.in.rounds = DISCIPLINE_ROUNDS - 1;
    machine_update(-7200 * NS_PER_S);
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0); /* not everybody has answered twice */
    assert_int_equal(m.order.offset_ns, 0);
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_true(discipline_bound_s(&m.d, m.in.now) >= 7200);
    m.in.rounds = DISCIPLINE_ROUNDS;
    machine_update(-7200 * NS_PER_S);
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
    assert_int_equal(m.refused, 0);
    machine_pass(64);
    machine_update(-14400 * NS_PER_S); /* used up: refused, and beyond `panic` */
    assert_int_equal(m.refused, 1);
    assert_int_equal(m.d.state, DISCIPLINE_PANIC);
    assert_true(discipline_bound_s(&m.d, m.in.now) >= 7200);
    /* The servers fall silent: what they said last is not forgotten. */
    m.in.majority = false;
    for (int i = 0; i < 10; i++) {
        machine_pass(64);
        machine_update(0);
        assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
        assert_int_equal(m.kernel.maxerror_us, CLOCK_ERROR_MAX_US);
        assert_true(discipline_bound_s(&m.d, m.in.now) >= 7200);
    }
}

/* Nobody answers, and somebody moves the clock: the bound knows it, and so does the kernel. */
static void moved_while_coasting(void **state)
{
    (void)state;
    machine_boot(START_NS, 0, 5e-6);
    machine_update_honest();
    m.in.majority = false;
    machine_pass(64);
    machine_update(0);
    assert_int_equal(m.d.state, DISCIPLINE_COASTING);
    discipline_clock_changed(&m.d, m.in.now, -600, 0, 0);
    machine_update(0);
    assert_int_equal(m.d.state, DISCIPLINE_UNSYNCHRONIZED);
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_true(discipline_bound_s(&m.d, m.in.now) >= 600);
    /* A foreign frequency of 100 ppm for 1000 s is 0.1 s. */
    machine_boot(START_NS, 0, 5e-6);
    machine_update_honest();
    discipline_clock_changed(&m.d, m.in.now, 0, -100e-6, 1000);
    assert_true(discipline_bound_s(&m.d, m.in.now) >= 0.1);
    assert_true(discipline_bound_s(&m.d, m.in.now) < 0.12);
}

/* What the clock process's limits make of a rate is known, and not ordered again. */
static void rate_out_of_limits(void **state)
{
    (void)state;
    machine_boot(START_NS, 0, 5e-6);
    machine_update_honest();
    m.rate += 700e-6;
    machine_pass(64);
    machine_update(0);
    assert_int_equal(m.verdict, CLOCK_VERDICT_FREQ);
    discipline_rate_limited(&m.d, 505e-6, -495e-6, 505e-6);
    assert_true(discipline_bound_s(&m.d, (struct mono){m.in.now.ns + 1000 * NS_PER_S}) >= 0.2);
    machine_update(0);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_true(fabs(clock_order_rate(m.order.freq, m.order.tick_us) - 505e-6) < 1e-10);
    assert_true(discipline_bound_s(&m.d, (struct mono){m.in.now.ns + 1000 * NS_PER_S}) >= 0.2);
}

static void steps_are_counted(void **state)
{
    const struct discipline_config config = CONFIG;

    (void)state;
    /* A restart in the same boot: no new allowance. */
    machine_boot(START_NS, 10 * NS_PER_S, 0);
    discipline_init(&m.d, &config, 1, false);
    m.limit.steps = 1;
    machine_update_honest();
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    discipline_init(&m.d, &config, 0, true);
    machine_update_honest();
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    assert_int_equal(m.d.state, DISCIPLINE_UNSYNCHRONIZED);
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    /* Nor a second step while the bound is too large to be synchronized. */
    machine_boot(START_NS, 10 * NS_PER_S, 0);
    m.in.bound_s = 2;
    machine_update_honest();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_int_equal(m.d.state, DISCIPLINE_UNSYNCHRONIZED);
    machine_update(5 * NS_PER_S);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_int_equal(m.order.what & CLOCK_SET_STEP, 0);
    /* A sleep gives one. */
    machine_boot(START_NS, 10 * NS_PER_S, 0);
    m.d.steps = 1;
    discipline_resumed(&m.d);
    clock_limit_resumed(&m.limit);
    assert_true(isinf(discipline_bound_s(&m.d, (struct mono){m.raw_ns})));
    machine_update_honest();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_true(llabs(machine_error_ns()) <= 1);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

static void panic(void **state)
{
    static const int64_t jumps[] = {1000, -1000, 86400, -86400};

    (void)state;
    for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
        machine_boot(START_NS, 0, 1e-6);
        machine_update_honest();
        machine_pass(1000);
        for (int k = 0; k < 100; k++) {
            machine_update(jumps[i] * NS_PER_S);
            assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
            assert_int_equal(m.d.state, DISCIPLINE_PANIC);
            assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
            machine_pass(64);
        }
        assert_true(llabs(machine_error_ns()) < 10000);
        /* It is forgiven when it is no longer claimed. */
        machine_update_honest();
        assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
        assert_false(m.kernel.status & KERNEL_STA_UNSYNC);
    }
    /* Also before the first synchronization, where no step may help. */
    machine_boot(START_NS, 2000 * NS_PER_S, 0);
    m.d.config.step_count = 0;
    machine_update_honest();
    assert_int_equal(m.d.state, DISCIPLINE_PANIC);
}

/* What may as well be the network's delay does not cost the only step. */
static void uncertain_offset_is_not_stepped(void **state)
{
    (void)state;
    machine_boot(START_NS, -600000000, 0);
    m.in.bound_s = 0.7;
    machine_update_honest();
    assert_false(m.order.what & CLOCK_SET_STEP);
    m.in.bound_s = 5e-3;
    machine_update_honest();
    assert_true(m.order.what & CLOCK_SET_STEP);
    assert_in_range(-machine_error_ns() + 1000000, 0, 2000000);
}

/* By certificates that do not fit the clock: a step as the policy has it, and nothing else. */
static void provisional_majority_may_only_step(void **state)
{
    (void)state;
    machine_boot(START_NS, -INT64_C(300000000) * NS_PER_S, 0);
    m.in.majority = false;
    m.in.provisional = true;
    machine_update(0);
    assert_true(m.ordered);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_int_equal(m.order.what, CLOCK_SET_STEP);
    assert_true(llabs(machine_error_ns()) < 1000);
    assert_true(m.kernel.status & KERNEL_STA_UNSYNC);
    assert_int_equal(m.d.state, DISCIPLINE_WAITING);
    machine_update(300000000);
    assert_false(m.ordered); /* neither slewed */
    machine_update(NS_PER_S);
    assert_false(m.ordered); /* nor stepped again */
    m.in.provisional = false;
    m.in.majority = true;
    machine_update(0);
    assert_true(m.ordered);
    assert_int_equal(m.verdict, CLOCK_VERDICT_OK);
    assert_int_equal(m.d.state, DISCIPLINE_SYNCHRONIZED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step_then_slews),
        cmocka_unit_test(witnessed_step),
        cmocka_unit_test(moved_while_coasting),
        cmocka_unit_test(rate_out_of_limits),
        cmocka_unit_test(steps_are_counted),
        cmocka_unit_test(panic),
        cmocka_unit_test(uncertain_offset_is_not_stepped),
        cmocka_unit_test(provisional_majority_may_only_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
