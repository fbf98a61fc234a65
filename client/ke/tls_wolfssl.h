/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tls_wolfssl files share: the certificate side of a session. Not for others. */
#ifndef NTSC_TLS_WOLFSSL_H
#define NTSC_TLS_WOLFSSL_H

#include "client/ke/ca_open.h"
#include "common/base/err.h"
#include "common/nts/x509_path.h"

struct WOLFSSL;
struct WOLFSSL_CTX;

/* A trusted certificate in memory of its own. */
struct anchor {
    struct anchor *next;
    struct x509_cert view; /* into der */
    size_t len;
    uint8_t der[];
};

/*
 * The trusted certificates that a server's may lead to: those whose subject is the issuer of one of
 * them, or that are the server's own.
 */
struct ca {
    struct ca_open *from;
    struct anchor *list;
    bool any; /* there is a certificate at all, whoever's */
};

/*
 * Finds them where they lie by the hash of their name. True when that may have found some: then a
 * search is worth it.
 */
bool ca_find_hashed(struct ca *ca, const struct x509_path *p);

/* Finds them by reading everything there is. */
void ca_find_all(struct ca *ca, const struct x509_path *p);

/* For struct x509_trust; the context is a struct ca. */
const struct x509_cert *ca_anchor(void *context, struct der name, unsigned i);

void ca_free(struct ca *ca);

/* The server's Certificate message (RFC 8446 section 4.4.2), as it is in the transcript. */
struct presented {
    uint8_t *message;
    size_t len;
    bool twice; /* there was more than one */
};

/*
 * Turns the library's own judgement of certificates off, and has the server's Certificate message
 * noted in *p. That the server has the key of the first certificate is still checked: the message
 * is part of what CertificateVerify signs. `again`: the library stumbled over a critical extension
 * beside the path, and has to go on there.
 */
NTSC_CHECK_RESULT bool cert_watch(struct WOLFSSL_CTX *ctx, struct presented *p, bool again);

/*
 * What was noted, to the search; false when there is none, or what the library read differs.
 * `done`: the handshake was good; after another one the certificates are for the words about it
 * only.
 */
NTSC_CHECK_RESULT bool cert_take(struct WOLFSSL *ssl, const struct presented *p, bool done,
                                 struct x509_path *path);

void cert_forget(struct presented *p);

#endif
