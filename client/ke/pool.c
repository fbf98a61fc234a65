/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/pool.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "client/ke/dns_ask.h"
#include "common/base/fnv1a.h"

#define SERVICE "_ntske._tcp." /* RFC 8915 section 7.1, RFC 2782 */

/* Servers of a pool that are looked at; as many are tried as the time allows. */
#define SERVICES_MAX 32

/* How often a pool that sends us to NTP servers is asked for another one. */
#define ASKS_MAX 4

/* RFC 2782: "a very small chance" for weight 0. */
#define WEIGHT_LEAST 0.01
/* -log(u) is at most 23, so with the least weight the key stays within its priority. */
#define PRIORITY_APART 10000.0

struct candidate {
    struct dns_srv srv;
    double key; /* the least is tried first */
};

/* Of the last exchange; ke_exchange() hands it out by a call. */
static struct msg_ke_answer last;

static void keep(const struct msg_ke_answer *answer)
{
    last = *answer;
}

static void hand_out(ke_deliver *deliver)
{
    deliver(&last);
    explicit_bzero(&last, sizeof last);
}

static bool name_taken(const struct msg_ke_request *req, uint64_t name)
{
    for (unsigned i = 0; i < req->n_taken; i++)
        if (req->taken[i].name == name)
            return true;
    return false;
}

/* Whether it leads to an NTP server that another of the pool has. */
static bool address_taken(const struct msg_ke_request *req, const struct msg_ke_answer *a)
{
    for (unsigned i = 0; i < req->n_taken; i++)
        for (unsigned k = 0; k < a->n_ntp; k++)
            if (net_addr_equal(&req->taken[i].ntp, &a->ntp[k]))
                return true;
    return false;
}

/* The failure stands for what was reached last, if anything was. */
static void no_other(struct msg_ke_answer *a)
{
    const uint8_t reached = a->reached;
    const struct net_addr ke = a->ke;

    explicit_bzero(a, sizeof *a);
    a->type = MSG_KE_ANSWER;
    a->reached = reached;
    a->ke = ke;
    a->fail = failure_make(STAGE_RESOLVE, REASON_NO_OTHER, 0);
}

/*
 * RFC 2782: lower priorities first, within one by chance in proportion to the weights: the one with
 * the least -log(u) / weight comes first. The one that is wanted comes before all.
 */
static double key_of(const struct dns_srv *srv, uint64_t wanted)
{
    uint32_t random = 0;
    double u, weight = srv->weight > 0 ? srv->weight : WEIGHT_LEAST;

    if (fnv1a(srv->target) == wanted)
        return -1;
    (void)!getrandom(&random, sizeof random, 0);
    u = (random + 0.5) / (UINT32_MAX + 1.0);
    return srv->priority * PRIORITY_APART - log(u) / weight;
}

/* Those that may be asked, in order. Other ports than the two are closed to us (sandbox_ke.c). */
static unsigned candidates(const struct msg_ke_request *req, const struct dns_srv *srv, unsigned n,
                           struct candidate *out)
{
    unsigned found = 0;

    for (unsigned i = 0; i < n; i++) {
        struct candidate c = {.srv = srv[i], .key = key_of(&srv[i], req->wanted)};
        unsigned at = found;

        if ((c.srv.port != req->port && c.srv.port != NTS_KE_PORT) ||
            name_taken(req, fnv1a(c.srv.target)))
            continue;
        for (; at > 0 && out[at - 1].key > c.key; at--)
            out[at] = out[at - 1];
        out[at] = c;
        found++;
    }
    return found;
}

/* The first that answers and is not another one's; its name is the one its certificate is for. */
static void ask_services(const struct msg_ke_request *req, const struct dns_srv *srv, unsigned n,
                         struct ca_open *trusted, struct ke_progress *progress)
{
    struct candidate c[SERVICES_MAX];
    unsigned found = candidates(req, srv, n, c), taken = 0;

    memset(&last, 0, sizeof last);
    for (unsigned i = 0; i < found; i++) {
        struct msg_ke_request one = *req;

        memset(one.host, 0, sizeof one.host);
        memcpy(one.host, c[i].srv.target, strlen(c[i].srv.target));
        one.port = c[i].srv.port;
        ke_exchange(&one, trusted, progress, keep);
        if (last.fail.stage != STAGE_OK)
            continue;
        if (!address_taken(req, &last)) {
            last.member = fnv1a(c[i].srv.target);
            return;
        }
        taken++;
    }
    if (found == taken || found == 0)
        no_other(&last);
}

/* A pool by its own name: NTP servers that its answers name differ from time to time. */
static void ask_pool(const struct msg_ke_request *req, struct ca_open *trusted,
                     struct ke_progress *progress)
{
    for (unsigned i = 0; i < ASKS_MAX; i++) {
        struct net_addr itself;

        ke_exchange(req, trusted, progress, keep);
        if (last.fail.stage != STAGE_OK || !address_taken(req, &last))
            return;
        itself = last.ntp[0];
        itself.port = last.ke.port;
        if (net_addr_equal(&itself, &last.ke))
            break; /* it names no other and will not the next time */
    }
    no_other(&last);
}

void pool_exchange(const struct msg_ke_request *req, struct ca_open *trusted,
                   struct ke_progress *progress, ke_deliver *deliver)
{
    struct dns_srv srv[SERVICES_MAX];
    char name[sizeof SERVICE + NTS_NAME_MAX];
    unsigned n;

    if (!req->is_pool) {
        ke_exchange(req, trusted, progress, deliver);
        return;
    }
    progress->stage = STAGE_RESOLVE;
    (void)snprintf(name, sizeof name, SERVICE "%s", req->host);
    n = dns_ask_services(name, srv, SERVICES_MAX);
    if (n > 0)
        ask_services(req, srv, n, trusted, progress);
    else
        ask_pool(req, trusted, progress);
    hand_out(deliver);
}
