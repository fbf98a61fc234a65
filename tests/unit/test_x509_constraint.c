/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RFC 5280 section 4.2.1.10, with subtrees and names written as octets. */
#include "common/nts/x509_constraint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define DER_OF(text) ((struct der){(const uint8_t *)(text), sizeof(text) - 1})
#define DNS_A_B                                                                                    \
    "\x30\x05\x82\x03"                                                                             \
    "a.b"
#define NET_10_8 "\x30\x0a\x87\x08\x0a\x00\x00\x00\xff\x00\x00\x00"

static bool valid(struct der permitted, struct der excluded)
{
    const struct x509_cert ca = {.constrained = true, .permitted = permitted, .excluded = excluded};

    return x509_constraints_valid(&ca);
}

static bool allow(struct der permitted, struct der excluded, struct der san)
{
    const struct x509_cert ca = {.constrained = true, .permitted = permitted, .excluded = excluded};
    const struct x509_cert below = {.san = san.p, .san_len = san.left};
    uint32_t budget = 10;

    return x509_constraints_allow(&ca, &below, &budget);
}

static void test_written_as_they_should(void **state)
{
    const struct der none = {NULL, 0};

    (void)state;
    assert_true(valid(DER_OF(DNS_A_B NET_10_8), none));
    assert_true(valid(none, DER_OF("\x30\x02\x82\x00"))); /* every name */
    assert_false(valid(none, DER_OF("\x30\x04\x82\x02"
                                    ".b"))); /* a dot before it */
    assert_false(valid(none, DER_OF("\x30\x05\x82\x03"
                                    "*.b")));
    assert_false(valid(none, DER_OF("\x30\x06\x87\x04\x0a\x00\x00\x00"))); /* no mask */
    /* A mask with a hole; one that ends within an octet. */
    assert_false(valid(none, DER_OF("\x30\x0a\x87\x08\x0a\x00\x00\x00\xff\x00\xff\x00")));
    assert_false(valid(none, DER_OF("\x30\x0a\x87\x08\x0a\x00\x00\x00\xff\xa0\x00\x00")));
    assert_true(valid(none, DER_OF("\x30\x0a\x87\x08\x0a\x00\x00\x00\xff\xe0\x00\x00")));
    /* A minimum, which section 4.2.1.10 forbids. */
    assert_false(valid(none, DER_OF("\x30\x08\x82\x03"
                                    "a.b"
                                    "\x80\x01\x00")));
    assert_false(valid(none, DER_OF("\x30\x05\x82\x04"
                                    "a.b")));
}

static void test_dns(void **state)
{
    const struct der none = {NULL, 0}, base = DER_OF(DNS_A_B);

    (void)state;
    assert_true(allow(base, none,
                      DER_OF("\x82\x03"
                             "A.b")));
    assert_true(allow(base, none,
                      DER_OF("\x82\x05"
                             "x.a.b")));
    assert_false(allow(base, none,
                       DER_OF("\x82\x04"
                              "xa.b")));
    assert_false(allow(base, none,
                       DER_OF("\x82\x03"
                              "a.b"
                              "\x82\x01"
                              "b"))); /* each of them */
    assert_false(allow(none, base,
                       DER_OF("\x82\x05"
                              "x.a.b")));
    assert_true(allow(none, base,
                      DER_OF("\x82\x04"
                             "xa.b")));
    /* A wildcard stands for many names: all of them have to be permitted, none excluded. */
    assert_true(allow(base, none,
                      DER_OF("\x82\x05"
                             "*.a.b")));
    assert_false(allow(base, none,
                       DER_OF("\x82\x03"
                              "*.b")));
    assert_false(allow(none, base,
                       DER_OF("\x82\x03"
                              "*.b")));
    assert_true(allow(none, base,
                      DER_OF("\x82\x03"
                             "*.c")));
    /* What is no name cannot be within. */
    assert_false(allow(none, base,
                       DER_OF("\x82\x04"
                              "a..b")));
}

static void test_addresses(void **state)
{
    const struct der none = {NULL, 0}, base = DER_OF(NET_10_8);

    (void)state;
    assert_true(allow(base, none, DER_OF("\x87\x04\x0a\x01\x02\x03")));
    assert_false(allow(base, none, DER_OF("\x87\x04\x0b\x01\x02\x03")));
    assert_false(allow(none, base, DER_OF("\x87\x04\x0a\x01\x02\x03")));
    /* Of the other family: in no network of this one. */
    assert_false(allow(base, none, DER_OF("\x87\x10\x0a\x00\x00\x00\0\0\0\0\0\0\0\0\0\0\0\1")));
    assert_true(allow(none, base, DER_OF("\x87\x10\x0a\x00\x00\x00\0\0\0\0\0\0\0\0\0\0\0\1")));
    assert_false(allow(none, base, DER_OF("\x87\x05\x0a\x01\x02\x03\x04")));
    assert_true(allow(base, none,
                      DER_OF("\x82\x03"
                             "a.b"))); /* another form is free */
}

static void test_other_forms(void **state)
{
    const struct der none = {NULL, 0}, mail = DER_OF("\x30\x05\x81\x03"
                                                     "a.b");

    (void)state;
    assert_true(allow(mail, none,
                      DER_OF("\x82\x03"
                             "a.b")));
    /* Not processed here: refused, whichever way it would go. */
    assert_false(allow(mail, none,
                       DER_OF("\x81\x05"
                              "x@a.b")));
    assert_false(allow(none, mail,
                       DER_OF("\x81\x05"
                              "x@c.d")));
}

static void test_subject(void **state)
{
    static const uint8_t o_ab[] = "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x0a\x13\x02"
                                  "AB";
    static const uint8_t o_ac[] = "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x0a\x0c\x02"
                                  "ac";
    const struct x509_cert ca = {
        .permitted = DER_OF("\x30\x11\xa4\x0f\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x0a\x0c\x02"
                            "ab")};
    struct x509_cert below = {.subject = o_ab, .subject_len = sizeof o_ab - 1};
    uint32_t budget = 10;

    (void)state;
    assert_true(x509_constraints_valid(&ca));
    assert_true(x509_constraints_allow(&ca, &below, &budget)); /* another case, another encoding */
    below.subject = o_ac;
    assert_false(x509_constraints_allow(&ca, &below, &budget));
    below.subject = (const uint8_t *)"\x30\x00";
    below.subject_len = 2;
    assert_true(x509_constraints_allow(&ca, &below, &budget)); /* no name at all */
}

static void test_budget(void **state)
{
    const struct x509_cert ca = {.permitted = DER_OF(DNS_A_B DNS_A_B)};
    const struct x509_cert below = {.san = (const uint8_t *)"\x82\x03"
                                                            "c.d",
                                    .san_len = 5};
    uint32_t budget = 1;

    (void)state;
    assert_false(x509_constraints_allow(&ca, &below, &budget));
    assert_int_equal(budget, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_as_they_should),
        cmocka_unit_test(test_dns),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_other_forms),
        cmocka_unit_test(test_subject),
        cmocka_unit_test(test_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
