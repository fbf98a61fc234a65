/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wolfssl/options.h> /* before all others */

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/hash.h>
#include <wolfssl/wolfcrypt/rsa.h>

#include <string.h>

#include "client/ke/tls_wolfssl_sign.h"

#define RSA_OCTETS_MAX 1024 /* 8192 bits: no CA has more */

struct digest {
    enum wc_HashType type;
    int mgf, oid;
    word32 len;
    byte octets[WC_SHA512_DIGEST_SIZE];
};

static bool digest_make(const struct x509_cert *cert, struct digest *d)
{
    switch (cert->hash) {
    case 256:
        *d = (struct digest){
            WC_HASH_TYPE_SHA256, WC_MGF1SHA256, SHA256h, WC_SHA256_DIGEST_SIZE, {0}};
        break;
    case 384:
        *d = (struct digest){
            WC_HASH_TYPE_SHA384, WC_MGF1SHA384, SHA384h, WC_SHA384_DIGEST_SIZE, {0}};
        break;
    case 512:
        *d = (struct digest){
            WC_HASH_TYPE_SHA512, WC_MGF1SHA512, SHA512h, WC_SHA512_DIGEST_SIZE, {0}};
        break;
    default:
        return false;
    }
    return wc_Hash(d->type, cert->tbs.p, (word32)cert->tbs.left, d->octets, d->len) == 0;
}

/* RFC 8017 section 8.2.2: the whole encoding is compared, not parsed. */
static bool pkcs1_check(const struct x509_cert *cert, const struct digest *d, RsaKey *key)
{
    byte encoded[WC_MAX_DIGEST_SIZE + MAX_ALGO_SZ + 16], seen[RSA_OCTETS_MAX];
    word32 len = wc_EncodeSignature(encoded, d->octets, d->len, d->oid);
    int n =
        wc_RsaSSL_Verify(cert->signature.p, (word32)cert->signature.left, seen, sizeof(seen), key);

    return n > 0 && (word32)n == len && memcmp(seen, encoded, len) == 0;
}

static bool pss_check(const struct x509_cert *cert, const struct digest *d, RsaKey *key)
{
#ifdef WC_RSA_PSS
    byte seen[RSA_OCTETS_MAX];

    return wc_RsaPSS_VerifyCheck((byte *)cert->signature.p, (word32)cert->signature.left, seen,
                                 sizeof(seen), d->octets, d->len, d->type, d->mgf, key) > 0;
#else
    (void)cert;
    (void)d;
    (void)key;
    return false;
#endif
}

static bool rsa_check(const struct x509_cert *cert, const struct x509_cert *issuer)
{
    const struct der bits = issuer->key_bits;
    struct digest d;
    word32 pos = 0;
    RsaKey key;
    bool good;

    if (!digest_make(cert, &d) || wc_InitRsaKey(&key, NULL) != 0)
        return false;
    good = wc_RsaPublicKeyDecode(bits.p, &pos, &key, (word32)bits.left) == 0 &&
           (size_t)wc_RsaEncryptSize(&key) == cert->signature.left &&
           cert->signature.left <= RSA_OCTETS_MAX &&
           (cert->sign == X509_SIGNATURE_RSA ? pkcs1_check(cert, &d, &key)
                                             : pss_check(cert, &d, &key));
    wc_FreeRsaKey(&key);
    return good;
}

/*
 * The library remembers points and, when it meets one for the second time, makes a table for it
 * that would pay after some thirty signatures: 37 million instructions, most of a key exchange. The
 * curve's generator is met in every signature, so it has to be forgotten between them.
 */
static void forget_points(void)
{
#ifdef FP_ECC
    wc_ecc_fp_free();
#endif
}

/* These curves have a prime order: every point on them but the one without an encoding will do. */
static bool point_is_good(ecc_key *key)
{
#ifdef USE_ECC_B_PARAM
    return wc_ecc_point_is_on_curve(&key->pubkey, key->idx) == 0;
#else
    return wc_ecc_check_key(key) == 0; /* also multiplies by the order, which costs time */
#endif
}

static bool ecdsa_check(const struct x509_cert *cert, const struct x509_cert *issuer)
{
    int curve = issuer->key == X509_KEY_P256   ? ECC_SECP256R1
                : issuer->key == X509_KEY_P384 ? ECC_SECP384R1
                                               : ECC_SECP521R1;
    const struct der bits = issuer->key_bits;
    struct digest d;
    ecc_key key;
    int result = 0;
    bool good;

    if (!digest_make(cert, &d) || wc_ecc_init(&key) != 0)
        return false;
    forget_points(); /* of the handshake */
    good = wc_ecc_import_x963_ex(bits.p, (word32)bits.left, &key, curve) == 0 &&
           point_is_good(&key) &&
           wc_ecc_verify_hash(cert->signature.p, (word32)cert->signature.left, d.octets, d.len,
                              &result, &key) == 0 &&
           result == 1;
    wc_ecc_free(&key);
    forget_points();
    return good;
}

static bool ed25519_check(const struct x509_cert *cert, const struct x509_cert *issuer)
{
#if defined(HAVE_ED25519) && defined(HAVE_ED25519_VERIFY)
    const struct der bits = issuer->key_bits;
    ed25519_key key;
    int result = 0;
    bool good;

    if (wc_ed25519_init(&key) != 0)
        return false;
    good = wc_ed25519_import_public(bits.p, (word32)bits.left, &key) == 0 &&
           wc_ed25519_verify_msg(cert->signature.p, (word32)cert->signature.left, cert->tbs.p,
                                 (word32)cert->tbs.left, &result, &key) == 0 &&
           result == 1;
    wc_ed25519_free(&key);
    return good;
#else
    (void)cert;
    (void)issuer;
    return false;
#endif
}

bool signature_check(void *context, const struct x509_cert *cert, const struct x509_cert *issuer)
{
    (void)context;
    switch (cert->sign) {
    case X509_SIGNATURE_RSA:
    case X509_SIGNATURE_RSA_PSS:
        return rsa_check(cert, issuer);
    case X509_SIGNATURE_ECDSA:
        return ecdsa_check(cert, issuer);
    case X509_SIGNATURE_ED25519:
        return ed25519_check(cert, issuer);
    default:
        return false;
    }
}
