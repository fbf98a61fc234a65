/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of cmocka as the unit tests use: the first thing that is wrong ends the program. */
#include "tests/unit/test.h"

#include <stdio.h>

void print_message(const char *const format, ...)
{
    va_list ap;

    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
}

void print_error(const char *const format, ...)
{
    va_list ap;

    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
}

void _fail(const char *const file, const int line)
{
    fprintf(stderr, "%s:%d: failed\n", file, line);
    exit(1);
}

static void need(bool fact, const char *file, int line)
{
    if (!fact)
        _fail(file, line);
}

void _assert_true(const LargestIntegralType result, const char *const expression,
                  const char *const file, const int line)
{
    if (result == 0)
        fprintf(stderr, "not true: %s\n", expression);
    need(result != 0, file, line);
}

void _assert_int_equal(const LargestIntegralType a, const LargestIntegralType b,
                       const char *const file, const int line)
{
    if (a != b)
        fprintf(stderr, "%lld is not %lld\n", (long long)a, (long long)b);
    need(a == b, file, line);
}

void _assert_int_not_equal(const LargestIntegralType a, const LargestIntegralType b,
                           const char *const file, const int line)
{
    need(a != b, file, line);
}

void _assert_in_range(const LargestIntegralType value, const LargestIntegralType least,
                      const LargestIntegralType most, const char *const file, const int line)
{
    need(value >= least && value <= most, file, line);
}

void _assert_string_equal(const char *const a, const char *const b, const char *const file,
                          const int line)
{
    if (strcmp(a, b) != 0)
        fprintf(stderr, "\"%s\" is not \"%s\"\n", a, b);
    need(strcmp(a, b) == 0, file, line);
}

void _assert_string_not_equal(const char *const a, const char *const b, const char *const file,
                              const int line)
{
    need(strcmp(a, b) != 0, file, line);
}

void _assert_memory_equal(const void *const a, const void *const b, const size_t size,
                          const char *const file, const int line)
{
    need(memcmp(a, b, size) == 0, file, line);
}

int _cmocka_run_group_tests(const char *group_name, const struct CMUnitTest *const tests,
                            const size_t num_tests, CMFixtureFunction group_setup,
                            CMFixtureFunction group_teardown)
{
    void *group = NULL;

    need(group_setup == NULL || group_setup(&group) == 0, group_name, 0);
    for (size_t i = 0; i < num_tests; i++) {
        void *state = tests[i].initial_state != NULL ? tests[i].initial_state : group;

        printf("%s\n", tests[i].name);
        fflush(stdout);
        need(tests[i].setup_func == NULL || tests[i].setup_func(&state) == 0, tests[i].name, 0);
        tests[i].test_func(&state);
        need(tests[i].teardown_func == NULL || tests[i].teardown_func(&state) == 0, tests[i].name,
             0);
    }
    need(group_teardown == NULL || group_teardown(&group) == 0, group_name, 0);
    return 0;
}
