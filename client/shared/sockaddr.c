/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/sockaddr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* Copied, not cast: what is pointed to need not be aligned, nor be of that type. */
socklen_t sockaddr_of(const struct net_addr *a, struct sockaddr_storage *ss)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(a->port), .sin6_scope_id = a->scope};

    memset(ss, 0, sizeof *ss);
    if (a->family == 4) {
        memcpy(&in.sin_addr, a->addr, 4);
        memcpy(ss, &in, sizeof in);
        return sizeof in;
    }
    memcpy(&in6.sin6_addr, a->addr, 16);
    memcpy(ss, &in6, sizeof in6);
    return sizeof in6;
}

bool sockaddr_address(const struct sockaddr *sa, struct net_addr *a)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    memset(a, 0, sizeof *a);
    if (sa->sa_family == AF_INET) {
        memcpy(&in, sa, sizeof in);
        a->family = 4;
        memcpy(a->addr, &in.sin_addr, 4);
    } else if (sa->sa_family == AF_INET6) {
        memcpy(&in6, sa, sizeof in6);
        a->family = 6;
        memcpy(a->addr, &in6.sin6_addr, 16);
        if (IN6_IS_ADDR_LINKLOCAL(&in6.sin6_addr))
            a->scope = in6.sin6_scope_id;
    }
    return a->family != 0;
}
