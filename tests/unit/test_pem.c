/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END   "-----END CERTIFICATE-----"

static uint8_t out[64];

/* The only block of `text`, which is placed so that reading behind it is seen by sanitizers. */
static size_t one(const char *text)
{
    size_t len = strlen(text), pos = 0, n;
    char *exact = malloc(len + 1);

    assert_non_null(exact);
    memcpy(exact, text, len);
    memset(out, 0xee, sizeof(out));
    n = pem_next_certificate(exact, len, &pos, out, sizeof(out));
    assert_true(pos <= len);
    free(exact);
    return n;
}

/* RFC 4648 section 10 */
static void test_vectors(void **state)
{
    static const char *const list[][2] = {{"Zg==", "f"},         {"Zm8=", "fo"},
                                          {"Zm9v", "foo"},       {"Zm9vYg==", "foob"},
                                          {"Zm9vYmE=", "fooba"}, {"Zm9vYmFy", "foobar"}};

    (void)state;
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        char text[128];

        snprintf(text, sizeof(text), BEGIN "\n%s\n" END "\n", list[i][0]);
        assert_int_equal(one(text), strlen(list[i][1]));
        assert_memory_equal(out, list[i][1], strlen(list[i][1]));
    }
    assert_int_equal(one(BEGIN "\r\n+/+/\r\n \tAA\nAA" END), 6);
    assert_memory_equal(out, "\xfb\xff\xbf\0\0\0", 6);
}

static void test_malformed(void **state)
{
    (void)state;
    assert_int_equal(one(""), 0);
    assert_int_equal(one("-"), 0);
    assert_int_equal(one(BEGIN), 0);
    assert_int_equal(one(BEGIN END), 0);
    assert_int_equal(one(BEGIN "Zm9v"), 0);
    assert_int_equal(one("Zm9v" END), 0);
    assert_int_equal(one(BEGIN "Zm9" END), 0);
    assert_int_equal(one(BEGIN "Z" END), 0);
    assert_int_equal(one(BEGIN "Z===" END), 0);
    assert_int_equal(one(BEGIN "Zg==Zg==" END), 0);
    assert_int_equal(one(BEGIN "Zm9v====" END), 0);
    assert_int_equal(one(BEGIN "Zm-v" END), 0);
    assert_int_equal(one("-----BEGIN PRIVATE KEY-----Zm9v-----END PRIVATE KEY-----"), 0);
}

/* Text around, a broken block and one that is too long: the others are found all the same. */
static void test_several(void **state)
{
    static const char text[] = "# first\n" BEGIN "\nZm9v\n" END "\n-- junk --\n" BEGIN "!" END BEGIN
                               "AAAAAAAA" END BEGIN "YmFy" END "-----BEG";
    size_t pos = 0, len = sizeof(text) - 1;

    (void)state;
    assert_int_equal(pem_next_certificate(text, len, &pos, out, 3), 3);
    assert_memory_equal(out, "foo", 3);
    assert_int_equal(pem_next_certificate(text, len, &pos, out, 3), 3);
    assert_memory_equal(out, "bar", 3);
    assert_int_equal(pem_next_certificate(text, len, &pos, out, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_several),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
