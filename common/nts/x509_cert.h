/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A certificate (RFC 5280 section 4.1) as the path judges it: names, dates, key, who signed it how,
 * and what its extensions say. Strict: whatever is not DER as RFC 5280 wants it is refused.
 */
#ifndef NTSC_X509_CERT_H
#define NTSC_X509_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nts/x509_fields.h"

/*
 * Reads the certificate that fills der[0..len) exactly. Everything in *c points into der. False,
 * and *c is all zero, when it is malformed or an extension appears twice.
 */
bool x509_cert_parse(const uint8_t *der, size_t len, struct x509_cert *c);

/* Whether subject and issuer are the same name. */
bool x509_cert_self_issued(const struct x509_cert *c);

/* Whether a's issuer is b's subject, and not empty. */
bool x509_cert_issued_by(const struct x509_cert *a, const struct x509_cert *b);

/* GeneralName tags, RFC 5280 section 4.2.1.6. */
#define X509_SAN_OTHER     0
#define X509_SAN_EMAIL     1
#define X509_SAN_DNS       2
#define X509_SAN_X400      3
#define X509_SAN_DIRECTORY 4
#define X509_SAN_EDI       5
#define X509_SAN_URI       6
#define X509_SAN_IP        7
#define X509_SAN_ID        8

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
