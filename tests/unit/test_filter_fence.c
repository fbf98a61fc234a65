/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_fence.h"
#include "tests/unit/test.h"

#include <math.h>

/* What all exchanges have in common, and no more. */
static void intersects(void **state)
{
    struct filter_fence f = {.known = false};

    (void)state;
    assert_int_equal(filter_fence_add(&f, 3, 1), FILTER_FENCE_AGREES);
    assert_true(f.lower == -1 && f.upper == 3);
    assert_int_equal(filter_fence_add(&f, 2, 4), FILTER_FENCE_AGREES);
    assert_true(f.lower == -1 && f.upper == 2);
    assert_true(filter_fence_within(&f, 5) == 2);
    assert_true(filter_fence_within(&f, -5) == -1);
    assert_true(filter_fence_within(&f, 0.5) == 0.5);
}

/* It moves with the rate and is widened by what nobody knows: 5 deviations and 1 ppm. */
static void drifts(void **state)
{
    struct filter_fence f = {.lower = 0, .upper = 1, .known = true};

    (void)state;
    filter_fence_later(&f, 1e-3, 2e-4, 1000);
    assert_true(fabs(f.lower - (1 - 1 - 1e-3)) < 1e-12);
    assert_true(fabs(f.upper - (1 + 1 + 1 + 1e-3)) < 1e-12);
}

/* Three contradictions are ignored, the fourth is believed, and one that agrees begins anew. */
static void contradictions(void **state)
{
    struct filter_fence f = {.known = false};

    (void)state;
    (void)filter_fence_add(&f, 1, 1);
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i < FILTER_FENCE_JUMP; i++) {
            assert_int_equal(filter_fence_add(&f, 11, -9), FILTER_FENCE_CONTRADICTS);
            assert_int_equal(f.missed, i);
            assert_true(f.lower == -1 && f.upper == 1);
        }
        if (round == 0)
            assert_int_equal(filter_fence_add(&f, 1, 1), FILTER_FENCE_AGREES);
    }
    assert_int_equal(filter_fence_add(&f, 12, -8), FILTER_FENCE_MOVED);
    assert_true(f.lower == 8 && f.upper == 12 && f.missed == 0);
}

/* Stamps of a coarse clock: the round trip seems to be a little less than none. */
static void negative_delay(void **state)
{
    struct filter_fence f = {.known = false};

    (void)state;
    assert_int_equal(filter_fence_add(&f, 1, -1.5), FILTER_FENCE_AGREES);
    assert_true(f.lower == 1 && f.upper == 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intersects),
        cmocka_unit_test(drifts),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(negative_delay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
