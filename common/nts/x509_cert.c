/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_cert.h"

#include <string.h>

/* ITU-T X.690 section 8.1.2: class and form in the upper bits, number in the lower five. */
enum {
    TAG_BOOLEAN = 0x01,
    TAG_INTEGER = 0x02,
    TAG_BIT_STRING = 0x03,
    TAG_OCTET_STRING = 0x04,
    TAG_OID = 0x06,
    TAG_UTC_TIME = 0x17,
    TAG_GENERALIZED_TIME = 0x18,
    TAG_SEQUENCE = 0x30,
    TAG_CONTEXT = 0x80,
    TAG_CONTEXT_SEQUENCE = 0xa0,
};

struct der {
    const uint8_t *p;
    size_t left;
};

/* Takes one element off *d; *in is its inside. Only definite, shortest lengths (X.690
 * section 10.1). */
static bool der_any(struct der *d, uint8_t *tag, struct der *in)
{
    size_t len, head = 2;

    if (d->left < 2 || (d->p[0] & 0x1f) == 0x1f)
        return false;
    len = d->p[1];
    if (len >= 0x80) {
        size_t octets = len & 0x7f;

        if (octets < 1 || octets > 3 || d->left < 2 + octets || d->p[2] == 0)
            return false;
        len = 0;
        for (size_t i = 0; i < octets; i++)
            len = len << 8 | d->p[2 + i];
        if (len < 0x80)
            return false;
        head += octets;
    }
    if (len > d->left - head)
        return false;
    *tag = d->p[0];
    *in = (struct der){d->p + head, len};
    d->p += head + len;
    d->left -= head + len;
    return true;
}

static bool der_take(struct der *d, uint8_t tag, struct der *in)
{
    struct der rest = *d;
    uint8_t seen;

    if (!der_any(&rest, &seen, in) || seen != tag)
        return false;
    *d = rest;
    return true;
}

static bool der_is(struct der d, const uint8_t *octets, size_t n)
{
    return d.left == n && memcmp(d.p, octets, n) == 0;
}

#define DER_IS(d, array) der_is(d, array, sizeof(array))

