/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/test.h"

#include <string.h>

#include "common/status/plugin.h"

#define MS INT64_C(1000000)

static const struct check_limits none = CHECK_LIMITS_NONE;

static void test_one_host(void **state)
{
    const struct plugin_host h = {.name = "a.test",
                                  .offset_ns = -2 * MS,
                                  .bound_ns = 3 * MS,
                                  .delay_ns = 5 * MS,
                                  .stratum = 1,
                                  .cert_left_s = 129600};
    const struct plugin_result r = {.state = CHECK_WARNING,
                                    .words = "late",
                                    .limits = {.warn = {0, 0.004, 0},
                                               .crit = {0, 100, 0},
                                               .warn_bound = CHECK_RANGE_NONE,
                                               .crit_bound = {0, 1e-9, 0}},
                                    .offset_ns = -2 * MS,
                                    .bound_ns = 3 * MS,
                                    .hosts = &h,
                                    .n_hosts = 1};
    char buf[PLUGIN_LINE_MAX];

    (void)state;
    plugin_line(&r, buf, sizeof buf);
    assert_string_equal(
        buf, "NTS WARNING - late | 'offset'=-0.002000000s 'bound'=0.003000000s;;0.000000001;0 "
             "'error'=0.005000000s;0.004;100;0 'delay'=0.005000000s 'stratum'=1 "
             "'certificate_days'=1.5");
}

static void test_several_hosts(void **state)
{
    const struct plugin_host h[] = {
        {.name = "a.test",
         .offset_ns = MS,
         .bound_ns = MS,
         .delay_ns = MS,
         .stratum = 2,
         .cert_left_s = INT64_MIN},
        {.name = "b'=|.test", .bound_ns = -1, .cert_left_s = -8640},
    };
    const struct plugin_result r = {.state = CHECK_OK,
                                    .words = "x",
                                    .limits = none,
                                    .offset_ns = MS,
                                    .bound_ns = MS,
                                    .hosts = h,
                                    .n_hosts = 2};
    char buf[PLUGIN_LINE_MAX];

    (void)state;
    plugin_line(&r, buf, sizeof buf);
    assert_string_equal(buf, "NTS OK - x | 'offset'=0.001000000s 'bound'=0.001000000s;;;0 "
                             "'error'=0.002000000s;;;0 'a.test offset'=0.001000000s "
                             "'a.test bound'=0.001000000s 'a.test delay'=0.001000000s "
                             "'a.test stratum'=2 'b___.test certificate_days'=-0.1");
}

static void test_nothing_known(void **state)
{
    const struct plugin_host h = {.name = "a.test", .bound_ns = -1, .cert_left_s = INT64_MIN};
    const struct plugin_result r = {.state = CHECK_UNKNOWN,
                                    .words = "no answer",
                                    .limits = none,
                                    .bound_ns = -1,
                                    .hosts = &h,
                                    .n_hosts = 1};
    char buf[PLUGIN_LINE_MAX], small[8];

    (void)state;
    plugin_line(&r, buf, sizeof buf);
    assert_string_equal(buf, "NTS UNKNOWN - no answer");
    plugin_line(&r, small, sizeof small);
    assert_string_equal(small, "NTS UNK");
}

static void test_ranges(void **state)
{
    static const struct {
        struct check_range r;
        const char *text;
    } cases[] = {
        {CHECK_RANGE_NONE, ""},    {{0, 10, 0}, "10"},           {{10, 20, 0}, "10:20"},
        {{10, 20, 1}, "@10:20"},   {{-INFINITY, 10, 0}, "~:10"}, {{10, INFINITY, 0}, "10:"},
        {{0, INFINITY, 1}, "@0:"}, {{-0.5, 0, 0}, "-0.5:0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buf[64];
        struct text t = text_in(buf, sizeof buf);

        plugin_range(&t, &cases[i].r);
        assert_string_equal(buf, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_one_host),
        cmocka_unit_test(test_several_hosts),
        cmocka_unit_test(test_nothing_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
