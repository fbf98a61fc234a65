/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/dns_ask.h"

#include <netinet/in.h>
#include <resolv.h>
#include <string.h>
#include <sys/random.h>

#define ANSWER_MAX 4096 /* longer than what any name server was seen to send */

#ifdef __GLIBC__
/* One question to one name server after the other; libc has asked them patiently already. */
#define WAIT_S 2
#define ROUNDS 1
#endif

/* The octets of an answer at `buf`, whose header libc has compared; 0: none. */
#ifdef __GLIBC__
static size_t ask(const uint8_t *query, size_t len, uint8_t *buf)
{
    struct __res_state state = {0};
    int n;

    if (res_ninit(&state) != 0)
        return 0;
    state.retrans = WAIT_S;
    state.retry = ROUNDS;
    n = res_nsend(&state, query, (int)len, buf, ANSWER_MAX);
    res_nclose(&state);
    return n > 0 && n <= ANSWER_MAX ? (size_t)n : 0;
}
#else
/* musl keeps no state, and asks as patiently as resolv.conf says. */
static size_t ask(const uint8_t *query, size_t len, uint8_t *buf)
{
    int n = res_send(query, (int)len, buf, ANSWER_MAX);

    return n > 0 && n <= ANSWER_MAX ? (size_t)n : 0;
}
#endif

/* An answer to be read from `buf`, which stays; false when no name server has answered. */
static bool begin(const char *name, enum dns_type type, uint8_t buf[ANSWER_MAX],
                  struct dns_answer *answer)
{
    uint8_t query[DNS_QUERY_MAX];
    uint16_t id = 0;
    size_t query_len, n = 0;

    *answer = (struct dns_answer){.left = 0};
    if (getrandom(&id, sizeof id, 0) != sizeof id)
        return false;
    query_len = dns_query_build(name, type, id, true, query, sizeof query);
    if (query_len > 0)
        n = ask(query, query_len, buf);
    if (n > 0)
        (void)!dns_answer_begin(answer, buf, n, query, query_len);
    return n > 0;
}

/* Adds at most `most` addresses; false when no name server has answered. */
static bool ask_for(const char *host, enum dns_type type, unsigned most, struct addr_list *list)
{
    uint8_t buf[ANSWER_MAX];
    struct dns_answer answer;

    if (!begin(host, type, buf, &answer))
        return false;
    while (most-- > 0 && dns_answer_address(&answer, &list->a[list->n]))
        list->n++;
    return true;
}

unsigned dns_ask_services(const char *name, struct dns_srv *srv, unsigned most)
{
    uint8_t buf[ANSWER_MAX];
    struct dns_answer answer;
    unsigned n = 0;

    if (!begin(name, DNS_SRV, buf, &answer))
        return 0;
    while (n < most && dns_answer_srv(&answer, &srv[n]))
        n++;
    return n;
}

void dns_ask_addresses(const char *host, uint8_t family, struct addr_list *list)
{
    unsigned most = family == 0 ? NET_ADDR_MAX / 2 : NET_ADDR_MAX;

    list->n = 0;
    if (family != 6 && !ask_for(host, DNS_A, most, list))
        return;
    if (family != 4)
        (void)ask_for(host, DNS_AAAA, most, list);
}
