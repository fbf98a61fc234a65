/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/clock/check_limit.h"

#define MS INT64_C(1000000)

static const struct check_limits none = CHECK_LIMITS_NONE;

/* What an attacker could have done counts as well: offset and bound together. */
static void test_worst_case_is_judged(void **state)
{
    const struct check_limits l = {{0, 0.1, 0}, {0, 1, 0}, CHECK_RANGE_NONE, CHECK_RANGE_NONE};

    (void)state;
    assert_int_equal(check_judge(&l, 0, 0), CHECK_OK);
    assert_int_equal(check_judge(&l, 60 * MS, 40 * MS), CHECK_OK); /* 0.1 s is not more than it */
    assert_int_equal(check_judge(&l, 60 * MS, 41 * MS), CHECK_WARNING);
    assert_int_equal(check_judge(&l, -60 * MS, 41 * MS), CHECK_WARNING);
    assert_int_equal(check_judge(&l, MS / 5, 1000 * MS), CHECK_CRITICAL);
    assert_int_equal(check_judge(&none, INT64_MIN / 2, INT64_MAX / 2), CHECK_OK);
}

static void test_bound_alone(void **state)
{
    const struct check_limits l = {CHECK_RANGE_NONE, CHECK_RANGE_NONE, {0, 0.01, 0}, {0, 0.1, 0}};

    (void)state;
    assert_int_equal(check_judge(&l, 5000 * MS, 10 * MS), CHECK_OK);
    assert_int_equal(check_judge(&l, 0, 11 * MS), CHECK_WARNING);
    assert_int_equal(check_judge(&l, 0, 101 * MS), CHECK_CRITICAL);
}

/* The examples of the guidelines' table. */
static void test_ranges(void **state)
{
    static const struct {
        struct check_range r;
        double ok, alert, alert_too;
    } cases[] = {
        {{0, 10, 0}, 10, -1, 10.1},         {{10, INFINITY, 0}, 10, 9.9, 0},
        {{-INFINITY, 10, 0}, -5, 10.1, 11}, {{10, 20, 0}, 15, 9.9, 20.1},
        {{10, 20, 1}, 9.9, 10, 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(check_range_given(&cases[i].r));
        assert_false(check_range_alerts(&cases[i].r, cases[i].ok));
        assert_true(check_range_alerts(&cases[i].r, cases[i].alert));
        assert_true(check_range_alerts(&cases[i].r, cases[i].alert_too));
    }
    assert_false(check_range_given(&none.warn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_worst_case_is_judged),
        cmocka_unit_test(test_bound_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
