/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>

#include "common/base/decimal.h"

static const struct {
    int64_t ns;
    const char *text;
} times[] = {
    {0, "0.000000000"},
    {1, "0.000000001"},
    {-1, "-0.000000001"},
    {-12000000345, "-12.000000345"},
    {1795300000123456789, "1795300000.123456789"},
    {INT64_MAX, "9223372036.854775807"},
    {INT64_MIN, "-9223372036.854775808"},
};

static void test_ns(void **state)
{
    char text[DECIMAL_NS_TEXT];
    int64_t ns;

    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        decimal_from_ns(times[i].ns, text);
        assert_string_equal(text, times[i].text);
        assert_true(decimal_to_ns(text, strlen(text), &ns));
        assert_int_equal(ns, times[i].ns);
    }
    assert_true(decimal_to_ns("-0", 2, &ns));
    assert_int_equal(ns, 0);
    assert_true(decimal_to_ns("64.5", 4, &ns));
    assert_int_equal(ns, 64500000000);
    assert_true(decimal_to_ns("64.5", 2, &ns)); /* the length counts */
    assert_int_equal(ns, 64000000000);
}

static void test_ns_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      ".",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "1e3",
                                      " 1",
                                      "1 ",
                                      "--1",
                                      "0x1",
                                      "1.0000000000",
                                      "9223372036.854775808",
                                      "-9223372036.854775809",
                                      "18446744073.709551616",
                                      "99999999999999999999999"};
    int64_t ns = 77;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(decimal_to_ns(bad[i], strlen(bad[i]), &ns));
    assert_int_equal(ns, 77);
}

static void test_int(void **state)
{
    int64_t v = 77;

    (void)state;
    assert_false(decimal_to_int("256", 3, 0, 255, &v));
    assert_false(decimal_to_int("-1", 2, 0, 255, &v));
    assert_false(decimal_to_int("1.0", 3, 0, 255, &v));
    assert_false(decimal_to_int("", 0, 0, 255, &v));
    assert_int_equal(v, 77);
    assert_true(decimal_to_int("255", 3, 0, 255, &v));
    assert_int_equal(v, 255);
    assert_true(decimal_to_int("-9223372036854775808", 20, INT64_MIN, INT64_MAX, &v));
    assert_true(v == INT64_MIN);
}

/* What %.9g writes is read as strtod() does. */
static void test_double(void **state)
{
    uint64_t seed = 4;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        double v = ((double)test_random(&seed) - 9e18) * pow(10, (double)(i % 30) - 31);
        char text[32];
        double read, right;

        snprintf(text, sizeof text, "%.9g", v);
        right = strtod(text, NULL);
        assert_true(decimal_to_double(text, strlen(text), &read));
        if (fabs(right) > 1e-13)
            assert_memory_equal(&read, &right, sizeof read);
        else
            assert_true(fabs(read - right) <= fabs(right) * 1e-15);
    }
}

static void test_double_edges(void **state)
{
    static const char *const good[] = {
        "0",
        "-0",
        "5e-324",
        "1e-300",
        "1.7976931348623157e308",
        "1E+2",
        "0.1e-1",
        "1e22",
        "1e23",
        "123456789012345678901234567890",
        "0.1234567890123456789012345678901234567890",
        "1e-399",
    };
    static const char *const bad[] = {
        "",    "e1",  "1e",    "1e+", "1.", ".1",    "1e401",
        "inf", "nan", "1e309", "-",   "1f", "1.2.3", "1e99999999999999999999"};
    double v = 77;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(decimal_to_double(bad[i], strlen(bad[i]), &v));
    assert_true(v > 76 && v < 78);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double right = strtod(good[i], NULL);

        assert_true(decimal_to_double(good[i], strlen(good[i]), &v));
        assert_true(fabs(v - right) <= fabs(right) * 1e-14);
    }
}

static void digits(void **state)
{
    uint64_t v;

    (void)state;
    assert_int_equal(decimal_digits("", 0, 19, &v), 0);
    assert_int_equal(v, 0);
    assert_int_equal(decimal_digits("-1", 2, 19, &v), 0);
    assert_int_equal(decimal_digits("007x", 4, 19, &v), 3);
    assert_int_equal(v, 7);
    assert_int_equal(decimal_digits("12345", 5, 3, &v), 3);
    assert_int_equal(v, 123);
    assert_int_equal(decimal_digits("12345", 2, 3, &v), 2);
    assert_int_equal(v, 12);
    assert_int_equal(decimal_digits("99999999999999999999", 20, 19, &v), 19);
    assert_true(v == UINT64_C(9999999999999999999));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits),          cmocka_unit_test(test_ns),
        cmocka_unit_test(test_ns_refused), cmocka_unit_test(test_int),
        cmocka_unit_test(test_double),     cmocka_unit_test(test_double_edges),
    };

    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
