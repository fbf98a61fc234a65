/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a server's certificates, in our terms, and what only we check. */
#include <wolfssl/options.h> /* before all others */

#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include <stdlib.h>
#include <string.h>

#include "client/ke/tls_wolfssl.h"
#include "common/nts/x509_host.h"

void chain_note(struct chain *c, bool ok, const struct WOLFSSL_X509_STORE_CTX *store)
{
    /* The callback comes once for each certificate, every time with the whole chain. */
    if (c->n == 0) {
        for (int i = 0; i < store->totalCerts && i < CHAIN_MAX; i++)
            c->cert[c->n++] = cert_new(store->certs[i].buffer, store->certs[i].length);
    }
    /* From the top down: the first error is the cause, "no issuer" below it follows from it. */
    if (!ok && c->error == 0) {
        c->error = store->error;
        c->depth = (unsigned)store->error_depth;
    }
}

void chain_free(struct chain *c)
{
    for (unsigned i = 0; i < c->n; i++)
        free(c->cert[i]);
    memset(c, 0, sizeof(*c));
}

static struct failure dated(enum reason reason, const struct cert *c)
{
    struct failure f = failure_make(STAGE_TLS_TIME, reason, 0);

    if (c) {
        f.not_before_s = c->view.not_before_s;
        f.not_after_s = c->view.not_after_s;
    }
    return f;
}

static const struct cert *presented(const struct chain *c, unsigned depth)
{
    return depth < c->n ? c->cert[depth] : NULL;
}

bool chain_is_top(const struct chain *c, unsigned i)
{
    if (!c->cert[i])
        return false;
    for (unsigned j = 0; j < c->n; j++)
        if (j != i && c->cert[j] && x509_cert_issued_by(&c->cert[i]->view, &c->cert[j]->view))
            return false;
    return true;
}

/* A CA that was renewed is there twice: the one that ends last counts. */
static const struct cert *last_issuer_in(const struct cert *list, const struct x509_cert *cert)
{
    const struct cert *last = NULL;

    while ((list = cert_issuer_in(list, cert))) {
        if (!last || list->view.not_after_s > last->view.not_after_s)
            last = list;
        list = list->next;
    }
    return last;
}

struct cert_span chain_span(const struct chain *c, const struct cert *above)
{
    struct cert_span span = CERT_SPAN_EVER;

    for (unsigned i = 0; i < c->n; i++) {
        const struct cert *issuer = NULL;

        if (!c->cert[i])
            continue;
        cert_span_cut(&span, c->cert[i]->view.not_before_s, c->cert[i]->view.not_after_s);
        if (chain_is_top(c, i))
            issuer = last_issuer_in(above, &c->cert[i]->view);
        if (issuer)
            cert_span_cut(&span, issuer->view.not_before_s, issuer->view.not_after_s);
    }
    return span;
}

/* Nobody known has issued one of them: why not? */
static struct failure no_issuer(const struct chain *c, const struct ca *ca)
{
    const struct cert *leaf = presented(c, 0);

    for (unsigned i = 0; i < c->n; i++) {
        const struct cert *cert = c->cert[i];
        const struct cert *old = cert ? cert_issuer_in(ca->dated, &cert->view) : NULL;

        if (old)
            return dated(
                tls_now_s() < old->view.not_before_s ? REASON_NOT_YET_VALID : REASON_EXPIRED, old);
    }
    if (leaf && x509_cert_self_issued(&leaf->view))
        return failure_make(STAGE_TLS_TRUST, REASON_SELF_SIGNED, 0);
    for (unsigned i = 0; i < c->n; i++)
        for (unsigned j = 1; j < c->n; j++)
            if (i != j && c->cert[i] && c->cert[j] && !c->cert[j]->view.ca &&
                x509_cert_issued_by(&c->cert[i]->view, &c->cert[j]->view))
                return failure_make(STAGE_TLS_TRUST, REASON_NOT_A_CA, 0);
    return failure_make(STAGE_TLS_TRUST, REASON_UNKNOWN_CA, 0);
}

static bool any_weak(const struct chain *c)
{
    for (unsigned i = 0; i < c->n; i++)
        if (c->cert[i] && c->cert[i]->view.sign == X509_SIGNATURE_WEAK &&
            !(i > 0 && x509_cert_self_issued(&c->cert[i]->view)))
            return true;
    return false;
}

/* Debian's build gives X509_V_ERR_ numbers for some errors, others as they are. */
bool chain_failure(const struct chain *c, const struct ca *ca, int wolf_error, struct failure *f)
{
    int error = c->error != 0 ? c->error : wolf_error;
    enum reason reason = REASON_NONE;

    switch (error) {
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case ASN_BEFORE_DATE_E:
        *f = dated(REASON_NOT_YET_VALID, presented(c, c->depth));
        return true;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
    case ASN_AFTER_DATE_E:
        *f = dated(REASON_EXPIRED, presented(c, c->depth));
        return true;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case ASN_SELF_SIGNED_E:
    case ASN_NO_SIGNER_E:
        *f = no_issuer(c, ca);
        return true;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case ASN_PATHLEN_INV_E:
    case ASN_PATHLEN_SIZE_E:
    case MAX_CHAIN_ERROR:
        reason = REASON_PATH_LENGTH;
        break;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case ASN_SIG_CONFIRM_E:
    case ASN_SIG_HASH_E:
        reason = any_weak(c) ? REASON_WEAK_KEY : REASON_BAD_SIGNATURE;
        break;
    case RSA_KEY_SIZE_E:
    case ECC_KEY_SIZE_E:
        reason = REASON_WEAK_KEY;
        break;
    case EXTKEYUSE_AUTH_E:
    case KEYUSE_SIGNATURE_E:
    case KEYUSE_ENCIPHER_E:
    case ASN_NAME_INVALID_E:
    case ASN_CRIT_EXT_E:
        reason = REASON_WRONG_USAGE;
        break;
    default:
        return false;
    }
    *f = failure_make(STAGE_TLS_TRUST, reason, 0);
    return true;
}

/* A server's own certificate given as CA vouches for itself, not for others it may sign. */
static bool server_as_ca(const struct chain *c, const struct ca *ca)
{
    for (unsigned i = 0; i < c->n; i++) {
        const struct cert *cert = c->cert[i];
        const struct cert *issuer = cert ? cert_issuer_in(ca->server, &cert->view) : NULL;

        if (issuer && (issuer->len != cert->len || memcmp(issuer->der, cert->der, cert->len) != 0))
            return true;
    }
    return false;
}

bool chain_check(const struct chain *c, const struct ca *ca, const char *host, struct failure *f)
{
    const struct cert *leaf = presented(c, 0);

    for (unsigned i = 0; i < c->n; i++)
        if (!c->cert[i])
            leaf = NULL;
    if (!leaf) {
        *f = failure_make(STAGE_TLS_TRUST, REASON_BAD_SIGNATURE, 0);
        return false;
    }
    if (server_as_ca(c, ca)) {
        *f = failure_make(STAGE_TLS_TRUST, REASON_NOT_A_CA, 0);
        return false;
    }
    if (any_weak(c)) {
        *f = failure_make(STAGE_TLS_TRUST, REASON_WEAK_KEY, 0);
        return false;
    }
    switch (x509_host_check(&leaf->view, host)) {
    case X509_HOST_OK:
        return true;
    case X509_HOST_NONE:
        *f = failure_make(STAGE_TLS_NAME, REASON_NO_NAME, 0);
        return false;
    default:
        *f = failure_make(STAGE_TLS_NAME, REASON_WRONG_NAME, 0);
        return false;
    }
}
