/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include "common/source/net_quiet.h"

#define MS (NS_PER_S / 1000)

static struct mono at(int64_t ms)
{
    return (struct mono){ms * MS};
}

/* Something stirs every so many ms, from 0 to `until`; counts the looks, each of which takes cost.
 */
static unsigned looks(int64_t every, int64_t until, int64_t cost, int64_t *last)
{
    struct net_quiet q = {.waiting = false};
    bool stirred = false; /* and nobody has seen it */
    unsigned n = 0;

    for (int64_t ms = 0; ms < until + 600000; ms++) {
        stirred = stirred || (ms % every == 0 && ms <= until);
        if (stirred && !q.waiting) {
            net_quiet_stirred(&q, at(ms));
            stirred = false;
        }
        if (net_quiet_next(&q).ns > at(ms).ns)
            continue;
        if (net_quiet_over(&q, at(ms), stirred)) {
            n++;
            *last = ms;
            net_quiet_looked(&q, at(ms), at(ms + cost));
        }
        stirred = false;
    }
    return n;
}

static void one_event_one_look(void **state)
{
    int64_t last;

    (void)state;
    assert_int_equal(looks(1, 0, 0, &last), 1);
    assert_int_equal(last, 1000);
}

static void after_a_quiet_second(void **state)
{
    int64_t last;

    (void)state;
    assert_int_equal(looks(10, 5000, 0, &last), 1);
    assert_in_range(last, 6000, 7000);
}

static void never_quiet(void **state)
{
    int64_t last;

    (void)state;
    /* Thousands a minute for ten minutes: not more than one in 16 s, nor much less. */
    assert_in_range(looks(20, 600000, 0, &last), 600 / 18, 600 / 16 + 1);
    assert_in_range(last, 600000, 618000);
}

static void dear_looks(void **state)
{
    int64_t last;

    (void)state;
    /* One event in three seconds, and each look takes half a second. */
    assert_in_range(looks(3000, 600000, 500, &last), 20, 25);
    assert_in_range(last, 600000, 630000);
}

static void nothing_stirs(void **state)
{
    struct net_quiet q = {.waiting = false};

    (void)state;
    assert_true(net_quiet_next(&q).ns == INT64_MAX);
    assert_false(net_quiet_over(&q, at(5000), false));
    net_quiet_stirred(&q, at(0));
    assert_false(net_quiet_over(&q, at(999), false));
    assert_true(net_quiet_over(&q, at(1000), false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_event_one_look), cmocka_unit_test(after_a_quiet_second),
        cmocka_unit_test(never_quiet),        cmocka_unit_test(dear_looks),
        cmocka_unit_test(nothing_stirs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
