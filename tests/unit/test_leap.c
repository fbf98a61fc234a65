/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "common/clock/leap.h"
#include "tests/unit/test.h"

#define JUNE_30_2012 INT64_C(1341014400) /* 00:00:00 UTC */
#define DEC_31_2016  INT64_C(1483142400)
#define JULY_1_2012  (JUNE_30_2012 + 86400)

static struct wall at(int64_t s)
{
    return (struct wall){s * NS_PER_S};
}

static bool feed(struct leap_table *t, const char *line)
{
    return leap_table_line(t, line, strlen(line));
}

static void table(struct leap_table *t)
{
    leap_table_init(t);
    assert_true(feed(t, "# leap seconds\n"));
    assert_true(feed(t, "#@ 3912192000\n")); /* 2023-12-22 */
    assert_true(feed(t, "\n"));
    assert_true(feed(t, "#h 49db2447 571e5e1b\n"));
    assert_true(feed(t, "3439756800      34      # 1 Jan 2009\n"));
    assert_true(feed(t, "3550089600      35      # 1 Jul 2012\n"));
    assert_true(feed(t, "  3692217600\t37\r\n"));
}

static void tai(void **state)
{
    struct leap_table t;

    (void)state;
    table(&t);
    assert_int_equal(t.n, 3);
    assert_int_equal(leap_tai(&t, at(0)), 0);
    assert_int_equal(leap_tai(&t, at(-1)), 0);
    assert_int_equal(leap_tai(&t, at(JULY_1_2012 - 1)), 34);
    assert_int_equal(leap_tai(&t, at(JULY_1_2012)), 35);
    assert_int_equal(leap_tai(&t, at(t.expires_s - 1)), 37);
    assert_int_equal(leap_tai(&t, at(t.expires_s)), 0);
}

static void refused_lines(void **state)
{
    static const char *const bad[] = {"x",
                                      "3692217600",
                                      "3692217600 x",
                                      "3692217600 37 38",
                                      "3692217601 37",
                                      "3439756800 34",
                                      "3723753600 0",
                                      "3723753600 -5",
                                      "99999999999999999 37",
                                      "86400 10",
                                      "#@",
                                      "#@ x",
                                      "#@ 5",
                                      "-3723753600 38"};
    struct leap_table t;

    (void)state;
    table(&t);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (feed(&t, bad[i]))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(t.n, 3);
    }
    while (t.n < LEAP_TABLE_MAX) {
        char line[64];

        (void)snprintf(line, sizeof line, "%lld 40", (long long)(3723753600 + 86400 * t.n));
        assert_true(feed(&t, line));
    }
    assert_false(feed(&t, "4102444800 41"));
}

/* Every day of 130 years against the calendar counted up day by day. */
static void days(void **state)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct leap_table none;
    int year = 1970, month = 1, mday = 1;

    (void)state;
    leap_table_init(&none);
    for (int64_t day = 0; day < 365 * 130; day++) {
        bool leap_year = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        bool last = (month == 6 && mday == 30) || (month == 12 && mday == 31);

        assert_int_equal(leap_possible(&none, at(day * 86400), false), last);
        assert_int_equal(leap_possible(&none, at(day * 86400 + 86399), true), last);
        assert_int_equal(leap_next_midnight_s(at(day * 86400 + 86399)), (day + 1) * 86400);
        if (++mday > length[month - 1] + (month == 2 && leap_year)) {
            mday = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    assert_int_equal(leap_next_midnight_s(at(-1)), 0);
}

static void table_decides_while_it_covers(void **state)
{
    struct leap_table t;

    (void)state;
    table(&t);
    assert_true(leap_possible(&t, at(JUNE_30_2012), false));
    assert_true(leap_possible(&t, at(JUNE_30_2012 + 86399), false));
    assert_false(leap_possible(&t, at(JUNE_30_2012), true));
    assert_false(leap_possible(&t, at(JUNE_30_2012 - 1), false));
    assert_false(leap_possible(&t, at(JULY_1_2012), false));
    assert_false(leap_possible(&t, at(DEC_31_2016 - 366 * 86400), false));
    /* 2024-12-31 is behind the table's expiry: the majority alone decides. */
    assert_true(leap_possible(&t, at(1735603200), false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tai),
        cmocka_unit_test(refused_lines),
        cmocka_unit_test(days),
        cmocka_unit_test(table_decides_while_it_covers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