/* RSASSA-PSS names its hash in the parameters; without one it is SHA-1 (RFC 4055 section 3.1). */
static bool pss_is_weak(struct der params)
{
    static const uint8_t sha1[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
    static const uint8_t md5[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05};
    struct der list, hash, algorithm, oid;

    if (!der_take(&params, TAG_SEQUENCE, &list) || !der_take(&list, TAG_CONTEXT_SEQUENCE, &hash) ||
        !der_take(&hash, TAG_SEQUENCE, &algorithm) || !der_take(&algorithm, TAG_OID, &oid))
        return true;
    return DER_IS(oid, sha1) || DER_IS(oid, md5);
}

static bool signature_is_weak(struct der algorithm)
{
    static const uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
    static const uint8_t ecdsa_sha1[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01};
    static const uint8_t dsa_sha1[] = {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03};
    static const uint8_t oiw[] = {0x2b, 0x0e, 0x03, 0x02}; /* nothing but SHA-1, MD5 and older */
    struct der oid;

    if (!der_take(&algorithm, TAG_OID, &oid))
        return true;
    if (oid.left == sizeof(rsa) + 1 && memcmp(oid.p, rsa, sizeof(rsa)) == 0) {
        if (oid.p[sizeof(rsa)] == 10)
            return pss_is_weak(algorithm);
        return oid.p[sizeof(rsa)] <= 5; /* 2 MD2, 3 MD4, 4 MD5, 5 SHA-1 */
    }
    return DER_IS(oid, ecdsa_sha1) || DER_IS(oid, dsa_sha1) ||
           (oid.left > sizeof(oiw) && memcmp(oid.p, oiw, sizeof(oiw)) == 0);
}

/* Days from 1970-01-01 in the Gregorian calendar; the year begins in March, so leap days come last.
 */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;

    return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

static int days_in(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

/* RFC 5280 section 4.1.2.5: always with seconds, always Z; two-digit years are 1950 to 2049. */
static bool take_time(struct der *d, int64_t *s)
{
    struct der in;
    uint8_t tag;
    int field[7], n = 0;

    if (!der_any(d, &tag, &in) ||
        !((tag == TAG_UTC_TIME && in.left == 13) || (tag == TAG_GENERALIZED_TIME && in.left == 15)))
        return false;
    for (size_t i = 0; i + 1 < in.left; i += 2) {
        uint8_t a = in.p[i], b = in.p[i + 1];

        if (a < '0' || a > '9' || b < '0' || b > '9')
            return false;
        field[n++] = (a - '0') * 10 + b - '0';
    }
    if (in.p[in.left - 1] != 'Z')
        return false;
    const int *f = field + n - 5; /* month, day, hour, minute, second */
    int year =
        tag == TAG_UTC_TIME ? field[0] + (field[0] < 50 ? 2000 : 1900) : field[0] * 100 + field[1];
    if (f[0] < 1 || f[0] > 12 || f[1] < 1 || f[1] > days_in(year, f[0]) || f[2] > 23 || f[3] > 59 ||
        f[4] > 59)
        return false;
    *s = ((days_of(year, f[0], f[1]) * 24 + f[2]) * 60 + f[3]) * 60 + f[4];
    return true;
}

/* A Name with its tag and length, as it is compared. */
static bool take_name(struct der *d, const uint8_t **name, size_t *len)
{
    struct der in;

    *name = d->p;
    if (!der_take(d, TAG_SEQUENCE, &in))
        return false;
    *len = (size_t)(d->p - *name);
    return true;
}

/* GeneralNames; each entry is walked now so that x509_san_next() cannot stop early. */
static bool parse_san(struct der value, struct x509_cert *c)
{
    struct der names, walk, in;
    uint8_t tag;

    if (c->san || !der_take(&value, TAG_SEQUENCE, &names) || value.left != 0)
        return false;
    for (walk = names; walk.left > 0;)
        if (!der_any(&walk, &tag, &in))
            return false;
    c->san = names.p;
    c->san_len = names.left;
    return true;
}

static bool parse_basic_constraints(struct der value, bool *seen, struct x509_cert *c)
{
    struct der list, flag;

    if (*seen || !der_take(&value, TAG_SEQUENCE, &list) || value.left != 0)
        return false;
    *seen = true;
    if (der_take(&list, TAG_BOOLEAN, &flag))
        c->ca = flag.left == 1 && flag.p[0] == 0xff;
    return true;
}

static bool parse_extensions(struct der d, struct x509_cert *c)
{
    static const uint8_t san[] = {0x55, 0x1d, 0x11}, constraints[] = {0x55, 0x1d, 0x13};
    struct der list, one, oid, critical, value;
    bool seen_constraints = false;

    if (!der_take(&d, TAG_SEQUENCE, &list) || d.left != 0)
        return false;
    while (list.left > 0) {
        if (!der_take(&list, TAG_SEQUENCE, &one) || !der_take(&one, TAG_OID, &oid))
            return false;
        (void)der_take(&one, TAG_BOOLEAN, &critical);
        if (!der_take(&one, TAG_OCTET_STRING, &value) || one.left != 0)
            return false;
        if (DER_IS(oid, san) && !parse_san(value, c))
            return false;
        if (DER_IS(oid, constraints) && !parse_basic_constraints(value, &seen_constraints, c))
            return false;
    }
    return true;
}

/* RFC 8410 section 3: 1.3.101.112 */
static bool key_is_ed25519(struct der key)
{
    static const uint8_t ed25519[] = {0x2b, 0x65, 0x70};
    struct der algorithm, oid;

    return der_take(&key, TAG_SEQUENCE, &algorithm) && der_take(&algorithm, TAG_OID, &oid) &&
           DER_IS(oid, ed25519);
}

static bool parse_tbs(struct der tbs, struct x509_cert *c)
{
    struct der in, validity, extensions;

    (void)der_take(&tbs, TAG_CONTEXT_SEQUENCE | 0, &in); /* version */
    if (!der_take(&tbs, TAG_INTEGER, &in) || !der_take(&tbs, TAG_SEQUENCE, &in) ||
        !take_name(&tbs, &c->issuer, &c->issuer_len) || !der_take(&tbs, TAG_SEQUENCE, &validity) ||
        !take_time(&validity, &c->not_before_s) || !take_time(&validity, &c->not_after_s) ||
        validity.left != 0 || !take_name(&tbs, &c->subject, &c->subject_len) ||
        !der_take(&tbs, TAG_SEQUENCE, &in))
        return false;
    c->ed25519 = key_is_ed25519(in);
    (void)der_take(&tbs, TAG_CONTEXT | 1, &in); /* issuerUniqueID, subjectUniqueID */
    (void)der_take(&tbs, TAG_CONTEXT | 2, &in);
    if (der_take(&tbs, TAG_CONTEXT_SEQUENCE | 3, &extensions) && !parse_extensions(extensions, c))
        return false;
    return tbs.left == 0;
}

bool x509_cert_parse(const uint8_t *der, size_t len, struct x509_cert *c)
{
    struct der d = {der, len}, cert, tbs, algorithm, signature;

    memset(c, 0, sizeof(*c));
    if (der_take(&d, TAG_SEQUENCE, &cert) && d.left == 0 && der_take(&cert, TAG_SEQUENCE, &tbs) &&
        der_take(&cert, TAG_SEQUENCE, &algorithm) && der_take(&cert, TAG_BIT_STRING, &signature) &&
        cert.left == 0 && parse_tbs(tbs, c)) {
        c->weak_signature = signature_is_weak(algorithm);
        return true;
    }
    memset(c, 0, sizeof(*c));
    return false;
}

bool x509_cert_issued_by(const struct x509_cert *a, const struct x509_cert *b)
{
    return a->issuer_len > 0 && a->issuer_len == b->subject_len &&
           memcmp(a->issuer, b->subject, a->issuer_len) == 0;
}

bool x509_cert_self_issued(const struct x509_cert *c)
{
    return x509_cert_issued_by(c, c);
}

bool x509_san_next(const uint8_t **pos, size_t *left, struct x509_san *entry)
{
    struct der d = {*pos, *left}, in;
    uint8_t tag;

    if (!der_any(&d, &tag, &in))
        return false;
    *entry = (struct x509_san){(tag & 0xc0) == TAG_CONTEXT ? tag & 0x3f : 0xff, in.p, in.left};
    *pos = d.p;
    *left = d.left;
    return true;
}
