/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source/net_view.h"

#include <string.h>

#include "common/base/fnv1a.h"

/* From linux/netlink.h and linux/rtnetlink.h, which are no part of the core. */
enum {
    HEADER_LEN = 16, /* length (4), type (2), flags (2), ... */
    TYPE_AT = 4,
    FLAGS_AT = 6,
    ATTR_TYPE_MASK = 0x3fff,
    MESSAGE_ERROR = 2,
    MESSAGE_DONE = 3,
    NEW_ADDRESS = 20,
    NEW_ROUTE = 24,
    FLAGS_DUMP = 0x1 | 0x300, /* a request for all */

    ADDRESS_LEN = 8, /* family, prefix, flags, scope, link (4) */
    ADDRESS_ATTR = 1,
    ADDRESS_ATTR_LOCAL = 2,
    ADDRESS_ATTR_FLAGS = 8,
    ADDRESS_TEMPORARY = 0x01,
    ADDRESS_DAD_FAILED = 0x08,
    ADDRESS_TENTATIVE = 0x40,
    SCOPE_LINK = 253, /* and above: this machine alone */

    ROUTE_LEN = 12, /* family, dst_len, src_len, tos, table, protocol, scope, type, flags (4) */
    ROUTE_TYPE_AT = 7,
    ROUTE_FLAGS_AT = 8,
    ROUTE_ATTR_DST = 1,
    ROUTE_ATTR_OIF = 4,
    ROUTE_ATTR_GATEWAY = 5,
    ROUTE_ATTR_MULTIPATH = 9,
    ROUTE_UNICAST = 1,
    ROUTE_DEAD = 0x1,
    ROUTE_LINKDOWN = 0x10,
    ROUTE_CLONED = 0x200,

    FAMILY_V4 = 2,
    FAMILY_V6 = 10,
    LINK_LOCAL_V4_0 = 169, /* 169.254/16, RFC 3927 */
    LINK_LOCAL_V4_1 = 254,
    LINK_LOCAL_V6_0 = 0xfe, /* fe80::/10, RFC 4291 section 2.4 */
    LINK_LOCAL_V6_1 = 0x80,
    LINK_LOCAL_V6_MASK = 0xc0,
    MULTICAST_V6 = 0xff,
    LINK_LOOPBACK = 1, /* the loopback device's number in every network namespace */
};

static uint16_t get_u16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t get_u32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return v;
}

/* One attribute of those behind a message's fixed part. */
struct attr {
    uint16_t type;
    const uint8_t *data;
    size_t len;
};

/* Takes the next one off (*data, *len); false at the end, and when it is malformed. */
static bool next_attr(const uint8_t **data, size_t *len, struct attr *a)
{
    size_t n, step;

    if (*len < 4)
        return false;
    n = get_u16(*data);
    if (n < 4 || n > *len)
        return false;
    a->type = get_u16(*data + 2) & ATTR_TYPE_MASK;
    a->data = *data + 4;
    a->len = n - 4;
    step = (n + 3) & ~(size_t)3;
    step = step < *len ? step : *len;
    *data += step;
    *len -= step;
    return true;
}

static void take_address(struct net_view *v, const uint8_t *data, size_t len)
{
    uint32_t flags = data[2];
    uint64_t h = FNV1A_START;
    const uint8_t *attrs = data + ADDRESS_LEN;
    size_t left = len - ADDRESS_LEN;
    struct attr a;

    if ((data[0] != FAMILY_V4 && data[0] != FAMILY_V6) || data[3] >= SCOPE_LINK)
        return;
    h = fnv1a_octets(h, data, 2);
    h = fnv1a_octets(h, data + 4, 4);
    while (next_attr(&attrs, &left, &a)) {
        if (a.type == ADDRESS_ATTR || a.type == ADDRESS_ATTR_LOCAL)
            h = fnv1a_octets(h, a.data, a.len);
        else if (a.type == ADDRESS_ATTR_FLAGS && a.len == 4)
            flags = get_u32(a.data);
    }
    if ((flags & (ADDRESS_DAD_FAILED | ADDRESS_TENTATIVE)) != 0 ||
        (data[0] == FAMILY_V6 && (flags & ADDRESS_TEMPORARY) != 0))
        return;
    v->addresses++;
    v->address_sum += h;
}

