/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/cert_span.h"
#include "tests/unit/test.h"

static void cuts(void **state)
{
    struct cert_span s = CERT_SPAN_EVER;

    (void)state;
    assert_true(cert_span_holds(&s, INT64_MIN) && cert_span_holds(&s, INT64_MAX));
    cert_span_cut(&s, 100, 300);
    cert_span_cut(&s, 50, 250);
    cert_span_cut(&s, 120, 400);
    assert_int_equal(s.not_before_s, 120);
    assert_int_equal(s.not_after_s, 250);
    assert_false(cert_span_holds(&s, 119));
    assert_true(cert_span_holds(&s, 120));
    assert_true(cert_span_holds(&s, 250));
    assert_false(cert_span_holds(&s, 251));
    cert_span_cut(&s, 251, 400);
    for (int64_t t = 0; t < 500; t++)
        assert_false(cert_span_holds(&s, t));
}

/* What the time has to be, said in another way: tried one by one, the nearest to the clock. */
static bool nearest(const struct cert_span *s, int64_t now, int64_t floor, int64_t *time)
{
    bool found = false;

    for (int64_t t = 0; t < 20; t++) {
        if (!cert_span_holds(s, t) || t < floor)
            continue;
        if (!found || llabs(t - now) < llabs(*time - now))
            *time = t;
        found = true;
    }
    return found;
}

static void time_is_the_nearest(void **state)
{
    (void)state;
    for (int i = 0; i < 20 * 20 * 20 * 20; i++) {
        const struct cert_span s = {i % 20, i / 20 % 20};
        int64_t now = i / 400 % 20, floor = i / 8000, time = -1, expected = -1;
        bool found = cert_span_time(&s, now, floor, &time);

        assert_int_equal(found, nearest(&s, now, floor, &expected));
        assert_int_equal(time, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts),
        cmocka_unit_test(time_is_the_nearest),
    };

    return cmocka_run_group_tests_name("cert_span", tests, NULL, NULL);
}
