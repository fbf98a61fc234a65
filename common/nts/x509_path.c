/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_path.h"

#include <string.h>

#include "common/nts/x509_alg.h"
#include "common/nts/x509_constraint.h"
#include "common/nts/x509_host.h"
#include "common/nts/x509_judge.h"
#include "common/nts/x509_name.h"

void x509_path_start(struct x509_path *p, const struct x509_trust *trust)
{
    memset(p, 0, sizeof(*p));
    p->trust = trust;
}

void x509_path_add(struct x509_path *p, const uint8_t *der, size_t len)
{
    bool first = p->n_sent == 0;

    if (p->n_sent == X509_SENT_MAX)
        return;
    if (x509_cert_parse(der, len, &p->sent[p->n_sent])) {
        p->read = p->read || first;
        p->n_sent++;
    } else if (first) {
        p->n_sent++;
    }
}

static struct der subject_of(const struct x509_cert *c)
{
    return (struct der){c->subject, c->subject_len};
}

static struct der issuer_of(const struct x509_cert *c)
{
    return (struct der){c->issuer, c->issuer_len};
}

static bool same(struct der a, struct der b)
{
    return der_is(a, b.p, b.left);
}

/* A fault was met. False: this way is not worth going on. */
static bool tolerate(struct x509_path *p, enum reason reason, const struct x509_cert *of)
{
    if (reason == REASON_NONE)
        return true;
    if (p->fault == REASON_NONE) {
        p->fault = reason;
        p->at_fault = of;
    }
    if (!p->forgiving || p->forgiven != REASON_NONE || reason == REASON_TOO_COMPLEX)
        return false;
    p->forgiven = reason;
    p->forgiven_of = of;
    return true;
}

/* Its dates, or, at another time, whether there is one left at which all of the way is valid. */
static enum reason judge_dates(struct x509_path *p, const struct x509_cert *c)
{
    int64_t time_s;

    cert_span_cut(&p->span, c->not_before_s, c->not_after_s);
    if (p->at_other_time)
        return cert_span_time(&p->span, p->now_s, p->floor_s, &time_s) ? REASON_NONE
                                                                       : REASON_EXPIRED;
    if (p->now_s < c->not_before_s)
        return REASON_NOT_YET_VALID;
    return p->now_s > c->not_after_s ? REASON_EXPIRED : REASON_NONE;
}

/* RFC 5280 section 6.1.3 (b): names of self-issued ones are free, but for the server's own. */
static enum reason judge_names(struct x509_path *p, const struct x509_cert *issuer)
{
    if (!issuer->constrained)
        return REASON_NONE;
    for (unsigned i = 0; i < p->n_way; i++) {
        if (i > 0 && x509_cert_self_issued(p->way[i]))
            continue;
        if (!x509_constraints_allow(issuer, p->way[i], &p->comparisons))
            return p->comparisons == 0 ? REASON_TOO_COMPLEX : REASON_NAME_CONSTRAINT;
    }
    return REASON_NONE;
}

static enum reason judge_issuer(struct x509_path *p, const struct x509_cert *issuer)
{
    enum reason reason;
    unsigned below = 0;

    for (unsigned i = 1; i < p->n_way; i++)
        below += !x509_cert_self_issued(p->way[i]);
    reason = x509_judge_issuer(issuer, below);
    return reason == REASON_NONE ? judge_names(p, issuer) : reason;
}

enum signature { SIGNATURE_GOOD, SIGNATURE_BAD, SIGNATURE_UNKNOWN };

static enum signature recall(const struct x509_path *p, const struct x509_cert *cert,
                             const struct x509_cert *issuer)
{
    for (unsigned i = 0; i < p->n_checked; i++)
        if (p->checked[i].cert == cert && same(p->checked[i].key, issuer->key_info))
            return p->checked[i].good ? SIGNATURE_GOOD : SIGNATURE_BAD;
    return SIGNATURE_UNKNOWN;
}

static enum reason check_signature(struct x509_path *p, const struct x509_cert *cert,
                                   const struct x509_cert *issuer)
{
    enum signature known = recall(p, cert, issuer);

    if (known == SIGNATURE_UNKNOWN) {
        if (p->n_checked == X509_SIGNATURES_MAX)
            return REASON_TOO_COMPLEX;
        p->checked[p->n_checked].cert = cert;
        p->checked[p->n_checked].key = issuer->key_info;
        p->checked[p->n_checked].good = p->trust->signature(p->trust->context, cert, issuer);
        known = p->checked[p->n_checked++].good ? SIGNATURE_GOOD : SIGNATURE_BAD;
    }
    return known == SIGNATURE_GOOD ? REASON_NONE : REASON_BAD_SIGNATURE;
}

