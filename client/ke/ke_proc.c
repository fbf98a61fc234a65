/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/ke_proc.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "client/ke/connect.h"
#include "client/ke/resolve.h"
#include "client/ke/tls.h"
#include "common/nts/x509_host.h"

/* With addresses to stand in for it, DNS gets a third of the time, and this at most. */
#define DNS_LIMIT_MS 3000

/*
 * A server that keeps silent after the request may have stumbled over it (ask_with_care()). It has
 * been reached and has shaken hands, so that seconds are long; there has to be time for another.
 */
#define ANSWER_LIMIT_MS 3000

/*
 * Who has not begun to answer a ClientHello after this and some round trips (as TCP saw them) has
 * to wait until the other addresses had their turn: RFC 8305's delay between attempts. The server
 * has signed nothing yet, so that it needs little more than one of them.
 */
#define HELLO_MS   250
#define HELLO_RTTS 3

struct exchange {
    const struct msg_ke_request *req;
    struct nts_ke_ask ask; /* req->ask, or with fewer algorithms */
    struct ca_open *trusted;
    struct ke_progress *progress;
    struct addr_list hosts; /* of the key establishment server */
    struct net_addr ke;     /* the one that answered */
    struct tls *tls;
    int fd;
    uint8_t *response; /* NTS_KE_RESPONSE_MAX octets */
    size_t response_len;
    struct nts_ke_answer said;
    bool plain_aead; /* 15 alone was offered, though there are others */
    struct failure fail;
};

static bool ended(struct exchange *x, enum stage stage, enum reason reason)
{
    x->fail = failure_make(stage, reason, 0);
    return false;
}

/* Takes out 0.0.0.0 and ::, to which the kernel would connect as to this machine. */
static bool some_host(struct exchange *x, struct addr_list *list)
{
    static const uint8_t nowhere[16];
    unsigned n = 0;

    for (unsigned i = 0; i < list->n; i++)
        if (memcmp(list->a[i].addr, nowhere, sizeof(nowhere)) != 0)
            list->a[n++] = list->a[i];
    list->n = n;
    return n > 0 || ended(x, STAGE_RESOLVE, REASON_NO_HOST_THERE);
}

/* A first attempt may take `most` ms, and a third of all the time there is: a second follows. */
static int share_of(const struct msg_ke_request *req, int most)
{
    int third = req->timeout_ms / 3 + 1;

    return third < most ? third : most;
}

static bool find_hosts(struct exchange *x)
{
    const struct msg_ke_request *req = x->req;
    int limit_ms = 0;

    x->progress->stage = STAGE_RESOLVE;
    if (req->n_fixed > 0)
        limit_ms = share_of(req, DNS_LIMIT_MS);
    if (resolve_host(req->host, req->family, req->port, limit_ms, &x->hosts, &x->fail))
        return some_host(x, &x->hosts);
    if (x->fail.stage != STAGE_RESOLVE)
        return false;
    /* DNS gives nothing: no answer, none that can be validated, or that there is no such name. */
    for (unsigned i = 0; i < req->n_fixed; i++)
        if (req->family == 0 || req->family == req->fixed[i].family)
            x->hosts.a[x->hosts.n++] = req->fixed[i];
    resolve_interleave(&x->hosts);
    return x->hosts.n > 0;
}

static bool open_connection(struct exchange *x, const struct addr_list *to)
{
    x->progress->stage = STAGE_CONNECT;
    x->fd = connect_first(to, &x->ke, &x->fail);
    if (x->fd < 0)
        return false;
    if (!x->progress->reached) {
        x->progress->ke = x->ke;
        atomic_signal_fence(memory_order_seq_cst);
        x->progress->reached = 1;
    }
    return true;
}

static void close_connection(struct exchange *x)
{
    if (x->fd >= 0)
        close(x->fd);
    x->fd = -1;
}

static enum tls_result shake_hands(struct exchange *x, int hello_ms)
{
    const struct addr_list same = {.n = 1, .a = {x->ke}};
    enum tls_result result;

    x->progress->stage = STAGE_TLS;
    result = tls_handshake(x->tls, x->fd, hello_ms, &x->fail);
    if (result != TLS_AGAIN)
        return result;
    tls_reset(x->tls);
    close_connection(x);
    if (!open_connection(x, &same))
        return TLS_FAILED;
    x->progress->stage = STAGE_TLS;
    return tls_handshake(x->tls, x->fd, 0, &x->fail);
}

static void drop(struct addr_list *list, const struct net_addr *a)
{
    unsigned n = 0;

    for (unsigned i = 0; i < list->n; i++)
        if (!net_addr_equal(&list->a[i], a))
            list->a[n++] = list->a[i];
    list->n = n;
}

/*
 * A server that shows a certificate is final: another address would be another server. One that
 * only takes the connection (a broken path for one of the families, another service there) costs a
 * little time, and the next address is tried. Who was slow to answer gets all the time that is left
 * when nobody else has answered. What was wrong with the first is told, if all fail.
 */
