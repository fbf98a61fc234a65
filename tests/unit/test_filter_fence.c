/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/clock/filter_fence.h"
#include "tests/unit/test.h"

#include <math.h>

#include "common/clock/rate_range.h"

/* At rest: nothing but what is assumed of any oscillator. */
static const struct filter_fence_drift still = {.rate = 1e-6};

/* What all exchanges have in common, and no more. */
static void intersects(void **state)
{
    struct filter_fence f = {.known = false};

    (void)state;
    assert_int_equal(filter_fence_add(&f, 3, 1, &still), FILTER_FENCE_AGREES);
    assert_true(f.lower == -1 && f.upper == 3);
    assert_int_equal(filter_fence_add(&f, 2, 4, &still), FILTER_FENCE_AGREES);
    assert_true(f.lower == -1 && f.upper == 2);
    assert_true(filter_fence_within(&f, 5) == 2);
    assert_true(filter_fence_within(&f, -5) == -1);
    assert_true(filter_fence_within(&f, 0.5) == 0.5);
}

/* It moves with the rate and is widened by what that may be off. */
static void drifts(void **state)
{
    struct filter_fence f = {.lower = 0, .upper = 1, .known = true};

    (void)state;
    filter_fence_later(&f, 1e-3, 1e-3, 1000);
    assert_true(fabs(f.lower - (1 - 1)) < 1e-12);
    assert_true(fabs(f.upper - (1 + 1 + 1)) < 1e-12);
}

/* An exchange of a clock that lacks `rate`, t s after the start; the ways are `up` and `down` long.
 */
static enum filter_fence_says exchange(struct filter_fence *f, double t, double rate, double up,
                                       double down)
{
    return filter_fence_add(f, t * rate + up, down - t * rate, &still);
}

/*
 * Of the rate nothing is believed, but three narrow exchanges leave one alone: a fourth, behind a
 * long queue, says no more than they do.
 */
static void one_rate_leads_through(void **state)
{
    const double rates[] = {0, 3e-5, -4e-4, 0.05, -0.09};

    (void)state;
    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct filter_fence f = {.known = false};
        double rate = rates[i];

        for (int k = 0; k < 3; k++) {
            assert_int_equal(exchange(&f, 10 * k, rate, 1e-3, 1e-3), FILTER_FENCE_AGREES);
            filter_fence_later(&f, 0, RATE_UNSEEN, 10);
        }
        assert_int_equal(exchange(&f, 30, rate, 1e-3, 0.5), FILTER_FENCE_AGREES);
        /* through -1 ms, 20 s ago, and 1 ms, 10 s ago: 3 ms now, and what may be done in 30 s */
        assert_true(f.lower < 30 * rate && f.lower > 30 * rate - 3e-3 - 2e-4);
        assert_true(fabs(f.upper - (30 * rate + 1e-3)) < 1e-9);
    }
}

/* An oscillator that steps by what is assumed contradicts nobody. */
static void a_step_of_the_rate(void **state)
{
    struct filter_fence f = {.known = false};
    double phase = 0;

    (void)state;
    for (int k = 0; k < 40; k++) {
        double rate = k < 20 ? 0 : 2e-6; /* both signs of what `still` says */

        assert_int_equal(filter_fence_add(&f, phase + 1e-5, 1e-5 - phase, &still),
                         FILTER_FENCE_AGREES);
        assert_true(f.lower <= phase && phase <= f.upper);
        filter_fence_later(&f, 0, 2e-6, 1000);
        phase += rate * 1000;
    }
}

/* A server whose clock jitters by more than the round trip: the old ones go, the fence is whole. */
static void what_does_not_fit_is_dropped(void **state)
{
    struct filter_fence f = {.known = false};

    (void)state;
    for (int k = 0; k < 50; k++) {
        double off = (k * 7919 % 13 - 6) * 1e-4;

        (void)filter_fence_add(&f, off + 1e-4, 1e-4 - off, &still);
        assert_true(f.lower <= f.upper && f.posts >= 1 && f.posts <= FILTER_FENCE_RECENT);
        filter_fence_shift(&f, 3);
        filter_fence_shift(&f, -3);
        filter_fence_later(&f, 0, 2e-5, 64);
    }
}

/* Three contradictions are ignored, the fourth is believed, and one that agrees begins anew. */
static void contradictions(void **state)
{
    struct filter_fence f = {.known = false};

    (void)state;
    (void)filter_fence_add(&f, 1, 1, &still);
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i < FILTER_FENCE_JUMP; i++) {
            assert_int_equal(filter_fence_add(&f, 11, -9, &still), FILTER_FENCE_CONTRADICTS);
            assert_int_equal(f.missed, i);
            assert_true(f.lower == -1 && f.upper == 1);
        }
        if (round == 0)
            assert_int_equal(filter_fence_add(&f, 1, 1, &still), FILTER_FENCE_AGREES);
    }
    assert_int_equal(filter_fence_add(&f, 12, -8, &still), FILTER_FENCE_MOVED);
    assert_true(f.lower == 8 && f.upper == 12 && f.missed == 0);
}

/* Stamps of a coarse clock: the round trip seems to be a little less than none. */
static void negative_delay(void **state)
{
    struct filter_fence f = {.known = false};

    (void)state;
    assert_int_equal(filter_fence_add(&f, 1, -1.5, &still), FILTER_FENCE_AGREES);
    assert_true(f.lower == 1 && f.upper == 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intersects),
        cmocka_unit_test(drifts),
        cmocka_unit_test(one_rate_leads_through),
        cmocka_unit_test(a_step_of_the_rate),
        cmocka_unit_test(what_does_not_fit_is_dropped),
        cmocka_unit_test(contradictions),
        cmocka_unit_test(negative_delay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
