/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates are built here octet by octet, so that each field can be bent. */
#include "common/nts/x509_cert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct text {
    size_t n;
    uint8_t b[1024];
};

static struct text tlv(uint8_t tag, const void *data, size_t n)
{
    struct text t = {0};

    t.b[t.n++] = tag;
    if (n >= 256) {
        t.b[t.n++] = 0x82;
        t.b[t.n++] = (uint8_t)(n >> 8);
    } else if (n >= 128) {
        t.b[t.n++] = 0x81;
    }
    t.b[t.n++] = (uint8_t)n;
    if (n > 0)
        memcpy(t.b + t.n, data, n);
    t.n += n;
    return t;
}

static void add(struct text *to, struct text t)
{
    memcpy(to->b + to->n, t.b, t.n);
    to->n += t.n;
}

static struct text wrap(uint8_t tag, struct text t)
{
    return tlv(tag, t.b, t.n);
}

static struct text str(uint8_t tag, const char *s)
{
    return tlv(tag, s, strlen(s));
}

/* What differs from case to case; the rest is always the same. */
struct plan {
    const char *not_before, *not_after;
    uint8_t time_tag;
    const char *signature_oid;
    size_t signature_oid_len;
    struct text signature_params;
    struct text san; /* GeneralNames entries */
    int n_san;       /* how many times the extension */
    const char *key; /* inside of subjectPublicKeyInfo */
    size_t key_len;
    int ca; /* basicConstraints: -1 none, 0 empty, 1 TRUE */
};

static struct plan plain(void)
{
    struct plan p = {.not_before = "240229235959Z",
                     .not_after = "491231235959Z",
                     .time_tag = 0x17,
                     .signature_oid = "\x2a\x86\x48\xce\x3d\x04\x03\x02", /* ecdsa-with-SHA256 */
                     .signature_oid_len = 8,
                     .key = "key",
                     .key_len = 3,
                     .ca = -1,
                     .n_san = 1};

    add(&p.san, str(0x82, "a.test"));
    add(&p.san, tlv(0x87, "\xc0\x00\x02\x01", 4));
    return p;
}

static struct text extension(const char *oid, struct text value)
{
    struct text t = tlv(0x06, oid, 3);

    add(&t, wrap(0x04, value));
    return wrap(0x30, t);
}

static struct text build(const struct plan *p)
{
    struct text tbs = {0}, validity = {0}, ext = {0}, cert, algorithm, version;
    struct text oid = tlv(0x06, p->signature_oid, p->signature_oid_len);

    add(&oid, p->signature_params);
    algorithm = wrap(0x30, oid);
    version = tlv(0x02, "\x02", 1);
    add(&tbs, wrap(0xa0, version));
    add(&tbs, tlv(0x02, "\x01", 1));
    add(&tbs, algorithm);
    add(&tbs, str(0x30, "issuer"));
    add(&validity, str(p->time_tag, p->not_before));
    add(&validity, str(p->time_tag, p->not_after));
    add(&tbs, wrap(0x30, validity));
    add(&tbs, str(0x30, "subject"));
    add(&tbs, tlv(0x30, p->key, p->key_len));
    for (int i = 0; i < p->n_san; i++)
        add(&ext, extension("\x55\x1d\x11", wrap(0x30, p->san)));
    if (p->ca >= 0)
        add(&ext,
            extension("\x55\x1d\x13", wrap(0x30, p->ca ? tlv(0x01, "\xff", 1) : (struct text){0})));
    if (ext.n > 0)
        add(&tbs, wrap(0xa3, wrap(0x30, ext)));
    cert = wrap(0x30, tbs);
    add(&cert, algorithm);
    add(&cert, tlv(0x03, "\x00sig", 4));
    return wrap(0x30, cert);
}

static bool parse(const struct plan *p, struct x509_cert *c)
{
    static struct text t;

    t = build(p);
    return x509_cert_parse(t.b, t.n, c);
}

