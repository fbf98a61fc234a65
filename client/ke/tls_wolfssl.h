/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tls_wolfssl files share: the certificate side of a session. Not for others. */
#ifndef NTSC_TLS_WOLFSSL_H
#define NTSC_TLS_WOLFSSL_H

#include "common/base/err.h"
#include "common/nts/cert_span.h"
#include "common/nts/x509_cert.h"

struct WOLFSSL_CTX;
struct WOLFSSL_X509_STORE_CTX;

#define CHAIN_MAX 10 /* more than the library accepts */

/* A certificate in memory of its own. */
struct cert {
    struct cert *next;
    size_t len;
    struct x509_cert view; /* into der */
    uint8_t der[];
};

/* NULL when it cannot be understood or stored. */
struct cert *cert_new(const uint8_t *der, size_t len);

/* Where trust comes from, for all connections of one session. */
struct ca {
    const char *path;        /* file or directory; "": the system's */
    bool lazy;               /* issuers are looked up by name during the handshake */
    unsigned usable;         /* certificates read from path */
    struct WOLFSSL_CTX *ctx; /* of the connection under way */
    struct cert *extra;      /* found by ca_find_issuer(); loaded first from then on */
    struct cert *server;     /* given as CA without being one: a server's own certificate */
    struct cert *dated;      /* not loaded because of its dates */
    struct cert *issuers;    /* found by ca_find_issuers() */
};

/* Loads into a new context what has to be there before the handshake. */
NTSC_CHECK_RESULT bool ca_load(struct ca *ca, struct WOLFSSL_CTX *ctx, struct failure *f);

/*
 * Looks through everything that a lazy lookup may have missed for the issuer of `cert`. True when
 * there is one that a new context should be given.
 */
bool ca_find_issuer(struct ca *ca, const struct x509_cert *cert);

/* Whether the dates of a certificate hold at the time of judgement. */
bool cert_is_current(const struct x509_cert *cert);

/* The certificate in a list whose subject issued `cert`, or NULL. */
const struct cert *cert_issuer_in(const struct cert *list, const struct x509_cert *cert);

/* Looks for the trusted certificate that issued `cert` and is valid when it is judged. */
void ca_find_issuers(struct ca *ca, const struct x509_cert *cert);

void ca_free(struct ca *ca);

/* The chain as the server presented it, and the library's first complaint about it. */
struct chain {
    unsigned n;
    struct cert *cert[CHAIN_MAX]; /* [0] is the server's own; NULL: not understood */
    int error;                    /* X509_V_ERR_ or one of the library's own, negative */
    unsigned depth;               /* of the certificate complained of */
};

/* For the verify callback. */
void chain_note(struct chain *c, bool ok, const struct WOLFSSL_X509_STORE_CTX *store);

/* Whether the handshake failed for a certificate; then says why. */
bool chain_failure(const struct chain *c, const struct ca *ca, int wolf_error, struct failure *f);

/* What the library leaves to us, after a handshake that it is content with. */
NTSC_CHECK_RESULT bool chain_check(const struct chain *c, const struct ca *ca, const char *host,
                                   struct failure *f);

/* Whether nobody else in the chain has issued certificate i. */
bool chain_is_top(const struct chain *c, unsigned i);
/* When all of it is valid, together with its issuers in the list `above`. */
struct cert_span chain_span(const struct chain *c, const struct cert *above);

void chain_free(struct chain *c);

/* The time at which certificates are judged. */
int64_t tls_now_s(void);

#endif
