/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "client/ntsc/watchdog.h"

#define HOUR (3600 * NS_PER_S)

static struct mono at(int64_t minutes)
{
    return (struct mono){7 * NS_PER_S + minutes * 60 * NS_PER_S};
}

static void test_nobody_cares(void **state)
{
    struct watchdog w;

    (void)state;
    watchdog_init(&w, 0, at(0));
    watchdog_heard(&w);
    assert_int_equal(watchdog_turn(&w, at(1000), true), WATCHDOG_NOTHING);
    assert_int_equal(watchdog_turn(&w, at(1000), false), WATCHDOG_NOTHING);
    assert_int_equal(watchdog_wait_ms(&w, at(1000)), -1);
}

/* An engine that polls now and then costs no wake-up. */
static void test_wake_ups_that_happen_anyway(void **state)
{
    struct watchdog w;
    unsigned told = 0;

    (void)state;
    watchdog_init(&w, HOUR, at(0));
    for (int64_t m = 1; m <= 600; m++) {
        watchdog_heard(&w);
        told += watchdog_turn(&w, at(m), true) == WATCHDOG_TELL ? 1 : 0;
        assert_true(watchdog_wait_ms(&w, at(m)) > 14 * 60 * 1000);
    }
    assert_int_equal(told, 40); /* every quarter */
}

static void test_silence(void **state)
{
    struct watchdog w;

    (void)state;
    watchdog_init(&w, HOUR, at(0));
    assert_int_equal(watchdog_turn(&w, at(29), true), WATCHDOG_NOTHING);
    assert_int_equal(watchdog_wait_ms(&w, at(29)), 60000);
    assert_int_equal(watchdog_wait_ms(&w, at(31)), 0);
    assert_int_equal(watchdog_turn(&w, at(30), true), WATCHDOG_ASK);
    /* Asked once; without an answer the manager is told nothing, however often we look. */
    assert_int_equal(watchdog_wait_ms(&w, at(31)), -1);
    for (int64_t m = 31; m < 200; m++)
        assert_int_equal(watchdog_turn(&w, at(m), true), WATCHDOG_NOTHING);
    watchdog_heard(&w);
    assert_int_equal(watchdog_turn(&w, at(200), true), WATCHDOG_TELL);
    assert_int_equal(watchdog_turn(&w, at(201), true), WATCHDOG_NOTHING);
    assert_int_equal(watchdog_turn(&w, at(230), true), WATCHDOG_ASK);
}

/* Between two engines there is nobody to ask. */
static void test_no_engine(void **state)
{
    struct watchdog w;

    (void)state;
    watchdog_init(&w, HOUR, at(0));
    assert_int_equal(watchdog_turn(&w, at(29), false), WATCHDOG_NOTHING);
    assert_int_equal(watchdog_turn(&w, at(30), false), WATCHDOG_TELL);
    assert_int_equal(watchdog_turn(&w, at(31), false), WATCHDOG_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_cares),
        cmocka_unit_test(test_wake_ups_that_happen_anyway),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_no_engine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