static void test_fields(void **state)
{
    struct plan p = plain();
    struct x509_cert c;
    struct x509_san entry;

    (void)state;
    assert_true(parse(&p, &c));
    assert_int_equal(c.not_before_s, 1709251199);
    assert_int_equal(c.not_after_s, INT64_C(2524607999));
    assert_int_equal(c.issuer_len, 8);
    assert_memory_equal(c.issuer + 2, "issuer", 6);
    assert_memory_equal(c.subject + 2, "subject", 7);
    assert_false(c.ca || c.sign != X509_SIGNATURE_ECDSA || c.hash != 256 ||
                 x509_cert_self_issued(&c));
    assert_true(x509_san_next(&c.san, &c.san_len, &entry));
    assert_int_equal(entry.type, X509_SAN_DNS);
    assert_memory_equal(entry.data, "a.test", 6);
    assert_true(x509_san_next(&c.san, &c.san_len, &entry));
    assert_int_equal(entry.type, X509_SAN_IP);
    assert_int_equal(entry.len, 4);
    assert_false(x509_san_next(&c.san, &c.san_len, &entry));
}

static void test_ca_flag(void **state)
{
    struct plan p = plain();
    struct x509_cert c;

    (void)state;
    p.ca = 0;
    assert_true(parse(&p, &c) && !c.ca);
    p.ca = 1;
    assert_true(parse(&p, &c) && c.ca);
}

static void test_no_san(void **state)
{
    struct plan p = plain();
    struct x509_cert c;

    (void)state;
    p.n_san = 0;
    assert_true(parse(&p, &c));
    assert_null(c.san);
    p.n_san = 2;
    assert_false(parse(&p, &c));
    assert_int_equal(c.issuer_len, 0);
}

/* An entry with a universal tag 2 is no dNSName. */
static void test_san_tag(void **state)
{
    struct plan p = plain();
    struct x509_cert c;
    struct x509_san entry;

    (void)state;
    p.san = str(0x02, "a.test");
    assert_true(parse(&p, &c));
    assert_true(x509_san_next(&c.san, &c.san_len, &entry));
    assert_int_not_equal(entry.type, X509_SAN_DNS);
    p.san.b[1] = 0x7f;
    assert_false(parse(&p, &c));
}

static void test_times(void **state)
{
    static const struct {
        uint8_t tag;
        const char *text;
        int64_t s;
    } good[] = {
        {0x17, "700101000000Z", 0},
        {0x17, "500101000000Z", -631152000},
        {0x17, "000229120000Z", 951825600},
        {0x18, "20380119031408Z", INT64_C(2147483648)},
        {0x18, "21000228235959Z", INT64_C(4107542399)},
        {0x18, "99991231235959Z", INT64_C(253402300799)},
    };
    static const struct {
        uint8_t tag;
        const char *text;
    } bad[] = {
        {0x17, "230229000000Z"},     {0x17, "231301000000Z"},   {0x17, "230001000000Z"},
        {0x17, "230100000000Z"},     {0x17, "230101240000Z"},   {0x17, "230101006000Z"},
        {0x17, "230101000060Z"},     {0x17, "2301010000Z"},     {0x17, "230101000000+"},
        {0x17, "2301010000 0Z"},     {0x17, "20230101000000Z"}, {0x18, "230101000000Z"},
        {0x18, "21000229000000Z"},   {0x18, "2023010100000.Z"}, {0x18, "202301010000000"},
        {0x18, "20230101000000.5Z"}, {0x16, "230101000000Z"},   {0x17, ""},
    };
    struct plan p = plain();
    struct x509_cert c;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        p.time_tag = good[i].tag;
        p.not_before = p.not_after = good[i].text;
        assert_true(parse(&p, &c));
        assert_int_equal(c.not_before_s, good[i].s);
        assert_int_equal(c.not_after_s, good[i].s);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        p.time_tag = bad[i].tag;
        p.not_before = p.not_after = bad[i].text;
        assert_false(parse(&p, &c));
    }
}

