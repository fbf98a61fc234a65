/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_judge.h"

#include "common/nts/x509_constraint.h"

/* What no certificate of a path may have. */
static enum reason judge_any(const struct x509_cert *c)
{
    if (c->unknown_critical)
        return REASON_CRITICAL_EXTENSION;
    if (c->key == X509_KEY_WEAK || c->key == X509_KEY_OTHER)
        return REASON_WEAK_KEY;
    /* Policies are not followed here; one who demands them has to be refused (section 6.1.5). */
    if (c->wants_policy)
        return REASON_CRITICAL_EXTENSION;
    /* RFC 5280 section 4.2.1.3: who may sign certificates is a CA. */
    if (!c->ca && c->has_usage && (c->usage & X509_USE_CERT_SIGN) != 0)
        return REASON_WRONG_USAGE;
    /* RFC 5280 section 4.2.1.10: in CA certificates only. */
    if (c->constrained && (!c->ca || !x509_constraints_valid(c)))
        return REASON_NAME_CONSTRAINT;
    return REASON_NONE;
}

enum reason x509_judge_server(const struct x509_cert *c)
{
    enum reason reason = judge_any(c);

    if (reason != REASON_NONE)
        return reason;
    /* TLS 1.3 signs the handshake (RFC 8446 section 4.4.2.2). */
    if (c->has_usage && (c->usage & X509_USE_DIGITAL_SIGNATURE) == 0)
        return REASON_WRONG_USAGE;
    /*
     * Any purpose is not this one for the server's own: public CAs may not issue that for servers
     * (CA/Browser Forum Baseline Requirements section 7.1.2.7.10), and OpenSSL does not take it.
     */
    if (c->has_purposes && !c->for_servers)
        return REASON_WRONG_USAGE;
    return REASON_NONE;
}

enum reason x509_judge_issuer(const struct x509_cert *c, unsigned below)
{
    enum reason reason;

    if (c->version != 3 || !c->ca || (c->has_usage && (c->usage & X509_USE_CERT_SIGN) == 0))
        return REASON_NOT_A_CA;
    reason = judge_any(c);
    if (reason != REASON_NONE)
        return reason;
    /*
     * What a CA's purposes leave out it may not issue for, as browsers and OpenSSL have it; any
     * purpose includes this one (RFC 5280 section 4.2.1.12), and private CAs write it.
     */
    if (c->has_purposes && !c->for_servers && !c->for_any)
        return REASON_WRONG_USAGE;
    if (c->has_path_len && below > c->path_len)
        return REASON_PATH_LENGTH;
    return REASON_NONE;
}
