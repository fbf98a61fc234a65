/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/msg/msg.h"

#include <stdio.h>
#include <string.h>

#include "common/base/addr.h"

enum net_kind { NET_ORDINARY, NET_NEVER, NET_LOOPBACK, NET_LINK_LOCAL };

static bool all_zero(const void *data, size_t from, size_t len)
{
    const uint8_t *octets = data;

    for (size_t i = from; i < len; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

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
    return all_zero(a, 0, 10) && a[10] == 0xff && a[11] == 0xff;
}

static enum net_kind kind6(const uint8_t a[16])
{
    if (is_mapped(a))
        return kind4(a + 12);
    if (all_zero(a, 0, 15) && a[15] <= 1)
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

/* An address as the struct has to hold one, wherever it points. */
static bool shape_valid(const struct net_addr *a)
{
    if (a->zero != 0 || a->port == 0)
        return false;
    if (a->family == 4)
        return a->scope == 0 && all_zero(a->addr, 4, sizeof a->addr);
    return a->family == 6 && (a->scope == 0 || kind6(a->addr) == NET_LINK_LOCAL);
}

bool net_addr_usable(const struct net_addr *ntp, const struct net_addr *ke)
{
    if (!shape_valid(ntp) || !shape_valid(ke))
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

/* Length of a string in an array of size octets whose rest is zero; size when it is not such. */
static size_t string_len(const char *s, size_t size)
{
    size_t n = 0;

    while (n < size && s[n] != '\0')
        n++;
    return all_zero(s, n, size) ? n : size;
}

static bool ask_valid(const struct nts_ke_ask *ask)
{
    size_t n = string_len(ask->ntp_server, sizeof ask->ntp_server);

    return n == 0 || (n < sizeof ask->ntp_server && nts_ke_server_valid(ask->ntp_server, n));
}

bool msg_ke_request_valid(const void *data, size_t len)
{
    const struct msg_ke_request *m = data;
    size_t host_len;

    if (len != sizeof *m || m->type != MSG_KE_REQUEST)
        return false;
    host_len = string_len(m->host, sizeof m->host);
    if (host_len == 0 || host_len == sizeof m->host ||
        string_len(m->ca, sizeof m->ca) == sizeof m->ca || !ask_valid(&m->ask))
        return false;
    if (m->port == 0 || m->timeout_ms <= 0 || m->time_floor_s < 0 || m->zero != 0 ||
        m->n_fixed > NET_ADDR_MAX)
        return false;
    if (m->family != 0 && m->family != 4 && m->family != 6)
        return false;
    for (size_t i = 0; i < m->n_fixed; i++)
        if (!shape_valid(&m->fixed[i]))
            return false;
    return all_zero(m->fixed, m->n_fixed * sizeof m->fixed[0], sizeof m->fixed);
}

static bool key_valid(const struct aead_key *k)
{
    size_t n = aead_key_len(k->id);

    return n != 0 && k->len == n && all_zero(k->key, n, sizeof k->key);
}

static bool good_answer_valid(const struct msg_ke_answer *m)
{
    if (m->reached != 1 || m->fail.reason != REASON_NONE || m->not_before_s > m->not_after_s)
        return false;
    if (!key_valid(&m->c2s) || !key_valid(&m->s2c) || m->c2s.id != m->s2c.id)
        return false;
    if (!cookie_pool_valid(&m->cookies) || m->cookies.count == 0)
        return false;
    if (m->n_ntp == 0 || m->n_ntp > NET_ADDR_MAX)
        return false;
    for (size_t i = 0; i < m->n_ntp; i++)
        if (!net_addr_usable(&m->ntp[i], &m->ke))
            return false;
    return all_zero(m->ntp, m->n_ntp * sizeof m->ntp[0], sizeof m->ntp);
}

bool msg_ke_answer_valid(const void *data, size_t len)
{
    const struct msg_ke_answer *m = data;

    if (len != sizeof *m || m->type != MSG_KE_ANSWER || m->zero != 0 || m->reached > 1 ||
        m->provisional > 1 || m->fail.stage >= STAGE_COUNT || m->fail.reason >= REASON_COUNT)
        return false;
    if (m->fail.stage == STAGE_OK)
        return good_answer_valid(m);
    return m->n_ntp == 0 && m->provisional == 0 && all_zero(&m->c2s, 0, sizeof m->c2s) &&
           all_zero(&m->s2c, 0, sizeof m->s2c) && all_zero(&m->cookies, 0, sizeof m->cookies) &&
           all_zero(m->ntp, 0, sizeof m->ntp) &&
           (all_zero(&m->ke, 0, sizeof m->ke) || shape_valid(&m->ke));
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
