/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "common/base/near.h"

static const char *const words[] = {"server",  "step", "statedir", "minpoll",
                                    "maxpoll", "ca",   "log"};

static const char *near(const char *given)
{
    return near_word(given, words, sizeof words / sizeof words[0]);
}

static void test_one_slip(void **state)
{
    (void)state;
    assert_string_equal(near("sever"), "server");   /* left out */
    assert_string_equal(near("serrver"), "server"); /* inserted */
    assert_string_equal(near("serber"), "server");  /* replaced */
    assert_string_equal(near("sevrer"), "server");  /* swapped */
    assert_string_equal(near("stpe"), "step");
    assert_string_equal(near("lg"), "log");
}

static void test_two_slips(void **state)
{
    (void)state;
    assert_string_equal(near("sttaedirr"), "statedir");
    assert_string_equal(near("sevre"), "server");
    assert_null(near("svre")); /* two in a short word */
    assert_null(near("sttaedirrr"));
}

static void test_nothing(void **state)
{
    char longest[40];

    (void)state;
    assert_null(near(""));
    assert_null(near("xyz"));
    assert_null(near("mixpoll")); /* minpoll and maxpoll are as near */
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_null(near(longest));
    assert_null(near_word("step", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_slip),
        cmocka_unit_test(test_two_slips),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
