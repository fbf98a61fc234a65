/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_alg.h"

#include <string.h>

/*
 * RSA keys of fewer bits are too weak (NIST SP 800-57 part 1, table 2: 112 bits of security). A
 * length that is no whole number of octets is a sign of a broken generator; CAs may not sign such
 * a key (CA/Browser Forum Baseline Requirements section 6.1.5).
 */
#define RSA_BITS_MIN 2048

/* RFC 8017 appendix C: 1.2.840.113549.1.1.x */
static const uint8_t pkcs1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
/* RFC 5758 section 3.2: ecdsa-with-SHA2, 1.2.840.10045.4.3.x */
static const uint8_t ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03};
/* RFC 8410 section 3 */
static const uint8_t ed25519[] = {0x2b, 0x65, 0x70};

/* Whether an OID is `arc` and one octet more, which goes to *last. */
static bool below(struct der oid, const uint8_t *arc, size_t n, uint8_t *last)
{
    if (oid.left != n + 1 || memcmp(oid.p, arc, n) != 0)
        return false;
    *last = oid.p[n];
    return true;
}

/* RFC 5754 section 2: 2.16.840.1.101.3.4.2.1 to .3; parameters NULL or absent. 0: another one. */
static uint16_t sha2_read(struct der algorithm)
{
    static const uint8_t sha2[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02};
    static const uint16_t bits[] = {256, 384, 512};
    struct der oid, null;
    uint8_t which;

    if (!der_take(&algorithm, DER_OID, &oid) || !below(oid, sha2, sizeof(sha2), &which) ||
        which < 1 || which > 3)
        return 0;
    if (algorithm.left != 0 && (!der_take(&algorithm, DER_NULL, &null) || null.left != 0))
        return 0;
    return algorithm.left == 0 ? bits[which - 1] : 0;
}

static bool is_sha1_or_older(struct der algorithm)
{
    static const uint8_t sha1[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
    static const uint8_t md5[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05};
    struct der oid;

    return der_take(&algorithm, DER_OID, &oid) && (DER_IS(oid, sha1) || DER_IS(oid, md5));
}

/*
 * RSASSA-PSS-params (RFC 4055 section 3.1): hash, mask generation with the same hash, a salt as
 * long as the hash, which is what RFC 8446 section 4.2.3 asks for. A hash that is not named is
 * SHA-1.
 */
static void pss_read(struct der params, struct x509_cert *c)
{
    static const uint8_t mgf1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08};
    struct der list, field, algorithm, oid, salt;

    c->sign = X509_SIGNATURE_WEAK;
    if (!der_take(&params, DER_SEQUENCE, &list) || params.left != 0 ||
        !der_take(&list, DER_CONTEXT_CONSTRUCTED | 0, &field) ||
        !der_take(&field, DER_SEQUENCE, &algorithm) || is_sha1_or_older(algorithm))
        return;
    c->sign = X509_SIGNATURE_OTHER;
    c->hash = sha2_read(algorithm);
    if (c->hash == 0 || field.left != 0 || !der_take(&list, DER_CONTEXT_CONSTRUCTED | 1, &field) ||
        !der_take(&field, DER_SEQUENCE, &algorithm) || field.left != 0 ||
        !der_take(&algorithm, DER_OID, &oid) || !DER_IS(oid, mgf1) ||
        !der_take(&algorithm, DER_SEQUENCE, &field) || sha2_read(field) != c->hash)
        return;
    if (!der_take(&list, DER_CONTEXT_CONSTRUCTED | 2, &field) ||
        !der_take(&field, DER_INTEGER, &salt) || salt.left != 1 || salt.p[0] != c->hash / 8)
        return;
    /* trailerField, [3], has one value only, which is not written. */
    if (list.left == 0)
        c->sign = X509_SIGNATURE_RSA_PSS;
}

static void rsa_read(uint8_t which, struct der params, struct x509_cert *c)
{
    static const uint16_t bits[] = {256, 384, 512};

    if (which == 10) { /* id-RSASSA-PSS */
        pss_read(params, c);
    } else if (which >= 11 && which <= 13) {
        c->sign = X509_SIGNATURE_RSA;
        c->hash = bits[which - 11];
    } else if (which >= 2 && which <= 5) { /* MD2, MD4, MD5, SHA-1 */
        c->sign = X509_SIGNATURE_WEAK;
    }
}

