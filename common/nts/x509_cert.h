/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few fields of a certificate (RFC 5280 section 4.1) that ntsc itself has to know: names,
 * dates, who signed it how. Signatures and chains are the TLS library's business; this only reads
 * octets that it verifies, and is strict: whatever is not DER as RFC 5280 wants it is refused.
 */
#ifndef NTSC_X509_CERT_H
#define NTSC_X509_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct x509_cert {
    const uint8_t *issuer, *subject; /* whole Name, tag and length included */
    size_t issuer_len, subject_len;
    const uint8_t *san; /* inside of subjectAltName for x509_san_next(); NULL when there is none */
    size_t san_len;
    int64_t not_before_s, not_after_s; /* seconds since 1970 */
    bool ca;                           /* basicConstraints says so */
    bool weak_signature;               /* made with SHA-1 or older */
    bool ed25519;                      /* its key is one (RFC 8410) */
};

/*
 * Reads the certificate that fills der[0..len) exactly. Everything in *c points into der. False,
 * and *c is all zero, when it is malformed or a field appears twice.
 */
bool x509_cert_parse(const uint8_t *der, size_t len, struct x509_cert *c);

/* Whether subject and issuer are the same name. */
bool x509_cert_self_issued(const struct x509_cert *c);

/* Whether a's issuer is b's subject, octet by octet (RFC 5280 section 4.1.2.4 asks CAs for that).
 */
bool x509_cert_issued_by(const struct x509_cert *a, const struct x509_cert *b);

/* GeneralName tags, RFC 5280 section 4.2.1.6. */
#define X509_SAN_DNS 2
#define X509_SAN_IP  7

struct x509_san {
    unsigned type; /* the tag's number */
    const uint8_t *data;
    size_t len;
};

/*
 * Takes the next entry off (*pos, *left), which begin as san and san_len. False at the end;
 * x509_cert_parse() has made sure that nothing malformed comes before it.
 */
bool x509_san_next(const uint8_t **pos, size_t *left, struct x509_san *entry);

#endif
