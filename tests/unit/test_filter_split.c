/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_split.h"
#include "tests/unit/test.h"

#include <math.h>

static const double change = 20e-3;

/* Opens a change and says what was then seen of the asymmetry. */
static bool decides(double before, double seen, double sd, struct filter_split_view *out)
{
    const struct filter_split_view was = {before, 1e-14}, now = {seen, sd * sd};
    struct filter_split s = {.open = false};
    double adds = filter_split_begin(&s, &was, 40e-3, change);

    assert_true(fabs(adds - change * change / 6) < 1e-15);
    return filter_split_decide(&s, &now, 40e-3 + change, 1e-4, out);
}

static void three_hypotheses(void **state)
{
    struct filter_split_view out;

    (void)state;
    for (int k = -1; k <= 1; k++) {
        assert_true(decides(3e-3, 3e-3 + k * change / 2 + 2e-4, 3e-4, &out));
        assert_true(fabs(out.mean - (3e-3 + k * change / 2)) < 1e-9);
        assert_true(out.variance > 0 && out.variance < 1e-6);
    }
}

/* Not seen well enough, or between the hypotheses: the normal number stays. */
static void undecided(void **state)
{
    struct filter_split_view out;

    (void)state;
    assert_false(decides(0, 0.2 * change, change, &out));
    assert_false(decides(0, 0.25 * change, 0.2 * change, &out));
    assert_false(decides(0, 0.25 * change, 0.02 * change, &out));
}

/* Decided once, it is closed; and a way that has grown alone is believed to do so again. */
static void once_and_again(void **state)
{
    struct filter_split_view was = {0, 1e-14}, now = {change / 2, 1e-8}, out;
    struct filter_split s = {.open = false};

    (void)state;
    assert_false(filter_split_decide(&s, &now, 60e-3, 1e-4, &out));
    (void)filter_split_begin(&s, &was, 40e-3, change);
    assert_true(filter_split_decide(&s, &now, 60e-3, 1e-4, &out));
    assert_false(filter_split_decide(&s, &now, 60e-3, 1e-4, &out));
    assert_int_equal(s.alone, 1);
    /* as vague as could not have been decided the first time */
    now = (struct filter_split_view){change, pow(0.3 * change, 2)};
    was = out;
    (void)filter_split_begin(&s, &was, 60e-3, change);
    assert_true(filter_split_decide(&s, &now, 80e-3, 1e-4, &out));
    assert_true(fabs(out.mean - change) < 1e-9);
    s.alone = 0;
    (void)filter_split_begin(&s, &was, 60e-3, change);
    assert_false(filter_split_decide(&s, &now, 80e-3, 1e-4, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_hypotheses),
        cmocka_unit_test(undecided),
        cmocka_unit_test(once_and_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