/* The way has reached an anchor. True ends the search. */
static bool arrive(struct x509_path *p)
{
    for (unsigned i = p->n_way - 1; i > 0; i--) {
        const struct x509_cert *cert = p->way[i - 1];
        enum reason reason;

        /* What is too weak has been told of, and cannot be checked. */
        if (!x509_key_fits(cert, p->way[i]))
            continue;
        reason = check_signature(p, cert, p->way[i]);
        /* As after a CA was made anew, or another private one was called the same. */
        if (reason == REASON_BAD_SIGNATURE && i == p->n_way - 1)
            reason = REASON_OTHER_KEY;
        if (!tolerate(p, reason, cert))
            return false;
    }
    if (!p->found || p->span.not_after_s > p->best.not_after_s)
        p->best = p->span;
    p->found = true;
    return !p->at_other_time;
}

/* The same subject with the same key has been on the way. */
static bool is_on_way(const struct x509_path *p, const struct x509_cert *c)
{
    for (unsigned i = 0; i < p->n_way; i++)
        if (same(p->way[i]->key_info, c->key_info) &&
            x509_name_equal(subject_of(p->way[i]), subject_of(c)))
            return true;
    return false;
}

static bool climb(struct x509_path *p);

/* Goes from the top of the way to one whose name fits. */
static bool step(struct x509_path *p, const struct x509_cert *issuer, bool anchor)
{
    const struct x509_cert *top = p->way[p->n_way - 1];
    const struct cert_span span = p->span;
    const enum reason forgiven = p->forgiven;
    bool weak = top->sign == X509_SIGNATURE_WEAK || top->sign == X509_SIGNATURE_OTHER;
    bool judged = issuer->key == X509_KEY_WEAK || issuer->key == X509_KEY_OTHER;
    bool done = false;

    if (!weak && !judged && !x509_key_fits(top, issuer))
        return false;
    if (is_on_way(p, issuer) || (!p->forgiving && recall(p, top, issuer) == SIGNATURE_BAD))
        return false;
    if (tolerate(p, weak ? REASON_WEAK_KEY : REASON_NONE, top) &&
        tolerate(p, judge_issuer(p, issuer), issuer) &&
        tolerate(p, judge_dates(p, issuer), issuer)) {
        p->way[p->n_way++] = issuer;
        done = anchor ? arrive(p) : climb(p);
        if (!done)
            p->n_way--;
    }
    if (!done) {
        p->span = span;
        p->forgiven = forgiven;
    }
    return done;
}

/* One more pair is looked at; false when there were too many. */
static bool spend(struct x509_path *p)
{
    if (p->steps == 0)
        return tolerate(p, REASON_TOO_COMPLEX, p->way[0]);
    p->steps--;
    return true;
}

/* RFC 5280 section 4.2.1.1: a hint only, which tells the likely issuer from others of its name. */
static bool key_id_fits(const struct x509_cert *cert, const struct x509_cert *issuer)
{
    return cert->issuer_key_id.left == 0 || issuer->key_id.left == 0 ||
           same(cert->issuer_key_id, issuer->key_id);
}

static bool climb_sent(struct x509_path *p, bool likely)
{
    const struct x509_cert *top = p->way[p->n_way - 1];

    for (unsigned i = 1; i < p->n_sent; i++) {
        if (!spend(p))
            return false;
        if (key_id_fits(top, &p->sent[i]) == likely && x509_cert_issued_by(top, &p->sent[i]) &&
            step(p, &p->sent[i], false))
            return true;
    }
    return false;
}

/* Trusted ones first, then those that were sent. */
static bool climb(struct x509_path *p)
{
    const struct x509_cert *top = p->way[p->n_way - 1], *anchor;
    const struct der name = issuer_of(top);

    if (p->n_way == X509_PATH_MAX || x509_name_is_empty(name))
        return false;
    for (unsigned i = 0; (anchor = p->trust->anchor(p->trust->context, name, i)) != NULL; i++)
        if (!spend(p) || step(p, anchor, true))
            return p->found && !p->at_other_time;
    return climb_sent(p, true) || climb_sent(p, false);
}

/* Whoever gave the server's own certificate as a CA trusts it, and nothing that it signs. */
static bool is_anchor_itself(const struct x509_path *p, const struct x509_cert *c)
{
    const struct x509_cert *anchor;

    for (unsigned i = 0; (anchor = p->trust->anchor(p->trust->context, subject_of(c), i)) != NULL;
         i++)
        if (same(anchor->whole, c->whole))
            return true;
    return false;
}

