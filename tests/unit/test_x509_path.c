/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search alone: certificates are given as what was read of them, and a signature is good where
 * the key identifier of whoever is asked is the one that the certificate names as its signer's.
 */
#include "common/nts/x509_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1800000000

static struct {
    struct x509_path path;
    struct x509_cert anchor[2];
    unsigned n_anchor;
    uint8_t key[64]; /* their places tell them apart */
    unsigned asked;  /* for signatures */
    const struct x509_cert *seen[64][2];
} bed;

static const uint8_t san[] = "\x82\x06"
                             "a.test";

static const struct x509_cert *anchor(void *context, struct der name, unsigned i)
{
    (void)context;
    for (unsigned k = 0; k < bed.n_anchor; k++)
        if (der_is(name, bed.anchor[k].subject, bed.anchor[k].subject_len) && i-- == 0)
            return &bed.anchor[k];
    return NULL;
}

static bool signature(void *context, const struct x509_cert *cert, const struct x509_cert *issuer)
{
    (void)context;
    for (unsigned i = 0; i < bed.asked; i++) /* each at most once */
        assert_false(bed.seen[i][0] == cert && bed.seen[i][1] == issuer);
    assert_true(bed.asked < 64);
    bed.seen[bed.asked][0] = cert;
    bed.seen[bed.asked++][1] = issuer;
    return cert->signature.p == issuer->key_info.p;
}

/* O=x, where x is one letter. */
static uint8_t names[64][14];

static const uint8_t *name(unsigned i)
{
    static const uint8_t form[] = "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x0a\x0c\x01";

    memcpy(names[i], form, 13);
    names[i][13] = (uint8_t)(33 + i);
    return names[i];
}

static struct x509_cert cert(unsigned subject, unsigned key, unsigned issuer, unsigned signer)
{
    return (struct x509_cert){.subject = name(subject),
                              .subject_len = 14,
                              .issuer = name(issuer),
                              .issuer_len = 14,
                              .key_info = {&bed.key[key], 1},
                              .signature = {&bed.key[signer], 1},
                              .whole = {name(subject), 14},
                              .not_before_s = NOW - 1000,
                              .not_after_s = NOW + 1000,
                              .version = 3,
                              .key = X509_KEY_P256,
                              .sign = X509_SIGNATURE_ECDSA,
                              .hash = 256,
                              .ca = true};
}

static void begin(struct x509_cert root)
{
    static const struct x509_trust trust = {NULL, anchor, signature};

    memset(&bed, 0, sizeof bed);
    for (unsigned i = 0; i < sizeof bed.key; i++)
        bed.key[i] = (uint8_t)i;
    bed.anchor[bed.n_anchor++] = root;
    x509_path_start(&bed.path, &trust);
    bed.path.read = true;
}

static void send(struct x509_cert c)
{
    if (bed.path.n_sent == 0) {
        c.ca = false;
        c.san = san;
        c.san_len = sizeof san - 1;
    }
    bed.path.sent[bed.path.n_sent++] = c;
}

static enum reason judge(void)
{
    return x509_path_judge(&bed.path, "a.test", NOW, 0).fail.reason;
}

static void test_any_order(void **state)
{
    (void)state;
    begin(cert(9, 9, 9, 9));
    send(cert(0, 0, 1, 1));
    send(cert(3, 3, 9, 9));
    send(cert(7, 7, 8, 8)); /* nobody's */
    send(cert(2, 2, 3, 3));
    send(cert(1, 1, 2, 2));
    assert_int_equal(judge(), REASON_NONE);
    assert_int_equal(bed.asked, 4);
}

/* Two ways up; the first is expired at its end, and signatures are not asked for there. */
static void test_turns_back(void **state)
{
    struct x509_cert gone = cert(2, 2, 9, 9);

    (void)state;
    begin(cert(9, 9, 9, 9));
    gone.not_after_s = NOW - 1;
    send(cert(0, 0, 1, 1));
    send(cert(1, 1, 2, 2));
    send(gone);
    send(cert(1, 1, 3, 3));
    send(cert(3, 3, 9, 9));
    assert_int_equal(judge(), REASON_NONE);
    assert_int_equal(bed.asked, 3);
}

/* CAs of one name with other keys: a wrong signature is one way less, no more. */
static void test_same_name(void **state)
{
    (void)state;
    begin(cert(9, 9, 9, 9));
    send(cert(0, 0, 1, 4));
    for (unsigned key = 1; key < 5; key++)
        send(cert(1, key, 9, 9));
    assert_int_equal(judge(), REASON_NONE);
    assert_true(bed.asked <= 2 * 4);
}

