/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/pilot.h"
#include "tests/unit/test.h"

#define MIDNIGHT INT64_C(1483228800) /* 2017-01-01, a leap second before it */

static struct ensemble e;

static int fresh(void **state)
{
    (void)state;
    memset(&e, 0, sizeof e);
    e.discipline.leap_midnight_s = MIDNIGHT;
    return 0;
}

static struct instant at(int64_t wall_ns)
{
    return (struct instant){.wall = {wall_ns}};
}

/* The clock goes back by one second as midnight comes, a little late, and nobody else did it. */
static void inserted(void **state)
{
    struct instant last = at(MIDNIGHT * NS_PER_S - NS_PER_S / 2);
    struct instant now = at((MIDNIGHT - 1) * NS_PER_S + 1000000);
    int64_t jump;

    (void)state;
    now.raw.ns = NS_PER_S / 2 + 1000000;
    jump = pilot_jump_ns(&e, &last, &now);
    assert_int_equal(jump, -NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump, &now), 0); /* not armed: somebody's step */
    e.discipline.leap_bits = CLOCK_INS;
    assert_int_equal(pilot_leap_ns(&e, jump, &now), -NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump + 90000000, &now), -NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump + 200000000, &now), 0);
    assert_int_equal(pilot_leap_ns(&e, -jump, &now), 0);
    assert_int_equal(pilot_leap_ns(&e, 0, &now), 0);
    now = at((MIDNIGHT - 3) * NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump, &now), 0);
    now = at((MIDNIGHT + 3600) * NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, jump, &now), 0);
}

static void deleted(void **state)
{
    struct instant now = at(MIDNIGHT * NS_PER_S + 1000000);

    (void)state;
    e.discipline.leap_bits = CLOCK_DEL;
    assert_int_equal(pilot_leap_ns(&e, NS_PER_S, &now), NS_PER_S);
    assert_int_equal(pilot_leap_ns(&e, -NS_PER_S, &now), 0);
}

/* Three within the hour are too many; what is one program's one deed counts once. */
static void foreign(void **state)
{
    struct pilot_foreign f = {.n = 0};
    const int64_t t = 5000;

    (void)state;
    assert_false(pilot_foreign(&f, (struct mono){t * NS_PER_S}));
    assert_false(pilot_foreign(&f, (struct mono){t * NS_PER_S + 1}));
    assert_false(pilot_foreign(&f, (struct mono){(t + 1800) * NS_PER_S}));
    assert_false(pilot_foreign(&f, (struct mono){(t + 3601) * NS_PER_S}));
    assert_true(pilot_foreign(&f, (struct mono){(t + 5000) * NS_PER_S}));
    assert_false(pilot_foreign(&f, (struct mono){(t + 9000) * NS_PER_S}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(inserted, fresh),
        cmocka_unit_test_setup(deleted, fresh),
        cmocka_unit_test(foreign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
