/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "client/shared/format.h"

static void test_times(void **state)
{
    static const struct {
        int64_t ns;
        bool sign;
        int digits;
        const char *text;
    } cases[] = {
        {0, true, 4, "+0 ns"},
        {0, false, 4, "0 ns"},
        {-1, true, 4, "-1 ns"},
        {999, true, 3, "+999 ns"},
        {1000, true, 3, "+1 us"},
        {12346, true, 4, "+12.35 us"},
        {12345, true, 3, "+12.3 us"},
        {999499, false, 3, "999 us"},
        {999600, false, 3, "1 ms"},
        {999999, false, 4, "1 ms"},
        {-999999999, true, 4, "-1 s"},
        {599 * NS_PER_S, true, 3, "+599 s"},
        {-600 * NS_PER_S, true, 4, "-10 min"},
        {25200 * NS_PER_S, true, 4, "+7 h"},
        {12345 * NS_PER_S, true, 3, "+3.43 h"},
        {999 * NS_PER_S + NS_PER_S / 2, false, 3, "16.7 min"},
        {-259200 * NS_PER_S, true, 4, "-3 d"},
        {20000 * 86400 * NS_PER_S, true, 4, "+20000 d"},
        {INT64_MIN, true, 4, "-106752 d"},
        {INT64_MAX, false, 3, "106752 d"},
    };
    char text[REPORT_TIME];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        format_time(cases[i].ns, cases[i].sign, cases[i].digits, text);
        assert_string_equal(text, cases[i].text);
    }
    report_time(12346, true, text);
    assert_string_equal(text, "+12.35 us");
}

static void test_spans(void **state)
{
    static const struct {
        int64_t s;
        const char *text;
    } cases[] = {{0, "0 s"},    {119, "119 s"},   {120, "2 min"},     {7199, "119 min"},
                 {7200, "2 h"}, {172799, "47 h"}, {172800, "2 days"}, {-5, "-5 s"}};
    char text[REPORT_TIME];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        format_span(cases[i].s * NS_PER_S + NS_PER_S / 2 * (cases[i].s >= 0), text);
        assert_string_equal(text, cases[i].text);
    }
    format_span(INT64_MAX, text);
    assert_string_equal(text, "106751 days");
}

static void test_dates(void **state)
{
    char text[REPORT_TIME];

    (void)state;
    format_date((struct wall){INT64_C(1795300012999999999)}, text);
    assert_string_equal(text, "2026-11-21 22:26:52 UTC");
    format_date((struct wall){-1}, text);
    assert_string_equal(text, "1969-12-31 23:59:59 UTC");
    format_date((struct wall){INT64_MIN}, text);
    assert_string_equal(text, "1677-09-21 00:12:43 UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_dates),
    };

    return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
