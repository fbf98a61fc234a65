/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool match(const char *pattern, const char *host)
{
    return x509_host_match((const uint8_t *)pattern, strlen(pattern), host);
}

static void test_plain(void **state)
{
    (void)state;
    assert_true(match("ntp.example.org", "ntp.example.org"));
    assert_true(match("NTP.example.ORG", "ntp.EXAMPLE.org"));
    assert_true(match("ntp.example.org", "ntp.example.org."));
    assert_true(match("localhost", "localhost"));
    assert_false(match("ntp.example.org", "ntp.example.org.."));
    assert_false(match("ntp.example.org.", "ntp.example.org"));
    assert_false(match("ntp.example.org", "ntp.example.com"));
    assert_false(match("ntp.example.org", "xntp.example.org"));
    assert_false(match("ntp.example.org", "example.org"));
    assert_false(match("example.org", "ntp.example.org"));
    assert_false(match("", ""));
    assert_false(match("", "."));
    assert_false(match("ntp.example.org", ""));
    /* Only ASCII letters have case: '@' and '`', '[' and '{' differ in the same bit. */
    assert_false(match("a@b", "a`b"));
    assert_false(match("a[b", "a{b"));
}

static void test_octet_zero(void **state)
{
    static const uint8_t name[] = "a.test\0.evil.test";

    (void)state;
    assert_true(x509_host_match(name, 6, "a.test"));
    assert_false(x509_host_match(name, sizeof(name) - 1, "a.test"));
}

static void test_wildcard(void **state)
{
    (void)state;
    assert_true(match("*.example.org", "ntp.example.org"));
    assert_true(match("*.example.org", "NTP.Example.org."));
    assert_false(match("*.example.org", "example.org"));
    assert_false(match("*.example.org", ".example.org"));
    assert_false(match("*.example.org", "a.b.example.org"));
    assert_false(match("*.example.org", "ntp.example.com"));
    assert_false(match("*.org", "example.org"));
    assert_false(match("*", "localhost"));
    assert_false(match("*.", "localhost."));
    assert_false(match("*.*.org", "a.b.org"));
    assert_false(match("n*.example.org", "ntp.example.org"));
    assert_false(match("*p.example.org", "ntp.example.org"));
    assert_false(match("ntp.*.org", "ntp.example.org"));
    /* Even a host that is spelled like the pattern. */
    assert_false(match("n*.example.org", "n*.example.org"));
}

/* What a resolver may take for an address is never a name. */
static void test_numbers(void **state)
{
    (void)state;
    assert_false(match("192.0.2.1", "192.0.2.1"));
    assert_false(match("127.1", "127.1"));
    assert_false(match("2130706433", "2130706433"));
    assert_false(match("127.0x1", "127.0x1"));
    assert_false(match("*.0.2.1", "192.0.2.1"));
    assert_true(match("1.example.org", "1.example.org"));
    assert_true(match("ntp.1e100", "ntp.1e100"));
}

static void test_literal(void **state)
{
    uint8_t a[16];

    (void)state;
    assert_int_equal(x509_host_literal("192.0.2.1", a), 4);
    assert_memory_equal(a, "\xc0\x00\x02\x01", 4);
    assert_int_equal(x509_host_literal("2001:db8::1", a), 16);
    assert_int_equal(a[15], 1);
    assert_int_equal(x509_host_literal("fe80::1%eth0", a), 16);
    assert_int_equal(x509_host_literal("192.0.2.1%eth0", a), 0);
    assert_int_equal(x509_host_literal("127.1", a), 0);
    assert_int_equal(x509_host_literal("ntp.example.org", a), 0);
    assert_int_equal(x509_host_literal("", a), 0);
    assert_int_equal(x509_host_literal("%", a), 0);
}

static enum x509_host_result check(const char *host, const char *san, size_t len)
{
    const struct x509_cert c = {.san = (const uint8_t *)san, .san_len = len};

    return x509_host_check(&c, host);
}

static void test_check(void **state)
{
    static const char dns[] = "\x82\x06"
                              "a.test\x82\x09"
                              "192.0.2.1\x82\x08*.b.test";
    static const char ip[] = "\x87\x04\xc0\x00\x02\x01"
                             "\x87\x10\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01";
    static const char other[] = "\x86\x03x:y\x81\x05"
                                "a@b.c";

    (void)state;
    assert_int_equal(check("a.test", dns, sizeof(dns) - 1), X509_HOST_OK);
    assert_int_equal(check("x.b.test", dns, sizeof(dns) - 1), X509_HOST_OK);
    assert_int_equal(check("b.test", dns, sizeof(dns) - 1), X509_HOST_WRONG);
    assert_int_equal(check("192.0.2.1", dns, sizeof(dns) - 1), X509_HOST_WRONG);
    assert_int_equal(check("192.0.2.1", ip, sizeof(ip) - 1), X509_HOST_OK);
    assert_int_equal(check("192.0.2.2", ip, sizeof(ip) - 1), X509_HOST_WRONG);
    assert_int_equal(check("2001:db8::1", ip, sizeof(ip) - 1), X509_HOST_OK);
    assert_int_equal(check("2001:DB8:0:0::1", ip, sizeof(ip) - 1), X509_HOST_OK);
    assert_int_equal(check("2001:db8::2", ip, sizeof(ip) - 1), X509_HOST_WRONG);
    assert_int_equal(check("::ffff:192.0.2.1", ip, sizeof(ip) - 1), X509_HOST_WRONG);
    assert_int_equal(check("a.test", other, sizeof(other) - 1), X509_HOST_NONE);
    assert_int_equal(check("a.test", NULL, 0), X509_HOST_NONE);
}

static void test_list(void **state)
{
    static const char san[] = "\x82\x06"
                              "a.test\x86\x03x:y\x87\x04\xc0\x00\x02\x01\x82\x05*.\x1b\xe4.";
    const struct x509_cert c = {.san = (const uint8_t *)san, .san_len = sizeof(san) - 1};
    char buf[64];

    (void)state;
    x509_host_list(&c, buf, sizeof buf);
    assert_string_equal(buf, "a.test, 192.0.2.1, *.??.");
    x509_host_list(&c, buf, 16);
    assert_string_equal(buf, "a.test...");
    memset(buf, 'x', sizeof buf);
    x509_host_list(&c, buf, 4);
    assert_string_equal(buf, "");
    x509_host_list(&c, buf, 0);
}

static void test_dns(void **state)
{
    static const struct {
        const char *name;
        bool valid, wildcard;
    } list[] = {
        {"a.test", true, true},
        {"_x-1.A", true, true},
        {"*.test", false, true},
        {"*", false, false},
        {"*.", false, false},
        {".a", false, false},
        {"a.", false, false},
        {"a..b", false, false},
        {"", false, false},
        {"\xe4.test", false, false},
        {"a b", false, false},
        {"*a.test", false, false},
        {"a.*.test", false, false},
        {"a23456789012345678901234567890123456789012345678901234567890123", true, true},
        {"a234567890123456789012345678901234567890123456789012345678901234", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        const uint8_t *name = (const uint8_t *)list[i].name;
        size_t len = strlen(list[i].name);

        assert_int_equal(x509_dns_valid(name, len, false), list[i].valid);
        assert_int_equal(x509_dns_valid(name, len, true), list[i].wildcard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_octet_zero),
        cmocka_unit_test(test_wildcard), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_literal),  cmocka_unit_test(test_check),
        cmocka_unit_test(test_list),     cmocka_unit_test(test_dns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
