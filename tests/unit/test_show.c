/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "common/base/show.h"
#include "tests/unit/test.h"

static void expect(const char *from, const char *wanted)
{
    char to[200];

    assert_int_equal(show_text(to, sizeof to, from, strlen(from)), strlen(wanted));
    assert_string_equal(to, wanted);
}

static void test_plain(void **state)
{
    (void)state;
    expect("", "");
    expect("a.test:123 offset +1.5 us \"\\", "a.test:123 offset +1.5 us \"\\");
    expect("Grüße, 時計, 🕐", "Grüße, 時計, 🕐");
}

static void test_control(void **state)
{
    (void)state;
    expect("\033]0;owned\a", "\\x1b]0;owned\\x07");
    expect("one\ntwo\r\t\b", "one\\x0atwo\\x0d\\x09\\x08");
    expect("\177", "\\x7f");
    expect("\302\233"
           "31m",
           "\\xc2\\x9b31m"); /* CSI, in UTF-8 */
    expect("\233"
           "31m",
           "\\x9b31m");                            /* and as an octet */
    expect("a\342\200\256b", "a\\xe2\\x80\\xaeb"); /* right-to-left override */
}

static void test_not_utf8(void **state)
{
    (void)state;
    expect("\300\233", "\\xc0\\x9b"); /* ESC, overlong */
    expect("\340\200\233", "\\xe0\\x80\\x9b");
    expect("\355\240\200", "\\xed\\xa0\\x80");          /* a surrogate */
    expect("\364\220\200\200", "\\xf4\\x90\\x80\\x80"); /* beyond the last */
    expect("\303", "\\xc3");                            /* cut */
    expect("\303(", "\\xc3(");
    expect("\377\376", "\\xff\\xfe");
}

/* Nothing that comes out steers a terminal, whatever goes in, and nothing is written beyond. */
static void test_any(void **state)
{
    char from[64], to[200];
    uint64_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        size_t n = test_below(&seed, sizeof from), cap = 1 + test_below(&seed, 150), len;

        test_random_fill(&seed, (uint8_t *)from, sizeof from);
        memset(to, 1, sizeof to);
        len = show_text(to, cap, from, n);
        assert_true(len < cap && to[len] == 0);
        for (size_t k = 0; k < sizeof to; k++) {
            uint8_t c = (uint8_t)to[k];

            if (k < len)
                assert_true(c >= 0x20 && c != 0x7f &&
                            !(c >= 0x80 && c < 0xa0 && k > 0 && (uint8_t)to[k - 1] == 0xc2));
            else if (k > len)
                assert_int_equal(c, 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_control),
                                       cmocka_unit_test(test_not_utf8), cmocka_unit_test(test_any)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
