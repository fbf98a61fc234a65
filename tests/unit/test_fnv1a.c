/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/base/fnv1a.h"

/* Files are found by these numbers: they may never change. */
static void test_published_values(void **state)
{
    (void)state;
    assert_true(fnv1a("") == UINT64_C(0xcbf29ce484222325));
    assert_true(fnv1a("a") == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(fnv1a("foobar") == UINT64_C(0x85944171f73967e8));
    assert_true(fnv1a("\xff") == UINT64_C(0xaf64724c8602eb6e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published_values)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
