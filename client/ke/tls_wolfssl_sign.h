/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures on certificates, by wolfCrypt. */
#ifndef NTSC_TLS_WOLFSSL_SIGN_H
#define NTSC_TLS_WOLFSSL_SIGN_H

#include "common/nts/x509_cert.h"

/*
 * Whether the key of `issuer` made the signature on `cert`: RSA (PKCS #1 version 1.5, and PSS with
 * a salt as long as the hash), ECDSA on P-256, P-384 and P-521, with SHA-2, and Ed25519. A kind
 * that the library was built without is no good signature. `context` is not used.
 */
bool signature_check(void *context, const struct x509_cert *cert, const struct x509_cert *issuer);

#endif
