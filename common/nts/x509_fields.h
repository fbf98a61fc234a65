/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read of a certificate (RFC 5280 section 4.1): x509_cert.h reads it. */
#ifndef NTSC_X509_FIELDS_H
#define NTSC_X509_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nts/der.h"

/* How a certificate is signed (RFC 4055, 5758, 8410). SHA-2 only. */
enum x509_signature {
    X509_SIGNATURE_OTHER, /* not known here */
    X509_SIGNATURE_WEAK,  /* SHA-1 or older */
    X509_SIGNATURE_RSA,   /* PKCS #1 version 1.5 */
    X509_SIGNATURE_RSA_PSS,
    X509_SIGNATURE_ECDSA,
    X509_SIGNATURE_ED25519,
};

/* The subject's key (RFC 3279, 4055, 5480, 8410). */
enum x509_key {
    X509_KEY_OTHER,
    X509_KEY_WEAK, /* RSA under 2048 bits, or a curve under 256 */
    X509_KEY_RSA,
    X509_KEY_RSA_PSS, /* one that only makes PSS signatures */
    X509_KEY_P256,
    X509_KEY_P384,
    X509_KEY_P521,
    X509_KEY_ED25519,
};

/* Bits of keyUsage, RFC 5280 section 4.2.1.3: bit 0 of the BIT STRING is the highest. */
#define X509_USE_DIGITAL_SIGNATURE 0x80
#define X509_USE_CERT_SIGN         0x04

struct x509_cert {
    const uint8_t *issuer, *subject; /* whole Name, tag and length included */
    size_t issuer_len, subject_len;
    const uint8_t *san; /* inside of subjectAltName for x509_san_next(); NULL when there is none */
    size_t san_len;
    int64_t not_before_s, not_after_s; /* seconds since 1970 */

    struct der whole;     /* the certificate */
    struct der tbs;       /* what is signed, tag and length included */
    struct der key_info;  /* subjectPublicKeyInfo, tag and length included */
    struct der key_bits;  /* the key in it: the inside of the BIT STRING, without unused bits */
    struct der signature; /* likewise */
    struct der key_id, issuer_key_id; /* subject and authority key identifier; left 0: none */
    struct der permitted, excluded;   /* name constraints: GeneralSubtrees; left 0: none */

    uint8_t version; /* 1 to 3 */
    uint8_t key;     /* enum x509_key */
    uint8_t sign;    /* enum x509_signature */
    uint16_t hash;   /* of the signature: 256, 384 or 512; 0: none or unknown */

    bool ca;                   /* basicConstraints says so */
    bool has_path_len;         /* then path_len holds */
    bool has_usage;            /* then usage holds */
    bool has_purposes;         /* extendedKeyUsage is there */
    bool for_servers, for_any; /* id-kp-serverAuth, anyExtendedKeyUsage are in it */
    bool constrained;          /* it has name constraints */
    bool bad_constraints;      /* which are not as RFC 5280 section 4.2.1.10 wants them */
    bool unknown_critical;     /* a critical extension that is not understood here */
    bool wants_policy;         /* policyConstraints: requireExplicitPolicy */
    uint8_t usage;             /* X509_USE_ */
    uint32_t path_len;
};

#endif
