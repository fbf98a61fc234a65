/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/net_addr.h"

#include <stdio.h>
#include <string.h>

#include "common/base/octets.h"

enum net_kind { NET_ORDINARY, NET_NEVER, NET_LOOPBACK, NET_LINK_LOCAL };

static enum net_kind kind4(const uint8_t a[4])
{
    if (a[0] == 0 || (a[0] & 0xf0) == 0xe0)
        return NET_NEVER; /* this network, RFC 6890; multicast, RFC 5771 */
    if (a[0] == 255 && a[1] == 255 && a[2] == 255 && a[3] == 255)
        return NET_NEVER;
    if (a[0] == 127)
        return NET_LOOPBACK;
    if (a[0] == 169 && a[1] == 254)
        return NET_LINK_LOCAL; /* RFC 3927 */
    return NET_ORDINARY;
}

/* ::ffff:0:0/96: the kernel sends to the IPv4 address in it, so that one is what counts. */
static bool is_mapped(const uint8_t a[16])
{
    return octets_are_zero(a, 0, 10) && a[10] == 0xff && a[11] == 0xff;
}

static enum net_kind kind6(const uint8_t a[16])
{
    if (is_mapped(a))
        return kind4(a + 12);
    if (octets_are_zero(a, 0, 15) && a[15] <= 1)
        return a[15] == 0 ? NET_NEVER : NET_LOOPBACK;
    if (a[0] == 0xff)
        return NET_NEVER;
    if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80)
        return NET_LINK_LOCAL; /* RFC 4291 section 2.5.6 */
    return NET_ORDINARY;
}

static enum net_kind kind(const struct net_addr *a)
{
    return a->family == 4 ? kind4(a->addr) : kind6(a->addr);
}

bool net_addr_valid(const struct net_addr *a)
{
    if (a->zero != 0 || a->port == 0)
        return false;
    if (a->family == 4)
        return a->scope == 0 && octets_are_zero(a->addr, 4, sizeof a->addr);
    return a->family == 6 && (a->scope == 0 || kind6(a->addr) == NET_LINK_LOCAL);
}

bool net_addr_usable(const struct net_addr *ntp, const struct net_addr *ke)
{
    if (!net_addr_valid(ntp) || !net_addr_valid(ke))
        return false;
    switch (kind(ntp)) {
    case NET_ORDINARY:
        return true;
    case NET_LOOPBACK:
        return kind(ke) == NET_LOOPBACK;
    case NET_LINK_LOCAL:
        /* On the same link, as far as one can tell: IPv4 has no zones. */
        return kind(ke) == NET_LINK_LOCAL && ntp->family == ke->family && ntp->scope == ke->scope;
    default:
        return false;
    }
}

/* The longest run of zero groups, at least two, the first of several (RFC 5952 section 4.2). */
static void zero_run(const unsigned group[8], size_t *start, size_t *len)
{
    *start = 8;
    *len = 1;
    for (size_t i = 0; i < 8; i++) {
        size_t n = 0;

        while (i + n < 8 && group[i + n] == 0)
            n++;
        if (n > *len) {
            *start = i;
            *len = n;
        }
    }
}

/* At most 39 octets and the 0. */
static size_t ipv6_text(const uint8_t a[16], char *buf, size_t size)
{
    unsigned group[8];
    size_t gap, gap_len, used = 0;

    for (size_t i = 0; i < 8; i++)
        group[i] = (unsigned)a[2 * i] << 8 | a[2 * i + 1];
    zero_run(group, &gap, &gap_len);
    for (size_t i = 0; i < 8; i++) {
        if (i == gap) {
            used += (size_t)snprintf(buf + used, size - used, "::");
            i += gap_len - 1;
            continue;
        }
        if (i > 0 && i != gap + gap_len)
            used += (size_t)snprintf(buf + used, size - used, ":");
        used += (size_t)snprintf(buf + used, size - used, "%x", group[i]);
    }
    return used;
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
    return a->family == b->family && a->port == b->port &&
           memcmp(a->addr, b->addr, sizeof a->addr) == 0;
}

unsigned net_addr_first(const struct net_addr *a, size_t stride, unsigned i)
{
    const char *first = (const char *)a;
    const struct net_addr *mine = (const struct net_addr *)(const void *)(first + i * stride);
    unsigned j = 0;

    while (j < i &&
           !net_addr_equal((const struct net_addr *)(const void *)(first + j * stride), mine))
        j++;
    return j;
}

void net_addr_text(const struct net_addr *a, char buf[NET_ADDR_TEXT])
{
    const uint8_t *o = a->addr;
    size_t used;

    if (a->family == 4) {
        snprintf(buf, NET_ADDR_TEXT, "%u.%u.%u.%u", o[0], o[1], o[2], o[3]);
    } else if (a->family != 6) {
        snprintf(buf, NET_ADDR_TEXT, "none");
    } else if (is_mapped(o)) {
        snprintf(buf, NET_ADDR_TEXT, "::ffff:%u.%u.%u.%u", o[12], o[13], o[14], o[15]);
    } else {
        used = ipv6_text(o, buf, NET_ADDR_TEXT);
        if (a->scope != 0)
            snprintf(buf + used, NET_ADDR_TEXT - used, "%%%u", (unsigned)a->scope);
    }
}
