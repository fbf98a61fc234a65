/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Algorithms of signatures and keys in certificates. */
#ifndef NTSC_X509_ALG_H
#define NTSC_X509_ALG_H

#include "common/nts/x509_fields.h"

/* Reads an AlgorithmIdentifier's inside to sign and hash. */
void x509_signature_read(struct der algorithm, struct x509_cert *c);

/* Reads a subjectPublicKeyInfo's inside to key and key_bits. */
void x509_key_read(struct der info, struct x509_cert *c);

/* Whether b's key may make the kind of signature that is on a. */
bool x509_key_fits(const struct x509_cert *a, const struct x509_cert *b);

#endif