void x509_signature_read(struct der algorithm, struct x509_cert *c)
{
    static const uint8_t ecdsa_sha1[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01};
    static const uint8_t dsa_sha1[] = {0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03};
    static const uint8_t oiw[] = {0x2b, 0x0e, 0x03, 0x02}; /* nothing but SHA-1, MD5 and older */
    static const uint16_t bits[] = {256, 384, 512};
    struct der oid;
    uint8_t which;

    c->sign = X509_SIGNATURE_OTHER;
    c->hash = 0;
    if (!der_take(&algorithm, DER_OID, &oid))
        return;
    if (below(oid, pkcs1, sizeof(pkcs1), &which)) {
        rsa_read(which, algorithm, c);
    } else if (below(oid, ecdsa, sizeof(ecdsa), &which) && which >= 2 && which <= 4) {
        c->sign = X509_SIGNATURE_ECDSA;
        c->hash = bits[which - 2];
    } else if (DER_IS(oid, ed25519) && algorithm.left == 0) {
        c->sign = X509_SIGNATURE_ED25519;
    } else if (DER_IS(oid, ecdsa_sha1) || DER_IS(oid, dsa_sha1) ||
               (oid.left > sizeof(oiw) && memcmp(oid.p, oiw, sizeof(oiw)) == 0)) {
        c->sign = X509_SIGNATURE_WEAK;
    }
}

/* RSAPublicKey, RFC 8017 appendix A.1.1: the modulus, and an exponent that is odd and above 1. */
static enum x509_key rsa_key(struct der bits, enum x509_key kind)
{
    struct der key, modulus, exponent;
    size_t n;

    if (!der_take(&bits, DER_SEQUENCE, &key) || bits.left != 0 ||
        !der_take(&key, DER_INTEGER, &modulus) || !der_take(&key, DER_INTEGER, &exponent) ||
        key.left != 0 || modulus.left < 2 || exponent.left < 1 || exponent.p[0] >= 0x80 ||
        (exponent.p[exponent.left - 1] & 1) == 0 || (exponent.left == 1 && exponent.p[0] == 1))
        return X509_KEY_OTHER;
    /* A whole number of octets: the first is 00, for the sign, and the next has its highest bit. */
    n = modulus.left - 1;
    if (modulus.p[0] != 0)
        return n * 8 < RSA_BITS_MIN ? X509_KEY_WEAK : X509_KEY_OTHER;
    if (modulus.p[1] < 0x80)
        return X509_KEY_OTHER;
    return n * 8 < RSA_BITS_MIN ? X509_KEY_WEAK : kind;
}

/* RFC 5480 section 2.1.1: curves by name only. */
static enum x509_key ec_key(struct der params)
{
    static const uint8_t p256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const uint8_t p192[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01};
    static const uint8_t p224[] = {0x2b, 0x81, 0x04, 0x00, 0x21};
    static const uint8_t p384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};
    static const uint8_t p521[] = {0x2b, 0x81, 0x04, 0x00, 0x23};
    struct der curve;

    if (!der_take(&params, DER_OID, &curve) || params.left != 0)
        return X509_KEY_OTHER;
    if (DER_IS(curve, p256))
        return X509_KEY_P256;
    if (DER_IS(curve, p384))
        return X509_KEY_P384;
    if (DER_IS(curve, p521))
        return X509_KEY_P521;
    return DER_IS(curve, p192) || DER_IS(curve, p224) ? X509_KEY_WEAK : X509_KEY_OTHER;
}

void x509_key_read(struct der info, struct x509_cert *c)
{
    static const uint8_t ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
    struct der algorithm, oid, bits;
    uint8_t which;

    c->key = X509_KEY_OTHER;
    if (!der_take(&info, DER_SEQUENCE, &algorithm) || !der_take(&info, DER_BIT_STRING, &bits) ||
        info.left != 0 || !der_take(&algorithm, DER_OID, &oid) || bits.left < 1 || bits.p[0] != 0)
        return;
    c->key_bits = (struct der){bits.p + 1, bits.left - 1};
    if (below(oid, pkcs1, sizeof(pkcs1), &which) && which == 1)
        c->key = (uint8_t)rsa_key(c->key_bits, X509_KEY_RSA);
    else if (below(oid, pkcs1, sizeof(pkcs1), &which) && which == 10)
        c->key = (uint8_t)rsa_key(c->key_bits, X509_KEY_RSA_PSS);
    else if (DER_IS(oid, ec))
        c->key = (uint8_t)ec_key(algorithm);
    else if (DER_IS(oid, ed25519) && algorithm.left == 0 && c->key_bits.left == 32)
        c->key = X509_KEY_ED25519;
}

bool x509_key_fits(const struct x509_cert *a, const struct x509_cert *b)
{
    switch (a->sign) {
    case X509_SIGNATURE_RSA:
        return b->key == X509_KEY_RSA;
    case X509_SIGNATURE_RSA_PSS:
        return b->key == X509_KEY_RSA || b->key == X509_KEY_RSA_PSS;
    case X509_SIGNATURE_ECDSA:
        return b->key == X509_KEY_P256 || b->key == X509_KEY_P384 || b->key == X509_KEY_P521;
    case X509_SIGNATURE_ED25519:
        return b->key == X509_KEY_ED25519;
    default:
        return false;
    }
}
