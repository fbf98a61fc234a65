/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/tls_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool match(const char *pattern, const char *host)
{
    return tls_name_match((const uint8_t *)pattern, strlen(pattern), host);
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
    assert_true(tls_name_match(name, 6, "a.test"));
    assert_false(tls_name_match(name, sizeof(name) - 1, "a.test"));
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
    assert_int_equal(tls_name_literal("192.0.2.1", a), 4);
    assert_memory_equal(a, "\xc0\x00\x02\x01", 4);
    assert_int_equal(tls_name_literal("2001:db8::1", a), 16);
    assert_int_equal(a[15], 1);
    assert_int_equal(tls_name_literal("fe80::1%eth0", a), 16);
    assert_int_equal(tls_name_literal("192.0.2.1%eth0", a), 0);
    assert_int_equal(tls_name_literal("127.1", a), 0);
    assert_int_equal(tls_name_literal("ntp.example.org", a), 0);
    assert_int_equal(tls_name_literal("", a), 0);
    assert_int_equal(tls_name_literal("%", a), 0);
}

#define SAN(s) (const uint8_t *)(s), sizeof(s) - 1

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
    assert_int_equal(tls_name_check("a.test", SAN(dns)), TLS_NAME_OK);
    assert_int_equal(tls_name_check("x.b.test", SAN(dns)), TLS_NAME_OK);
    assert_int_equal(tls_name_check("b.test", SAN(dns)), TLS_NAME_WRONG);
    assert_int_equal(tls_name_check("192.0.2.1", SAN(dns)), TLS_NAME_WRONG);
    assert_int_equal(tls_name_check("192.0.2.1", SAN(ip)), TLS_NAME_OK);
    assert_int_equal(tls_name_check("192.0.2.2", SAN(ip)), TLS_NAME_WRONG);
    assert_int_equal(tls_name_check("2001:db8::1", SAN(ip)), TLS_NAME_OK);
    assert_int_equal(tls_name_check("2001:DB8:0:0::1", SAN(ip)), TLS_NAME_OK);
    assert_int_equal(tls_name_check("2001:db8::2", SAN(ip)), TLS_NAME_WRONG);
    assert_int_equal(tls_name_check("::ffff:192.0.2.1", SAN(ip)), TLS_NAME_WRONG);
    assert_int_equal(tls_name_check("a.test", SAN(other)), TLS_NAME_NONE);
    assert_int_equal(tls_name_check("a.test", NULL, 0), TLS_NAME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_octet_zero),
        cmocka_unit_test(test_wildcard), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_literal),  cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
