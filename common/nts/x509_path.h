/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The path from a server's certificate to a trusted CA (RFC 5280 section 6.1), out of what the
 * server sent and what is trusted here. Pure: signatures are checked and trust anchors looked up by
 * the caller's functions; no heap.
 *
 * Servers send their chains in any order, with duplicates, with certificates that expired, were
 * cross-signed or belong to nobody. So every way up is tried, the trusted ones first, until one is
 * good or a budget is spent; signatures come last, from the anchor down, each once. When all fail,
 * the words are about the way that has one fault only.
 */
#ifndef NTSC_X509_PATH_H
#define NTSC_X509_PATH_H

#include "common/base/err.h"
#include "common/nts/cert_span.h"
#include "common/nts/x509_cert.h"

/*
 * Certificates of a server that are looked at, its own included; the rest is not. TLS libraries
 * take 9 to 100; BetterTLS (Netflix) judges path building with 36.
 */
#define X509_SENT_MAX 48
#define X509_PATH_MAX 18 /* and an anchor */

/*
 * Signatures checked for one server. A path that somebody means to be walked needs one for each
 * certificate; elliptic curves cost 2 to 3 ms each.
 */
#define X509_SIGNATURES_MAX 16
/* Pairs of a certificate and an issuer that are looked at, some 0.5 us each. */
#define X509_STEPS_MAX 20000
/* Comparisons of a name with a constraint; Go's crypto/x509 allows as many. */
#define X509_COMPARISONS_MAX 250000

struct x509_trust {
    void *context;
    /*
     * The i-th trust anchor whose subject is `name` (x509_name_equal), from 0 on, or NULL. It has
     * to stay until the search is over.
     */
    const struct x509_cert *(*anchor)(void *context, struct der name, unsigned i);
    /* Whether `issuer`, whose key fits (x509_key_fits), made the signature on `cert`. */
    bool (*signature)(void *context, const struct x509_cert *cert, const struct x509_cert *issuer);
};

/* A search and what it found. All of it is the search's own until then. */
struct x509_path {
    const struct x509_trust *trust;
    struct x509_cert sent[X509_SENT_MAX]; /* [0] is the server's own */
    unsigned n_sent;
    bool read; /* the server's own could be read */

    /* The way that is being tried, and the one that was good: from the server's own up. */
    const struct x509_cert *way[X509_PATH_MAX];
    unsigned n_way;

    struct {
        const struct x509_cert *cert;
        struct der key; /* of the issuer */
        bool good;
    } checked[X509_SIGNATURES_MAX];
    unsigned n_checked;
    uint32_t steps, comparisons; /* left */

    int64_t now_s, floor_s;
    bool at_other_time; /* dates count only for the span */
    bool forgiving;     /* one fault is allowed, to be told */
    enum reason fault;  /* the first one met, then the one that was forgiven */
    const struct x509_cert *at_fault;
    enum reason forgiven;
    const struct x509_cert *forgiven_of;

    struct cert_span span, best; /* of the way; of the good one that ends last */
    bool found;
};

/*
 * Takes in what the server sent, in its order, and forgets what was before. What cannot be read is
 * left out, unless it is the first.
 */
void x509_path_start(struct x509_path *p, const struct x509_trust *trust);
void x509_path_add(struct x509_path *p, const uint8_t *der, size_t len);

/* How a search ended. */
struct x509_verdict {
    struct failure fail;   /* STAGE_OK: there is a path */
    struct cert_span span; /* when all of it is valid, anchor included */
    bool provisional;      /* not at now_s, but at another time in the span */
};

/*
 * Judges the server `host` (name or address literal) at now_s, seconds since 1970. With floor_s > 0
 * nobody vouches for that time: a path that is valid at some time from the floor on will do, of
 * several the one that ends last. May be called again after more anchors have become known.
 */
struct x509_verdict x509_path_judge(struct x509_path *p, const char *host, int64_t now_s,
                                    int64_t floor_s);

#endif