static bool search(struct x509_path *p, bool at_other_time, bool forgiving)
{
    const struct x509_cert *own = &p->sent[0];

    p->at_other_time = at_other_time;
    p->forgiving = forgiving;
    p->found = false;
    p->forgiven = REASON_NONE;
    p->span = CERT_SPAN_EVER;
    p->steps = X509_STEPS_MAX;
    p->comparisons = X509_COMPARISONS_MAX;
    p->way[0] = own;
    p->n_way = 1;
    if (!tolerate(p, x509_judge_server(own), own) || !tolerate(p, judge_dates(p, own), own))
        return false;
    if (is_anchor_itself(p, own) ? !arrive(p) : !climb(p))
        return p->found;
    return true;
}

static enum stage stage_of(enum reason reason)
{
    return reason == REASON_EXPIRED || reason == REASON_NOT_YET_VALID ||
                   reason == REASON_LONG_EXPIRED
               ? STAGE_TLS_TIME
               : STAGE_TLS_TRUST;
}

/* The highest that can be reached from the server's own by what was sent: nobody knows its issuer.
 */
static const struct x509_cert *highest(const struct x509_path *p)
{
    const struct x509_cert *top = &p->sent[0];
    unsigned steps = 0;

    for (unsigned i = 1; i < p->n_sent && steps < X509_SENT_MAX; i++)
        if (&p->sent[i] != top && !x509_cert_self_issued(top) &&
            x509_cert_issued_by(top, &p->sent[i])) {
            top = &p->sent[i];
            steps++;
            i = 0;
        }
    return top;
}

/* By its names alone: then nothing is unknown, and several things are wrong with the way. */
static bool leads_to_anchor(const struct x509_path *p)
{
    const struct der name = issuer_of(highest(p));

    return !x509_name_is_empty(name) && p->trust->anchor(p->trust->context, name, 0) != NULL;
}

static struct failure unknown_issuer(const struct x509_path *p)
{
    const struct x509_cert *top = highest(p);
    struct failure f = failure_make(STAGE_TLS_TRUST, REASON_UNKNOWN_CA, 0);

    if (x509_cert_self_issued(&p->sent[0]))
        f.reason = REASON_SELF_SIGNED;
    x509_name_text(issuer_of(top), f.detail, sizeof f.detail);
    return f;
}

/*
 * Why not: the fault that, alone, stands between the server and an anchor, or the first of several.
 */
static struct failure explain(struct x509_path *p)
{
    enum reason first, reason;
    const struct x509_cert *of;
    struct failure f;

    p->fault = REASON_NONE;
    (void)search(p, false, false);
    first = p->fault;
    of = p->at_fault;
    reason = search(p, false, true) ? p->forgiven : REASON_NONE;
    if (reason != REASON_NONE)
        of = p->forgiven_of;
    else if (first == REASON_TOO_COMPLEX || (first != REASON_NONE && leads_to_anchor(p)))
        reason = first;
    else
        return unknown_issuer(p);
    if (stage_of(reason) == STAGE_TLS_TIME && of->not_after_s < p->floor_s)
        reason = REASON_LONG_EXPIRED;
    f = failure_make(stage_of(reason), reason, 0);
    f.not_before_s = of->not_before_s;
    f.not_after_s = of->not_after_s;
    x509_name_text(subject_of(of), f.detail, sizeof f.detail);
    return f;
}

static struct failure check_host(const struct x509_cert *c, const char *host)
{
    struct failure f = failure_make(STAGE_OK, REASON_NONE, 0);

    switch (x509_host_check(c, host)) {
    case X509_HOST_OK:
        return f;
    case X509_HOST_NONE:
        f = failure_make(STAGE_TLS_NAME, REASON_NO_NAME, 0);
        x509_name_text(subject_of(c), f.detail, sizeof f.detail);
        return f;
    default:
        f = failure_make(STAGE_TLS_NAME, REASON_WRONG_NAME, 0);
        x509_host_list(c, f.detail, sizeof f.detail);
        return f;
    }
}

struct x509_verdict x509_path_judge(struct x509_path *p, const char *host, int64_t now_s,
                                    int64_t floor_s)
{
    struct x509_verdict v = {.span = CERT_SPAN_EVER};

    if (!p->read) {
        v.fail = failure_make(STAGE_TLS_TRUST, REASON_BAD_CERTIFICATE, 0);
        return v;
    }
    p->now_s = now_s;
    p->floor_s = floor_s;
    v.provisional = !search(p, false, false);
    if (v.provisional && (floor_s <= 0 || !search(p, true, false))) {
        v.provisional = false;
        v.fail = explain(p);
        return v;
    }
    v.span = p->best;
    v.fail = check_host(&p->sent[0], host);
    return v;
}