/* Networks that every link has by itself. */
static bool is_local_net(uint8_t family, const struct attr *dst)
{
    if (family == FAMILY_V4)
        return dst->len == 4 && dst->data[0] == LINK_LOCAL_V4_0 && dst->data[1] == LINK_LOCAL_V4_1;
    return dst->len == 16 && (dst->data[0] == MULTICAST_V6 ||
                              (dst->data[0] == LINK_LOCAL_V6_0 &&
                               (dst->data[1] & LINK_LOCAL_V6_MASK) == LINK_LOCAL_V6_1));
}

static void take_route(struct net_view *v, const uint8_t *data, size_t len)
{
    uint64_t h = FNV1A_START;
    const uint8_t *attrs = data + ROUTE_LEN;
    size_t left = len - ROUTE_LEN;
    struct attr a;

    if ((data[0] != FAMILY_V4 && data[0] != FAMILY_V6) || data[ROUTE_TYPE_AT] != ROUTE_UNICAST ||
        (get_u32(data + ROUTE_FLAGS_AT) & (ROUTE_DEAD | ROUTE_LINKDOWN | ROUTE_CLONED)) != 0)
        return;
    h = fnv1a_octets(h, data, 1);
    while (next_attr(&attrs, &left, &a)) {
        if (a.type == ROUTE_ATTR_OIF && a.len == 4 && get_u32(a.data) == LINK_LOOPBACK)
            return;
        if (a.type == ROUTE_ATTR_DST && is_local_net(data[0], &a))
            return;
        if (a.type == ROUTE_ATTR_OIF || a.type == ROUTE_ATTR_GATEWAY ||
            a.type == ROUTE_ATTR_MULTIPATH)
            h = fnv1a_octets(h, a.data, a.len);
    }
    v->ways++;
    if (data[1] != 0)
        return;
    v->defaults++;
    v->default_sum += h;
}

void net_view_take(struct net_view *v, const uint8_t *data, size_t len)
{
    while (len > 0 && !v->done && !v->bad) {
        size_t n, step;
        uint16_t type;

        n = len >= HEADER_LEN ? get_u32(data) : 0;
        if (n < HEADER_LEN || n > len) {
            v->bad = true;
            return;
        }
        type = get_u16(data + 4);
        if (type == MESSAGE_DONE)
            v->done = true;
        else if (type == MESSAGE_ERROR)
            v->bad = true;
        else if (type == NEW_ADDRESS && n >= HEADER_LEN + ADDRESS_LEN)
            take_address(v, data + HEADER_LEN, n - HEADER_LEN);
        else if (type == NEW_ROUTE && n >= HEADER_LEN + ROUTE_LEN)
            take_route(v, data + HEADER_LEN, n - HEADER_LEN);
        step = (n + 3) & ~(size_t)3;
        step = step < len ? step : len;
        data += step;
        len -= step;
    }
}

bool net_view_came(const struct net_view *before, const struct net_view *now)
{
    if (now->bad || now->ways == 0)
        return false;
    return before->ways == 0 ||
           (now->address_sum != before->address_sum && now->addresses >= before->addresses) ||
           (now->default_sum != before->default_sum && now->defaults >= before->defaults);
}

bool net_place_other(struct net_place *p, const struct net_view *v, struct mono now)
{
    struct net_place before = *p;

    if (v->bad)
        return false;
    if (v->ways == 0) {
        if (!p->away)
            p->away_since = now;
        p->away = true;
        return false;
    }
    *p =
        (struct net_place){.known = true, .sum = v->defaults > 0 ? v->default_sum : v->address_sum};
    return before.known &&
           (p->sum != before.sum ||
            (before.away && ns_sub_sat(now.ns, before.away_since.ns) >= NET_PLACE_AWAY_NS));
}

size_t net_view_ask(uint16_t type, uint8_t buf[NET_VIEW_QUESTION])
{
    const uint32_t len = NET_VIEW_QUESTION;
    const uint16_t flags = FLAGS_DUMP;

    /* What follows the header is the family: 0 for all. */
    memset(buf, 0, NET_VIEW_QUESTION);
    memcpy(buf, &len, sizeof len);
    memcpy(buf + TYPE_AT, &type, sizeof type);
    memcpy(buf + FLAGS_AT, &flags, sizeof flags);
    return NET_VIEW_QUESTION;
}
