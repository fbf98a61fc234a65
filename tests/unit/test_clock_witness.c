/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The battery clock as a witness before the kernel keeps it: what tests/hostile/captured and the
 * simulator's pauses do not reach. */
#include "common/clock/clock_witness.h"
#include "tests/unit/test.h"

#define START_NS (INT64_C(1700000000) * NS_PER_S)
#define YEAR_NS  (INT64_C(31536000) * NS_PER_S)

static struct clock_witness w;
static int64_t raw_ns, wall_ns, battery_ns;

static int fresh(void **state)
{
    (void)state;
    w = (struct clock_witness){.looked = false};
    raw_ns = NS_PER_S;
    wall_ns = battery_ns = START_NS;
    return 0;
}

static void look(bool synchronized)
{
    struct witness_look l = {
        .wall = {wall_ns}, .raw = {raw_ns}, .synchronized = synchronized, .has_battery = true};

    l.battery.lo_ns = battery_ns - battery_ns % NS_PER_S;
    l.battery.hi_ns = l.battery.lo_ns + NS_PER_S;
    (void)clock_witness_look(&w, &l);
}

static void pass(int64_t ns)
{
    raw_ns += ns;
    wall_ns += ns;
    battery_ns += ns;
}

static void step(int64_t ns)
{
    wall_ns += ns;
    clock_witness_stepped(&w, ns);
}

/*
 * An engine in other hands steps by a year before the first synchronization, as it may, says that
 * it is synchronized, and has ntsc look before the kernel has set the battery clock.
 */
static void setting_is_no_pause(void **state)
{
    const int64_t later[] = {0, NS_PER_S / 100, NS_PER_S, 20 * NS_PER_S, 700 * NS_PER_S};

    (void)state;
    look(false);
    step(YEAR_NS);
    pass(NS_PER_S / 1000);
    look(true);
    pass(NS_PER_S / 1000);
    look(true);
    battery_ns = wall_ns; /* the kernel has set it */
    for (unsigned i = 0; i < sizeof later / sizeof *later; i++) {
        pass(later[i]);
        look(i % 2 == 0);
        assert_false(clock_witness_allows(&w, YEAR_NS));
        assert_false(clock_witness_allows(&w, -YEAR_NS));
    }
}

/* What it is ahead by in any case is no pause, but what is beyond is, at any time. */
static void pause_before_setting(void **state)
{
    const int64_t pause_ns = 600 * NS_PER_S;

    (void)state;
    battery_ns -= 30 * NS_PER_S;
    look(false);
    step(-20 * NS_PER_S); /* it is 10 s behind now */
    pass(NS_PER_S);
    battery_ns += pause_ns;
    look(false);
    assert_true(clock_witness_allows(&w, pause_ns));
    assert_false(clock_witness_allows(&w, pause_ns / 2));
    assert_false(clock_witness_allows(&w, -pause_ns));
    step(pause_ns);
    assert_false(clock_witness_allows(&w, pause_ns));
}

/* Set at last, it counts to the second, as any other. */
static void settled(void **state)
{
    (void)state;
    battery_ns -= 30 * NS_PER_S;
    look(false);
    for (int i = 0; i < 40; i++) {
        pass(NS_PER_S + NS_PER_S / 40);
        look(true);
        if (i == 1)
            battery_ns = wall_ns;
    }
    battery_ns += 10 * NS_PER_S;
    look(true);
    assert_true(clock_witness_allows(&w, 10 * NS_PER_S));
    assert_false(clock_witness_allows(&w, 13 * NS_PER_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(setting_is_no_pause, fresh),
        cmocka_unit_test_setup(pause_before_setting, fresh),
        cmocka_unit_test_setup(settled, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