static bool open_session(struct exchange *x)
{
    struct addr_list left = x->hosts, slow = {0};
    struct failure first = {.stage = STAGE_OK};
    enum tls_result result = TLS_NOBODY;

    x->tls = tls_new(x->req->host, x->trusted, x->req->time_floor_s, &x->fail);
    if (!x->tls)
        return false;
    while (result == TLS_NOBODY && (left.n > 0 || slow.n > 0)) {
        struct addr_list *from = left.n > 0 ? &left : &slow;
        bool more = from == &left && left.n + slow.n > 1;

        if (open_connection(x, from)) {
            result = shake_hands(x, more ? HELLO_MS + HELLO_RTTS * connect_rtt_ms(x->fd) : 0);
            drop(from, &x->ke);
            if (result == TLS_NOBODY && more && x->fail.reason == REASON_TIMEOUT)
                slow.a[slow.n++] = x->ke;
            if (result == TLS_NOBODY)
                close_connection(x);
        } else {
            from->n = 0; /* nor any other of them */
        }
        if (first.stage == STAGE_OK)
            first = x->fail;
    }
    if (result == TLS_NOBODY)
        x->fail = first;
    return result == TLS_DONE;
}

/* wait_ms: for the first octet; 0: no limit. */
static bool read_response(struct exchange *x, int wait_ms)
{
    const struct aead_list offered = nts_ke_offer(&x->ask);
    size_t pos = 0;

    x->response_len = 0;
    while (!nts_ke_response_complete(x->response, x->response_len, &pos)) {
        int n;

        if (x->response_len == NTS_KE_RESPONSE_MAX)
            return ended(x, STAGE_KE_RECORD, REASON_TOO_LONG);
        n = tls_read(x->tls, x->response + x->response_len, NTS_KE_RESPONSE_MAX - x->response_len,
                     x->response_len == 0 ? wait_ms : 0, &x->fail);
        if (n < 0)
            return false;
        if (n == 0)
            return ended(x, STAGE_KE_RECORD, REASON_TRUNCATED);
        x->response_len += (size_t)n;
    }
    return nts_ke_response_check(x->response, x->response_len, &offered, &x->said, &x->fail);
}

static bool ask(struct exchange *x, int wait_ms)
{
    uint8_t request[NTS_KE_REQUEST_MAX];
    size_t len = nts_ke_request_build(&x->ask, request, sizeof(request));

    x->progress->stage = STAGE_KE_RECORD;
    return tls_write(x->tls, request, len, &x->fail) && read_response(x, wait_ms);
}

/* Whether a server may have failed so because it stumbles over algorithms that it does not know. */
static bool list_may_be_to_blame(const struct failure *f)
{
    if (f->stage == STAGE_KE_ERROR) /* unrecognized critical record, bad request; section 4.1.3 */
        return f->reason == REASON_KE_ERROR && (f->code == 0 || f->code == 1);
    switch (f->reason) {
    case REASON_TRUNCATED:
    case REASON_RESET:
    case REASON_TIMEOUT:
    case REASON_ALERT:
    case REASON_MALFORMED:
    case REASON_DUPLICATE:
    case REASON_CRITICAL_UNKNOWN:
    case REASON_MISSING:
    case REASON_BAD_AEAD:
        return f->stage == STAGE_KE_RECORD;
    default:
        return false;
    }
}

static void only_siv_256(struct exchange *x)
{
    x->ask.aead = (struct aead_list){.n = 1, .id = {AEAD_AES_SIV_CMAC_256}};
}

/* On a new connection to the same address; what was wrong before is told if it cannot be had. */
static bool ask_again(struct exchange *x)
{
    const struct addr_list same = {.n = 1, .a = {x->ke}};
    const struct failure before = x->fail;

    tls_close(x->tls);
    tls_reset(x->tls);
    close_connection(x);
    only_siv_256(x);
    if (open_connection(x, &same) && shake_hands(x, 0) == TLS_DONE)
        return ask(x, 0);
    x->fail = before;
    return false;
}

/*
 * Some servers close at the first algorithm that they do not know, or read no further than the
 * first one and wait: they are asked once more for the one that all have (section 5.1).
 */
static bool ask_with_care(struct exchange *x)
{
    const struct aead_list offer = nts_ke_offer(&x->req->ask);
    bool choice = offer.n > 1 && aead_list_has(&offer, AEAD_AES_SIV_CMAC_256);

    x->ask = x->req->ask;
    x->plain_aead = choice && x->req->plain_aead != 0;
    if (x->plain_aead)
        only_siv_256(x);
    if (x->plain_aead || !choice)
        return ask(x, 0);
    if (ask(x, share_of(x->req, ANSWER_LIMIT_MS)))
        return true;
    x->plain_aead = true;
    return list_may_be_to_blame(&x->fail) && ask_again(x);
}

