/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/clock/check_limit.h"

#define MS INT64_C(1000000)

static const struct check_limits none = {-1, -1, -1, -1};

/* What an attacker could have done counts as well: offset and bound together. */
static void test_worst_case_is_judged(void **state)
{
    const struct check_limits l = {
        .warn_s = 0.1, .crit_s = 1, .warn_bound_s = -1, .crit_bound_s = -1};

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
    const struct check_limits l = {
        .warn_s = -1, .crit_s = -1, .warn_bound_s = 0.01, .crit_bound_s = 0.1};

    (void)state;
    assert_int_equal(check_judge(&l, 5000 * MS, 10 * MS), CHECK_OK);
    assert_int_equal(check_judge(&l, 0, 11 * MS), CHECK_WARNING);
    assert_int_equal(check_judge(&l, 0, 101 * MS), CHECK_CRITICAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worst_case_is_judged),
        cmocka_unit_test(test_bound_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
