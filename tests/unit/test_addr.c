/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/addr.h"
#include "tests/unit/test.h"

static const struct {
    const char *text;
    uint8_t family;
    uint8_t octets[16];
    uint32_t scope;
} good[] = {
    {"0.0.0.0", 4, {0}, 0},
    {"192.0.2.1", 4, {192, 0, 2, 1}, 0},
    {"255.255.255.255", 4, {255, 255, 255, 255}, 0},
    {"::", 6, {0}, 0},
    {"::1", 6, {[15] = 1}, 0},
    {"1::", 6, {[1] = 1}, 0},
    {"2001:db8::a:B", 6, {0x20, 1, 0x0d, 0xb8, [13] = 0xa, [15] = 0xb}, 0},
    {"1:2:3:4:5:6:7:8", 6, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}, 0},
    {"1:2:3:4:5:6:7::", 6, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7}, 0},
    {"::2:3:4:5:6:7:8", 6, {0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}, 0},
    {"::ffff:192.0.2.33", 6, {[10] = 0xff, 0xff, 192, 0, 2, 33}, 0},
    {"1:2:3:4:5:6:1.2.3.4", 6, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4}, 0},
    {"fe80::1%2", 6, {0xfe, 0x80, [15] = 1}, 2},
    {"fe80::1%4294967295", 6, {0xfe, 0x80, [15] = 1}, UINT32_MAX},
};

static const char *const bad[] = {
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.4.",
    ".1.2.3.4",
    "1..2.3",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.00",
    "1.2.3.4%1",
    "1.2.3.x",
    "1.2.3.+4",
    "1.2.3.1000",
    ":",
    ":::",
    "1:",
    ":1",
    "1::2::3",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:1.2.3.4",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1%",
    "::1%0",
    "::1%eth0",
    "::1%4294967296",
    "[::1]",
    "::1 ",
    "192.0.2.1:123",
    "1:2:3:4:5:6:7:8%",
    "::1%1%1",
};

static void literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct net_addr a;

        memset(&a, 0xff, sizeof a);
        assert_true(addr_parse(good[i].text, strlen(good[i].text), &a));
        assert_int_equal(a.family, good[i].family);
        assert_memory_equal(a.addr, good[i].octets, 16);
        assert_int_equal(a.scope, good[i].scope);
        assert_int_equal(a.port, 0);
        assert_int_equal(a.zero, 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct net_addr a = {.port = 7};

        if (addr_parse(bad[i], strlen(bad[i]), &a))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(a.port, 7);
        assert_int_equal(a.family, 0);
    }
    /* The length counts, not a final 0. */
    struct net_addr a;
    assert_true(addr_parse("192.0.2.1234", 11, &a));
    assert_int_equal(a.addr[3], 123);
}

static void names(void **state)
{
    static const char *const yes[] = {"a",
                                      "localhost",
                                      "time.example",
                                      "a.",
                                      "time.example.",
                                      "a-b.c_d",
                                      "3com.example",
                                      "1.2.3.x4",
                                      "xn--bcher-kva.example"};
    static const char *const no[] = {"",        ".",     "a..",        ".a",        "1.",  "..",
                                     "a..b",    "-a",    "a-",         "a.-b",      "a b", "a/b",
                                     "1.2.3.4", "123",   "a.1",        "b\xc3\xbc", "a:b", "[a]",
                                     "*",       "127.1", "0x7f000001", "127.0x1",   "0X"};
    char longest[300];

    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(addr_is_name(yes[i], strlen(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        if (addr_is_name(no[i], strlen(no[i])))
            fail_msg("taken: %s", no[i]);
    }
    memset(longest, 'a', sizeof longest);
    assert_true(addr_is_name(longest, 63));
    assert_false(addr_is_name(longest, 64));
    for (size_t i = 60; i < sizeof longest; i += 60)
        longest[i] = '.';
    assert_true(addr_is_name(longest, 253));
    assert_false(addr_is_name(longest, 254));
}

static void with_port(void **state)
{
    static const struct {
        const char *host;
        unsigned port;
        const char *text;
    } cases[] = {
        {"time.example", 4460, "time.example"},    {"time.example", 4461, "time.example:4461"},
        {"192.0.2.1", 1, "192.0.2.1:1"},           {"2001:db8::1", 4460, "2001:db8::1"},
        {"2001:db8::1", 123, "[2001:db8::1]:123"},
    };
    char buf[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        addr_with_port(cases[i].host, cases[i].port, 4460, buf, sizeof buf);
        assert_string_equal(buf, cases[i].text);
    }
    addr_with_port("time.example", 4461, 4460, buf, 8);
    assert_string_equal(buf, "time.ex");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(literals), cmocka_unit_test(names),
                                       cmocka_unit_test(with_port)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
