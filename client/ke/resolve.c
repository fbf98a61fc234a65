/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "client/ke/dns_ask.h"
#include "client/shared/sockaddr.h"

void resolve_interleave(struct addr_list *list)
{
    struct addr_list in = *list;
    unsigned next[2] = {0, 0}; /* IPv6, IPv4 */
    unsigned turn = 0;

    for (unsigned out = 0; out < in.n && (next[0] < in.n || next[1] < in.n);) {
        unsigned *i = &next[turn];

        while (*i < in.n && in.a[*i].family != (turn == 0 ? 6 : 4))
            (*i)++;
        if (*i < in.n)
            list->a[out++] = in.a[(*i)++];
        turn ^= 1;
    }
}

/* Takes at most NET_ADDR_MAX, but of both families where there are both: half for each. */
static void take(const struct addrinfo *info, uint16_t port, struct addr_list *list)
{
    struct net_addr a;
    unsigned of_family[7] = {0}, both[7] = {0};

    for (const struct addrinfo *i = info; i; i = i->ai_next)
        if (sockaddr_address(i->ai_addr, &a))
            both[a.family] = 1;
    unsigned most = both[4] && both[6] ? NET_ADDR_MAX / 2 : NET_ADDR_MAX;
    for (; info; info = info->ai_next) {
        if (!sockaddr_address(info->ai_addr, &a) || of_family[a.family] >= most)
            continue;
        of_family[a.family]++;
        a.port = port;
        list->a[list->n++] = a;
    }
    resolve_interleave(list);
}

static struct failure failure_of(int gai, int err)
{
    switch (gai) {
    case EAI_NONAME:
        return failure_make(STAGE_RESOLVE, REASON_NO_SUCH_NAME, 0);
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        return failure_make(STAGE_RESOLVE, REASON_NO_ADDRESS, 0);
    case EAI_MEMORY:
        return failure_make(STAGE_LOCAL, REASON_SYSTEM, ENOMEM);
    case EAI_SYSTEM:
        return failure_make(STAGE_RESOLVE, REASON_DNS_DOWN, err);
    default:
        return failure_make(STAGE_RESOLVE, REASON_DNS_DOWN, 0);
    }
}

struct job {
    char host[NTS_NAME_MAX + 1];
    struct addrinfo hints;
    struct addrinfo *info;
    struct addr_list unchecked; /* without getaddrinfo() */
    uint8_t family;
    int gai, err;
    pthread_mutex_t lock; /* of `ended` */
    pthread_cond_t end;
    bool ended;
};

/*
 * A resolver that validates fails while the clock is wrong, and the clock is wrong until there is
 * an address. So it is asked not to: the server's certificate is judged all the same.
 */
static void job_run(struct job *j)
{
    j->gai = getaddrinfo(j->host, NULL, &j->hints, &j->info);
    j->err = errno;
    if (j->gai == EAI_AGAIN)
        dns_ask_addresses(j->host, j->family, &j->unchecked);
}

static void *job_thread(void *arg)
{
    struct job *j = arg;

    job_run(j);
    pthread_mutex_lock(&j->lock);
    j->ended = true;
    pthread_cond_signal(&j->end);
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

/* Waits by the monotonic clock; POSIX has no join with a limit. */
static bool job_ends_until(struct job *j, const struct timespec *until)
{
    bool ended;

    pthread_mutex_lock(&j->lock);
    while (!j->ended && pthread_cond_timedwait(&j->end, &j->lock, until) == 0)
        continue;
    ended = j->ended;
    pthread_mutex_unlock(&j->lock);
    return ended;
}

/* The deadline's signal belongs to the main thread, which it interrupts at whatever it waits for.
 */
static int thread_start(struct job *j, pthread_t *id)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;
    int err;

    pthread_mutex_init(&j->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&j->end, &monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    err = pthread_create(id, NULL, job_thread, j);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

/* getaddrinfo() cannot be stopped: a thread that outlasts its limit is left alone with its job. */
static bool job_run_limited(struct job *j, int limit_ms, struct failure *f)
{
    struct timespec until;
    pthread_t id;
    int err = thread_start(j, &id);

    if (err != 0) {
        *f = failure_make(STAGE_LOCAL, REASON_SYSTEM, err);
        free(j);
        return false;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += limit_ms / 1000;
    until.tv_nsec += limit_ms % 1000 * 1000000L;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_sec++;
        until.tv_nsec -= NS_PER_S;
    }
    if (job_ends_until(j, &until)) {
        pthread_join(id, NULL);
        return true;
    }
    *f = failure_make(STAGE_RESOLVE, REASON_DNS_DOWN, 0);
    return false;
}

/* RFC 6761 section 6.3: "localhost" and what ends in it, with or without the final dot. */
static bool is_localhost(const char *host)
{
    static const char name[] = "localhost";
    size_t n = strlen(host), len = sizeof(name) - 1;

    if (n > 0 && host[n - 1] == '.')
        n--;
    return n >= len && strncasecmp(host + n - len, name, len) == 0 &&
           (n == len || host[n - len - 1] == '.');
}

/* Known without any file or name server. */
static bool take_loopback(uint8_t family, uint16_t port, struct addr_list *list, struct failure *f)
{
    const struct net_addr six = {.family = 6, .port = port, .addr = {[15] = 1}};
    const struct net_addr four = {.family = 4, .port = port, .addr = {127, 0, 0, 1}};

    if (family != 4)
        list->a[list->n++] = six;
    if (family != 6)
        list->a[list->n++] = four;
    *f = failure_make(STAGE_OK, REASON_NONE, 0);
    return true;
}

static int family_of(uint8_t family)
{
    return family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
}

bool resolve_host(const char *host, uint8_t family, uint16_t port, int limit_ms,
                  struct addr_list *list, struct failure *f)
{
    struct addrinfo *info = NULL;
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct job *j;

    memset(list, 0, sizeof(*list));
    if (getaddrinfo(host, NULL, &hints, &info) == 0) {
        take(info, port, list);
        freeaddrinfo(info);
        if (family == 0 || family == list->a[0].family)
            return true;
        list->n = 0;
        *f = failure_make(STAGE_RESOLVE, REASON_NO_ADDRESS, 0);
        return false;
    }
    if (is_localhost(host))
        return take_loopback(family, port, list, f);
    j = calloc(1, sizeof(*j));
    if (!j) {
        *f = failure_make(STAGE_LOCAL, REASON_SYSTEM, ENOMEM);
        return false;
    }
    memcpy(j->host, host, strnlen(host, sizeof(j->host) - 1));
    j->hints = hints;
    j->hints.ai_family = family_of(family);
    j->hints.ai_flags = 0;
    j->family = family;
    if (limit_ms == 0)
        job_run(j);
    else if (!job_run_limited(j, limit_ms, f))
        return false;
    if (j->gai == 0) {
        take(j->info, port, list);
        freeaddrinfo(j->info);
    }
    for (unsigned i = 0; i < j->unchecked.n; i++) {
        list->a[list->n] = j->unchecked.a[i];
        list->a[list->n++].port = port;
    }
    resolve_interleave(list);
    *f = j->gai == 0 ? failure_make(STAGE_RESOLVE, REASON_NO_ADDRESS, 0)
                     : failure_of(j->gai, j->err);
    free(j);
    return list->n > 0;
}
