/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Literals and the order of addresses; no name is looked up. */
#include "client/ke/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* "4a4b6c": two IPv4 addresses and an IPv6 one, told apart by the letter. */
static void order(const char *in, const char *out)
{
    struct addr_list list = {0};
    char text[2 * NET_ADDR_MAX + 1] = {0};

    for (; in[0] != '\0'; in += 2)
        list.a[list.n++] =
            (struct net_addr){.family = (uint8_t)(in[0] - '0'), .addr = {(uint8_t)in[1]}};
    resolve_interleave(&list);
    for (unsigned i = 0; i < list.n; i++) {
        text[2 * i] = (char)('0' + list.a[i].family);
        text[2 * i + 1] = (char)list.a[i].addr[0];
    }
    assert_string_equal(text, out);
}

/* RFC 8305 section 4 */
static void test_interleave(void **state)
{
    (void)state;
    order("", "");
    order("4a", "4a");
    order("4a6b", "6b4a");
    order("4a4b6c6d", "6c4a6d4b");
    order("6a6b6c4d", "6a4d6b6c");
    order("4a4b4c6d", "6d4a4b4c");
    order("4a4b4c4d4e4f4g4h", "4a4b4c4d4e4f4g4h");
}

static void test_literals(void **state)
{
    struct addr_list list;
    struct failure f;

    (void)state;
    assert_true(resolve_host("192.0.2.1", 0, 4460, 0, &list, &f));
    assert_int_equal(list.n, 1);
    assert_int_equal(list.a[0].family, 4);
    assert_int_equal(list.a[0].port, 4460);
    assert_memory_equal(list.a[0].addr, "\xc0\x00\x02\x01\0\0\0\0", 8);
    assert_true(resolve_host("2001:db8::1", 6, 123, 0, &list, &f));
    assert_int_equal(list.a[0].family, 6);
    assert_int_equal(list.a[0].scope, 0);
    assert_true(resolve_host("fe80::1%7", 0, 123, 0, &list, &f));
    assert_int_equal(list.a[0].scope, 7);
    assert_false(resolve_host("192.0.2.1", 6, 123, 0, &list, &f));
    assert_int_equal(f.stage, STAGE_RESOLVE);
    assert_int_equal(f.reason, REASON_NO_ADDRESS);
    assert_false(resolve_host("2001:db8::1", 4, 123, 0, &list, &f));
}

/* RFC 6761 section 6.3; nobody is asked, whatever /etc/hosts says. */
static void test_localhost(void **state)
{
    struct addr_list list;
    struct failure f;

    (void)state;
    assert_true(resolve_host("LocalHost.", 0, 4460, 0, &list, &f));
    assert_int_equal(list.n, 2);
    assert_int_equal(list.a[0].family, 6);
    assert_int_equal(list.a[0].addr[15], 1);
    assert_int_equal(list.a[1].family, 4);
    assert_memory_equal(list.a[1].addr, "\x7f\0\0\x01\0", 5);
    assert_int_equal(list.a[1].port, 4460);
    assert_true(resolve_host("a.localhost", 4, 123, 0, &list, &f));
    assert_int_equal(list.n, 1);
    assert_int_equal(list.a[0].family, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interleave),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_localhost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
