/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_cert.h"

#include <string.h>

#include "common/base/calendar.h"
#include "common/nts/x509_alg.h"
#include "common/nts/x509_ext.h"
#include "common/nts/x509_name.h"

/* RFC 5280 section 4.1.2.5: always with seconds, always Z; two-digit years are 1950 to 2049. */
static bool take_time(struct der *d, int64_t *s)
{
    struct der in;
    uint8_t tag;
    int field[7], n = 0;

    if (!der_any(d, &tag, &in) ||
        !((tag == DER_UTC_TIME && in.left == 13) || (tag == DER_GENERALIZED_TIME && in.left == 15)))
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
        tag == DER_UTC_TIME ? field[0] + (field[0] < 50 ? 2000 : 1900) : field[0] * 100 + field[1];
    if (f[0] < 1 || f[0] > 12 || f[1] < 1 || f[1] > calendar_month_days(year, f[0]) || f[2] > 23 ||
        f[3] > 59 || f[4] > 59)
        return false;
    *s = calendar_day_of((struct calendar_date){year, f[0], f[1]}) * CALENDAR_DAY_S +
         (f[2] * 60 + f[3]) * 60 + f[4];
    return true;
}

/* An element with its tag and length. */
static bool take_whole(struct der *d, uint8_t tag, struct der *whole, struct der *in)
{
    const struct der before = *d;

    if (!der_take(d, tag, in))
        return false;
    *whole = (struct der){before.p, before.left - d->left};
    return true;
}

static bool take_name(struct der *d, const uint8_t **name, size_t *len)
{
    struct der whole, in;

    if (!take_whole(d, DER_SEQUENCE, &whole, &in))
        return false;
    *name = whole.p;
    *len = whole.left;
    return true;
}

/* RFC 5280 section 4.1.2.1: the first version is not written. */
static bool take_version(struct der *tbs, uint8_t *version)
{
    struct der in, number;

    *version = 1;
    if (tbs->left == 0 || tbs->p[0] != (DER_CONTEXT_CONSTRUCTED | 0))
        return true;
    if (!der_take(tbs, DER_CONTEXT_CONSTRUCTED | 0, &in) || !der_take(&in, DER_INTEGER, &number) ||
        in.left != 0 || number.left != 1 || number.p[0] < 1 || number.p[0] > 2)
        return false;
    *version = (uint8_t)(number.p[0] + 1);
    return true;
}

/* After the key: unique identifiers, which nobody uses, and extensions, of version 3 only. */
static bool parse_rest(struct der tbs, struct x509_cert *c)
{
    struct der in, extensions;

    if (der_take(&tbs, DER_CONTEXT | 1, &in) && c->version < 2)
        return false;
    if (der_take(&tbs, DER_CONTEXT | 2, &in) && c->version < 2)
        return false;
    if (der_take(&tbs, DER_CONTEXT_CONSTRUCTED | 3, &extensions) &&
        (c->version < 3 || !x509_extensions_read(extensions, c)))
        return false;
    return tbs.left == 0;
}

/* `outer`: the algorithm as it stands beside the signature (RFC 5280 section 4.1.1.2). */
static bool parse_tbs(struct der tbs, struct der outer, struct x509_cert *c)
{
    struct der in, validity, algorithm;

    if (!take_version(&tbs, &c->version) || !der_take(&tbs, DER_INTEGER, &in) ||
        !take_whole(&tbs, DER_SEQUENCE, &algorithm, &in) ||
        !der_is(algorithm, outer.p, outer.left) || !take_name(&tbs, &c->issuer, &c->issuer_len) ||
        !der_take(&tbs, DER_SEQUENCE, &validity) || !take_time(&validity, &c->not_before_s) ||
        !take_time(&validity, &c->not_after_s) || validity.left != 0 ||
        !take_name(&tbs, &c->subject, &c->subject_len) ||
        !take_whole(&tbs, DER_SEQUENCE, &c->key_info, &in))
        return false;
    x509_key_read(in, c);
    return parse_rest(tbs, c);
}

static bool parse(struct der d, struct x509_cert *c)
{
    struct der cert, tbs, algorithm, whole, signature;

    c->whole = d;
    if (!der_take(&d, DER_SEQUENCE, &cert) || d.left != 0 ||
        !take_whole(&cert, DER_SEQUENCE, &c->tbs, &tbs) ||
        !take_whole(&cert, DER_SEQUENCE, &whole, &algorithm) ||
        !der_take(&cert, DER_BIT_STRING, &signature) || cert.left != 0 || signature.left < 1 ||
        signature.p[0] != 0 || !parse_tbs(tbs, whole, c))
        return false;
    c->signature = (struct der){signature.p + 1, signature.left - 1};
    x509_signature_read(algorithm, c);
    return true;
}

bool x509_cert_parse(const uint8_t *der, size_t len, struct x509_cert *c)
{
    memset(c, 0, sizeof(*c));
    if (parse((struct der){der, len}, c))
        return true;
    memset(c, 0, sizeof(*c));
    return false;
}

bool x509_cert_issued_by(const struct x509_cert *a, const struct x509_cert *b)
{
    const struct der issuer = {a->issuer, a->issuer_len}, subject = {b->subject, b->subject_len};

    return !x509_name_is_empty(issuer) && x509_name_equal(issuer, subject);
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
    *entry = (struct x509_san){(tag & 0xc0) == DER_CONTEXT ? tag & 0x1fU : 0xff, in.p, in.left};
    *pos = d.p;
    *left = d.left;
    return true;
}
