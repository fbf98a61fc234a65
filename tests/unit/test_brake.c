/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an honest source does passes, and whoever asks without end gets little. */
#include "client/ntsc/brake.h"
#include "common/nts/nts_ke_backoff.h"
#include "common/source/source.h"
#include "tests/unit/test.h"

#define BURST    5
#define TOKEN_NS (2 * NS_PER_S)
#define DAY_S    86400

static void test_bucket(void **state)
{
    struct brake_bucket b = {0};
    struct mono now = {1000 * NS_PER_S};
    unsigned passed = 0;

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        passed += brake_pass(&b, now, BURST, TOKEN_NS);
    assert_int_equal(passed, BURST);
    assert_int_equal(b.refused, 100 - BURST);
    now = brake_free(&b, BURST, TOKEN_NS);
    assert_int_equal(now.ns, 1000 * NS_PER_S + TOKEN_NS);
    assert_true(brake_pass(&b, now, BURST, TOKEN_NS));
    assert_int_equal(b.refused, 0);
    assert_false(brake_pass(&b, now, BURST, TOKEN_NS));
    /* An hour in which it is tried all the time. */
    for (passed = 0; now.ns < 4600 * NS_PER_S; now.ns += NS_PER_S / 100)
        passed += brake_pass(&b, now, BURST, TOKEN_NS);
    assert_in_range(passed, 3600 / 2 - 2, 3600 / 2 + 2);
    now.ns += BURST * TOKEN_NS;
    for (passed = 0; brake_pass(&b, now, BURST, TOKEN_NS);)
        passed++;
    assert_int_equal(passed, BURST);
}

/* A server that never answers, asked as RFC 8915 section 4.2 wants. */
static void test_failures_pass(void **state)
{
    struct brake_ke b = {0};
    struct mono now = {NS_PER_S};

    (void)state;
    for (unsigned n = 1; n < 60; n++) {
        assert_true(brake_ke_pass(&b, now));
        now.ns += nts_ke_backoff_ns(n);
    }
}

/* Good exchanges: a step of the clock behind the first, and one every half an hour for months. */
static void test_good_ones_pass(void **state)
{
    struct brake_ke b = {0};
    struct mono now = {NS_PER_S};

    (void)state;
    for (unsigned i = 0; i < 3; i++, now.ns += NS_PER_S)
        assert_true(brake_ke_pass(&b, now));
    for (unsigned i = 0; i < 5000; i++) {
        now.ns += 1800 * NS_PER_S;
        assert_true(brake_ke_pass(&b, now));
    }
}

static void test_storm(void **state)
{
    struct brake_ke b = {0};
    struct mono now = {NS_PER_S};
    unsigned first = 0, day = 0;

    (void)state;
    for (; now.ns < 60 * NS_PER_S; now.ns += NS_PER_S / 100)
        first += brake_ke_pass(&b, now);
    assert_in_range(first, BRAKE_KE_FREE, BRAKE_KE_FREE + 4);
    for (; now.ns < DAY_S * NS_PER_S; now.ns += NS_PER_S / 10)
        day += brake_ke_pass(&b, now);
    assert_in_range(day, 10, DAY_S / 900 + 20);
}

/* A network that comes and goes: nothing is held against the server when there is one again. */
static void test_unreached(void **state)
{
    struct brake_ke b = {0};
    struct mono now = {NS_PER_S};
    unsigned made = 0;

    (void)state;
    for (; now.ns < 600 * NS_PER_S; now.ns += NS_PER_S / 2) {
        if (!brake_ke_pass(&b, now))
            continue;
        brake_ke_unreached(&b);
        made++;
    }
    assert_in_range(made, 600 / 5, 600 / 5 + BRAKE_KE_STARTS);
    for (unsigned n = 0; n < BRAKE_KE_FREE; n++) {
        now.ns += BRAKE_KE_START_NS;
        assert_true(brake_ke_pass(&b, now));
    }
    now.ns += BRAKE_KE_START_NS;
    assert_false(brake_ke_pass(&b, now));
}

/* What came before counts as before, whatever reached nobody since. */
static void test_unreached_behind_others(void **state)
{
    struct brake_ke b = {0};
    struct mono now = {NS_PER_S};
    struct mono free;

    (void)state;
    for (unsigned n = 0; n < 8; n++) {
        now.ns = brake_ke_free(&b).ns > now.ns ? brake_ke_free(&b).ns : now.ns;
        assert_true(brake_ke_pass(&b, now));
    }
    free = brake_ke_free(&b);
    assert_true(free.ns > now.ns + BRAKE_KE_START_NS);
    assert_false(brake_ke_pass(&b, (struct mono){free.ns - 1}));
    assert_true(brake_ke_pass(&b, free));
    brake_ke_unreached(&b);
    assert_true(brake_ke_free(&b).ns <= free.ns);
    assert_true(brake_ke_pass(&b, (struct mono){free.ns + 1}));
    assert_false(brake_ke_pass(&b, (struct mono){free.ns + 2}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bucket),         cmocka_unit_test(test_failures_pass),
        cmocka_unit_test(test_good_ones_pass), cmocka_unit_test(test_storm),
        cmocka_unit_test(test_unreached),      cmocka_unit_test(test_unreached_behind_others)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
