/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/interval.h"
#include "tests/unit/test.h"

static const struct interval_drift still = {0, 0, 0};

static struct raw at(int64_t s)
{
    return (struct raw){s * NS_PER_S};
}

/* Of two exchanges with opposite queues the phase is what both allow. */
static void narrows(void **state)
{
    struct interval iv = {.known = false};

    (void)state;
    interval_add(&iv, at(1), 9000, 2000, &still);
    assert_true(iv.known);
    assert_int_equal(iv.lo_ns, -2000);
    assert_int_equal(iv.hi_ns, 9000);
    interval_add(&iv, at(2), 3000, 8000, &still);
    assert_int_equal(iv.lo_ns, -2000);
    assert_int_equal(iv.hi_ns, 3000);
    assert_int_equal(interval_reach_ns(&iv, 0), 3000);
    assert_int_equal(interval_reach_ns(&iv, 2000), 4000);
    assert_int_equal(interval_reach_ns(&iv, 5000), 7000); /* also from outside */
}

static void moves_and_widens(void **state)
{
    const struct interval_drift d = {.frequency = 1e-6, .rate = 1e-7, .wander = 1e-9};
    struct interval iv = {-2000, 3000, at(0), true}, later = interval_at(&iv, at(100), &d);

    (void)state;
    /* 10 us by the rate and 1 us by the wander, which do not know of each other: 10.05 us. */
    assert_in_range(-2000 + 100000 - later.lo_ns, 10049, 10051);
    assert_in_range(later.hi_ns - 3000 - 100000, 10049, 10051);
    later = interval_at(&iv, at(-5), &d);
    assert_int_equal(later.lo_ns, iv.lo_ns);
    later = interval_at(&iv, at(INT64_C(4000000000)), &d);
    assert_true(later.lo_ns < later.hi_ns);
    /* An old one says less than a new exchange. */
    interval_add(&iv, at(100000), 100000000 + 5000, -100000000 + 5000, &d);
    assert_int_equal(iv.lo_ns, 100000000 - 5000);
    assert_int_equal(iv.hi_ns, 100000000 + 5000);
}

/* Whoever contradicts it has changed his clock: what was true before no longer is. */
static void contradiction_begins_anew(void **state)
{
    struct interval iv = {-2000, 3000, at(0), true};

    (void)state;
    interval_add(&iv, at(1), 10000, -3001, &still);
    assert_int_equal(iv.lo_ns, 3001);
    assert_int_equal(iv.hi_ns, 10000);
    interval_add(&iv, at(2), 3000, 1000, &still);
    assert_int_equal(iv.lo_ns, -1000);
    assert_int_equal(iv.hi_ns, 3000);
}

/* However the oscillator goes within what was promised, the truth stays inside. */
static void truth_stays_inside(void **state)
{
    const struct interval_drift d = {.frequency = 5e-6, .rate = 1e-6, .wander = 0};
    struct interval iv = {.known = false};
    uint64_t random = 7;
    double phase = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        double dt = 16 + (double)(test_random(&random) % 1000);
        double off = (double)(test_random(&random) % 2001);
        int64_t up = (int64_t)(test_random(&random) % 1000000),
                down = (int64_t)(test_random(&random) % 1000000);
        struct raw now = {iv.at.ns + (int64_t)(dt * 1e9)};

        phase += dt * 1e9 * (4e-6 + off * 1e-9);
        interval_add(&iv, now, (int64_t)phase + up, -(int64_t)phase + down, &d);
        assert_true(iv.lo_ns <= (int64_t)phase && (int64_t)phase <= iv.hi_ns);
        assert_true(iv.hi_ns - iv.lo_ns <= up + down);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(narrows),
        cmocka_unit_test(moves_and_widens),
        cmocka_unit_test(contradiction_begins_anew),
        cmocka_unit_test(truth_stays_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
