/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <math.h>

#include "common/clock/rate_range.h"

#define MS INT64_C(1000000)

static struct rate_range r;

/* An exchange at t s of a clock that lacks `rate`; the ways take `up` and `down`. */
static void exchange(double t, double rate, int64_t up, int64_t down)
{
    int64_t phase = (int64_t)(t * rate * 1e9);

    rate_range_add(&r, (struct raw){(int64_t)(t * 1e9)}, phase - down, phase + up);
}

/* An estimate that believes 0 +- 1e-9 is not believed before the rate was seen. */
static void unseen_until_seen(void **state)
{
    const double rates[] = {0, 4e-4, -4e-4, 0.05, -0.0526};

    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        double rate = rates[i];

        rate_range_init(&r);
        assert_true(rate_range_reach(&r, 0, 1e-9) >= 0.1);
        exchange(1, rate, 30 * MS, 2 * MS);
        assert_true(rate_range_reach(&r, 0, 1e-9) >= 0.1);
        for (double t = 3; t < 3000; t *= 1.3) {
            exchange(t, rate, 2 * MS, 30 * MS);
            assert_true(rate_range_reach(&r, 0, 1e-9) >= fabs(rate));
            assert_true(rate_range_reach(&r, rate, 1e-9) >= RATE_DRIFT);
        }
        assert_true(r.seen);
        assert_true(rate_range_reach(&r, rate, 1e-9) < 2 * RATE_DRIFT);
    }
}

/* What comes too early says nothing, and what is seen is of the recent past. */
static void follows(void **state)
{
    (void)state;
    rate_range_init(&r);
    for (int t = 0; t < 1000; t += 100)
        exchange(t, 0, MS, MS);
    assert_true(r.seen);
    for (int t = 1000; t < 3000; t += 10)
        exchange(t, 1e-6, MS, MS);
    assert_true(rate_range_reach(&r, 1e-6, 1e-9) < 2 * RATE_DRIFT);
    assert_true(rate_range_reach(&r, 300e-6, 1e-9) > 200e-6);
}

static void doubt_opens_it(void **state)
{
    (void)state;
    rate_range_init(&r);
    for (int t = 0; t < 1000; t += 100)
        exchange(t, 0, MS, MS);
    rate_range_doubt(&r, 0);
    assert_true(rate_range_reach(&r, 0, 1e-9) >= RATE_USUAL);
    exchange(1000, 0, MS, MS);
    exchange(1064, 0, MS, MS);
    assert_true(rate_range_reach(&r, 0, 1e-9) < 100e-6);
    rate_range_break(&r); /* phases are gone, what is known of the rate is not */
    assert_true(rate_range_reach(&r, 0, 1e-9) < 100e-6);
}

/* A first exchange of two seconds would hide the rate for hours: a better one takes its place. */
static void a_narrower_one_takes_over(void **state)
{
    (void)state;
    rate_range_init(&r);
    exchange(1, 3e-5, 2000 * MS, MS);
    exchange(3, 3e-5, 1, MS / 10);
    for (int t = 5; t < 9; t += 2)
        exchange(t, 3e-5, MS / 10, 1);
    assert_true(r.seen);
    assert_true(rate_range_reach(&r, 3e-5, 1e-9) < 2 * RATE_DRIFT);
    assert_true(rate_range_reach(&r, 0, 1e-9) >= 3e-5 - RATE_DRIFT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unseen_until_seen),
        cmocka_unit_test(follows),
        cmocka_unit_test(doubt_opens_it),
        cmocka_unit_test(a_narrower_one_takes_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