static void test_signatures(void **state)
{
#define OID(s, weak)                                                                               \
    {                                                                                              \
        s, sizeof(s) - 1, weak                                                                     \
    }
    static const struct {
        const char *oid;
        size_t len;
        bool weak;
    } list[] = {
        OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", false), /* sha256WithRSAEncryption */
        OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", true),  /* sha1WithRSAEncryption */
        OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", true),  /* md5WithRSAEncryption */
        OID("\x2a\x86\x48\xce\x3d\x04\x01", true),          /* ecdsa-with-SHA1 */
        OID("\x2b\x65\x70", false),                         /* Ed25519 */
        OID("\x2b\x0e\x03\x02\x1d", true),                  /* OIW sha1WithRSA */
        OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", true),  /* RSASSA-PSS without a hash */
    };
    struct plan p = plain();
    struct x509_cert c;
    struct text hash;

    (void)state;
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        p.signature_oid = list[i].oid;
        p.signature_oid_len = list[i].len;
        assert_true(parse(&p, &c));
        assert_int_equal(c.sign == X509_SIGNATURE_WEAK, list[i].weak);
    }
    hash = tlv(0x06, "\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9); /* PSS with SHA-256 */
    p.signature_params = wrap(0x30, wrap(0xa0, wrap(0x30, hash)));
    assert_true(parse(&p, &c) && c.sign != X509_SIGNATURE_WEAK);
    hash = tlv(0x06, "\x2b\x0e\x03\x02\x1a", 5); /* PSS with SHA-1, said aloud */
    p.signature_params = wrap(0x30, wrap(0xa0, wrap(0x30, hash)));
    assert_true(parse(&p, &c) && c.sign == X509_SIGNATURE_WEAK);
}

/* Each truncation and each octet changed in every way: refused, or read within bounds (sanitizers).
 */
static void test_bent(void **state)
{
    struct plan p = plain();
    struct text t = build(&p);
    struct x509_cert c;
    struct x509_san entry;

    (void)state;
    for (size_t n = 0; n < t.n; n++) {
        uint8_t *exact = malloc(n + 1);

        assert_non_null(exact);
        memcpy(exact, t.b, n);
        assert_false(x509_cert_parse(exact, n, &c));
        free(exact);
    }
    assert_false(x509_cert_parse(t.b, t.n + 1, &c));
    uint8_t *exact = malloc(t.n);
    assert_non_null(exact);
    for (size_t i = 0; i < t.n; i++)
        for (unsigned v = 0; v < 256; v++) {
            memcpy(exact, t.b, t.n);
            exact[i] = (uint8_t)v;
            if (!x509_cert_parse(exact, t.n, &c))
                continue;
            assert_true(c.issuer > exact && c.issuer + c.issuer_len < exact + t.n);
            while (x509_san_next(&c.san, &c.san_len, &entry))
                assert_true(entry.data + entry.len <= exact + t.n);
        }
    free(exact);
}

static void test_lengths(void **state)
{
    static const uint8_t indefinite[] = {0x30, 0x80, 0, 0};
    static const uint8_t long_form[] = {0x30, 0x81, 0x02, 0x05, 0x00};
    static const uint8_t leading_zero[] = {0x30, 0x82, 0x00, 0x80};
    static const uint8_t huge[] = {0x30, 0x84, 0xff, 0xff, 0xff, 0xff};
    struct x509_cert c;

    (void)state;
    assert_false(x509_cert_parse(indefinite, sizeof(indefinite), &c));
    assert_false(x509_cert_parse(long_form, sizeof(long_form), &c));
    assert_false(x509_cert_parse(leading_zero, sizeof(leading_zero), &c));
    assert_false(x509_cert_parse(huge, sizeof(huge), &c));
}

#define KEY "01234567890123456789012345678901"

/* RFC 8410 section 4; whatever else stands there is another key. */
static void test_ed25519(void **state)
{
    static const struct {
        const char *key;
        size_t len;
        bool is;
    } list[] = {
        {"\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00" KEY, 42, true},
        {"\x30\x05\x06\x03\x2b\x65\x71\x03\x21\x00" KEY, 42, false}, /* Ed448 */
        {"\x30\x06\x06\x04\x2b\x65\x70\x01\x03\x02\x00k", 12, false},
        {"\x30\x05\x06\x03\x2b\x65\x70", 7, false},
        {"\x30\x04\x06\x02\x2b\x65", 6, false},
        {"\x30\x05\x06\x04\x2b\x65\x70\x00", 8, false}, /* the element ends before it */
        {"\x31\x05\x06\x03\x2b\x65\x70", 7, false},
        {"", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        struct plan p = plain();
        struct x509_cert c;

        p.key = list[i].key;
        p.key_len = list[i].len;
        assert_true(parse(&p, &c));
        assert_int_equal(c.key == X509_KEY_ED25519, list[i].is);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),  cmocka_unit_test(test_ca_flag),
        cmocka_unit_test(test_no_san),  cmocka_unit_test(test_san_tag),
        cmocka_unit_test(test_times),   cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_bent),    cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_ed25519),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