static void test_cycle(void **state)
{
    struct x509_verdict v;

    (void)state;
    begin(cert(9, 9, 9, 9));
    send(cert(0, 0, 1, 1));
    send(cert(1, 1, 2, 2));
    send(cert(2, 2, 1, 1));
    v = x509_path_judge(&bed.path, "a.test", NOW, 0);
    assert_int_equal(v.fail.reason, REASON_UNKNOWN_CA);
    assert_int_equal(bed.asked, 0);
}

/* Every CA certifies every other: 20! ways, and none leads up. */
static void test_ends(void **state)
{
    (void)state;
    begin(cert(63, 49, 63, 49));
    send(cert(0, 0, 1, 1));
    for (unsigned i = 1; bed.path.n_sent < X509_SENT_MAX; i++)
        send(cert(1 + i % 7, 1 + i % 7, 1 + (i / 7 + i + 1) % 7, 1 + (i / 7 + i + 1) % 7));
    assert_int_not_equal(judge(), REASON_NONE);
    assert_true(bed.asked <= X509_SIGNATURES_MAX);
}

/* As many signatures as are worth it, although the 39th would be good; none more for the words. */
static void test_signatures(void **state)
{
    (void)state;
    begin(cert(9, 49, 9, 49));
    send(cert(0, 0, 1, 48));
    for (unsigned key = 10; key <= 48; key++)
        send(cert(1, key, 9, 49));
    assert_int_equal(judge(), REASON_BAD_SIGNATURE);
    assert_int_equal(bed.asked, X509_SIGNATURES_MAX);
}

static void test_length(void **state)
{
    struct x509_cert root = cert(9, 9, 9, 9), rolled = cert(1, 2, 1, 1);

    (void)state;
    root.has_path_len = true;
    root.path_len = 1;
    begin(root);
    send(cert(0, 0, 1, 2));
    send(rolled); /* issued by itself: counts nothing (section 6.1.4 (l)) */
    send(cert(1, 1, 9, 9));
    assert_int_equal(judge(), REASON_NONE);
    root.path_len = 0;
    begin(root);
    send(cert(0, 0, 1, 1));
    send(cert(1, 1, 9, 9));
    assert_int_equal(judge(), REASON_PATH_LENGTH);
}

/* Of all ways that are good at some time the one that ends last. */
static void test_another_time(void **state)
{
    struct x509_cert early = cert(1, 1, 9, 9), late = cert(1, 1, 9, 9);
    struct x509_verdict v;

    (void)state;
    begin(cert(9, 9, 9, 9));
    early.not_after_s = NOW - 500;
    late.not_after_s = NOW - 100;
    send(cert(0, 0, 1, 1));
    send(early);
    send(late);
    v = x509_path_judge(&bed.path, "a.test", NOW, NOW - 900);
    assert_int_equal(v.fail.reason, REASON_NONE);
    assert_true(v.provisional);
    assert_int_equal(v.span.not_after_s, NOW - 100);
    assert_int_equal(judge(), REASON_EXPIRED);
}

/* A CA that was made anew under its name is told as that, not as a forgery. */
static void test_other_key(void **state)
{
    (void)state;
    begin(cert(9, 8, 9, 8));
    send(cert(0, 0, 1, 1));
    send(cert(1, 1, 9, 9));
    assert_int_equal(judge(), REASON_OTHER_KEY);
    send(cert(9, 9, 9, 9));
    assert_int_equal(judge(), REASON_OTHER_KEY);
    begin(cert(9, 9, 9, 9));
    send(cert(0, 0, 1, 2));
    send(cert(1, 1, 9, 9));
    assert_int_equal(judge(), REASON_BAD_SIGNATURE);
}

/* What is trusted for itself signs for nobody. */
static void test_itself(void **state)
{
    struct x509_cert own = cert(0, 0, 0, 0);

    (void)state;
    own.ca = false;
    begin(own);
    send(own);
    assert_int_equal(judge(), REASON_NONE);
    begin(own);
    send(cert(1, 1, 0, 0));
    assert_int_equal(judge(), REASON_NOT_A_CA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order), cmocka_unit_test(test_turns_back),
        cmocka_unit_test(test_same_name), cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_ends),      cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_length),    cmocka_unit_test(test_another_time),
        cmocka_unit_test(test_itself),    cmocka_unit_test(test_other_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