static bool derive_key(struct exchange *x, bool s2c, struct aead_key *k)
{
    uint8_t context[NTS_EXPORTER_CONTEXT_LEN];

    k->id = x->said.aead;
    k->len = (uint16_t)aead_key_len(k->id);
    nts_exporter_context(x->said.exporter_aead, s2c, context);
    if (k->len > 0 &&
        tls_export(x->tls, NTS_EXPORTER_LABEL, context, sizeof(context), k->key, k->len))
        return true;
    return ended(x, STAGE_TLS, REASON_LIBRARY);
}

/* Where the key establishment host answers NTP itself: first where it was reached just now. */
static void same_host(const struct exchange *x, struct addr_list *ntp)
{
    ntp->a[ntp->n++] = x->ke;
    for (unsigned i = 0; i < x->hosts.n && ntp->n < NET_ADDR_MAX; i++)
        if (memcmp(&x->hosts.a[i], &x->ke, sizeof(x->ke)) != 0)
            ntp->a[ntp->n++] = x->hosts.a[i];
    for (unsigned i = 0; i < ntp->n; i++)
        ntp->a[i].port = x->said.ntp_port;
}

/* The server of RFC 8915 section 4.1.7, of which the user may never have heard. */
static bool find_named(struct exchange *x, struct addr_list *ntp)
{
    const char *name = x->said.ntp_server;
    uint8_t literal[16];

    /* A long name is cut. */
    snprintf(x->progress->named, sizeof(x->progress->named),
             "NTP server %.56s, named by key establishment", name);
    if (!resolve_host(name, x->req->family, x->said.ntp_port, 0, ntp, &x->fail))
        return false;
    return x509_host_literal(name, literal) > 0 || some_host(x, ntp);
}

/* RFC 8915 sections 4.1.7 and 4.1.8. */
static bool find_ntp(struct exchange *x, struct msg_ke_answer *answer)
{
    const char *name = x->said.ntp_server;
    struct addr_list ntp = {0};
    bool found = true;

    x->progress->stage = STAGE_RESOLVE;
    if (name[0] == '\0' || strcasecmp(name, x->req->host) == 0)
        same_host(x, &ntp);
    else
        found = find_named(x, &ntp);
    for (unsigned i = 0; found && i < ntp.n; i++)
        if (net_addr_usable(&ntp.a[i], &x->ke))
            answer->ntp[answer->n_ntp++] = ntp.a[i];
    if (found && answer->n_ntp == 0)
        found = ended(x, STAGE_RESOLVE, REASON_BAD_REDIRECT);
    if (!found)
        memcpy(x->fail.detail, x->progress->named, sizeof(x->fail.detail));
    return found;
}

static bool run(struct exchange *x, struct msg_ke_answer *answer)
{
    if (!find_hosts(x) || !open_session(x) || !ask_with_care(x) ||
        !derive_key(x, false, &answer->c2s) || !derive_key(x, true, &answer->s2c) ||
        !find_ntp(x, answer))
        return false;
    answer->cookies = x->said.cookies;
    answer->plain_aead = x->plain_aead;
    answer->provisional = tls_dates(x->tls, &answer->not_before_s, &answer->not_after_s);
    return true;
}

void ke_exchange(const struct msg_ke_request *req, struct ca_open *trusted,
                 struct ke_progress *progress, ke_deliver *deliver)
{
    static uint8_t response[NTS_KE_RESPONSE_MAX];
    struct exchange x = {
        .req = req, .trusted = trusted, .progress = progress, .fd = -1, .response = response};
    struct msg_ke_answer answer = {.type = MSG_KE_ANSWER};

    progress->named[0] = '\0';
    if (!run(&x, &answer)) {
        explicit_bzero(&answer, sizeof(answer));
        answer.type = MSG_KE_ANSWER;
        answer.fail = x.fail;
    }
    answer.reached = progress->reached != 0;
    if (answer.reached)
        answer.ke = x.ke;
    deliver(&answer);
    explicit_bzero(&answer, sizeof(answer));
    explicit_bzero(&x.said, sizeof(x.said));
    explicit_bzero(response, x.response_len);
    if (x.tls)
        tls_close(x.tls);
    tls_free(x.tls);
    close_connection(&x);
}

void ke_answer_timeout(const struct ke_progress *progress, struct msg_ke_answer *answer)
{
    enum stage stage = (enum stage)progress->stage;

    memset(answer, 0, sizeof(*answer));
    answer->type = MSG_KE_ANSWER;
    answer->reached = progress->reached != 0;
    if (answer->reached)
        answer->ke = progress->ke;
    answer->fail =
        failure_make(stage, stage == STAGE_RESOLVE ? REASON_DNS_DOWN : REASON_TIMEOUT, 0);
    if (stage == STAGE_RESOLVE)
        memcpy(answer->fail.detail, progress->named, sizeof(answer->fail.detail));
}
