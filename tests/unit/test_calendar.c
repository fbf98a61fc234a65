/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <time.h>

#include "common/base/calendar.h"
#include "tests/unit/test.h"

/* Days that others count: the C library, for every day of 1600 years and the ends of time. */
static void as_the_library(void **state)
{
    (void)state;
    for (int64_t day = -400 * 366; day < 1200 * 366; day++) {
        time_t s = (time_t)(day * 86400 + 1);
        struct calendar_date d = calendar_date(day);
        struct tm tm;

        assert_non_null(gmtime_r(&s, &tm));
        assert_int_equal(d.year, tm.tm_year + 1900);
        assert_int_equal(d.month, tm.tm_mon + 1);
        assert_int_equal(d.day, tm.tm_mday);
        assert_int_equal(calendar_day_of(d), day);
        assert_in_range(d.day, 1, calendar_month_days(d.year, d.month));
    }
}

static void texts(void **state)
{
    static const struct {
        int64_t s;
        const char *date, *time;
    } cases[] = {
        {0, "1970-01-01", "1970-01-01 00:00:00 UTC"},
        {-1, "1969-12-31", "1969-12-31 23:59:59 UTC"},
        {951782400, "2000-02-29", "2000-02-29 00:00:00 UTC"},
        {4107542399, "2100-02-28", "2100-02-28 23:59:59 UTC"},
        {4107542400, "2100-03-01", "2100-03-01 00:00:00 UTC"},
        /* The ends of what nanoseconds since 1970 hold, and of the year's four digits. */
        {INT64_MAX / 1000000000, "2262-04-11", "2262-04-11 23:47:16 UTC"},
        {INT64_MIN / 1000000000, "1677-09-21", "1677-09-21 00:12:44 UTC"},
        {253402300800, "10000-01-01", "10000-01-01 00:00:00 UTC"},
    };
    char buf[CALENDAR_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        calendar_date_text(cases[i].s, buf);
        assert_string_equal(buf, cases[i].date);
        calendar_time_text(cases[i].s, buf);
        assert_string_equal(buf, cases[i].time);
    }
    assert_int_equal(calendar_month_days(1900, 2), 28);
    assert_int_equal(calendar_month_days(2000, 2), 29);
    /* Any second at all has a text that ends. */
    calendar_time_text(INT64_MAX, buf);
    calendar_time_text(INT64_MIN, buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_library), cmocka_unit_test(texts)};

    return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
