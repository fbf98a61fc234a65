/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/x509_host.h"

#include <string.h>

#include "common/base/addr.h"
#include "common/base/digit.h"

#define LABEL_MAX 63  /* RFC 1035 section 2.3.4 */
#define NAME_MAX  253 /* as text, without the dot at the end */

size_t x509_host_literal(const char *host, uint8_t addr[16])
{
    const char *zone = strchr(host, '%');
    size_t n = zone != NULL ? (size_t)(zone - host) : strlen(host);
    struct net_addr a;

    if (!addr_parse(host, n, &a) || (zone != NULL && a.family != 6))
        return 0;
    n = a.family == 4 ? 4 : 16;
    memcpy(addr, a.addr, n);
    return n;
}

static unsigned lower(unsigned c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

bool x509_dns_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

bool x509_dns_valid(const uint8_t *name, size_t len, bool wildcard)
{
    size_t label = 0;

    if (wildcard && len > 2 && name[0] == '*' && name[1] == '.') {
        name += 2;
        len -= 2;
    }
    if (len > NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned c = lower(name[i]);

        if (c == '.' && label == 0)
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > LABEL_MAX ||
            !(c == '.' || c == '-' || c == '_' || (c >= 'a' && c <= 'z') || digit_is((char)c)))
            return false;
    }
    return label > 0;
}

/* "127.1" and "0x7f.1" are addresses to some resolvers: never let a dNSName vouch for one. */
static bool ends_in_number(const char *host, size_t n)
{
    size_t begin = n, end;

    while (begin > 0 && host[begin - 1] != '.')
        begin--;
    if (begin == n || !digit_is(host[begin]))
        return false;
    if (host[begin] == '0' && begin + 1 < n && lower((unsigned char)host[begin + 1]) == 'x')
        return true;
    for (end = begin; end < n && digit_is(host[end]);)
        end++;
    return end == n;
}

bool x509_host_match(const uint8_t *pattern, size_t len, const char *host)
{
    size_t n = strlen(host);

    if (n > 0 && host[n - 1] == '.')
        n--;
    if (n == 0 || len == 0 || host[0] == '.' || ends_in_number(host, n))
        return false;
    if (len > 2 && pattern[0] == '*' && pattern[1] == '.') {
        const char *dot = memchr(host, '.', n);
        size_t label = dot ? (size_t)(dot - host) : n;

        /* RFC 9525 section 6.3; "*.org" would speak for every registered name. */
        if (!memchr(pattern + 2, '.', len - 2) || n - label != len - 1)
            return false;
        pattern++;
        len--;
        host += label;
        n -= label;
    }
    return n == len && !memchr(pattern, '*', len) &&
           x509_dns_equal(pattern, (const uint8_t *)host, n);
}

enum x509_host_result x509_host_check(const struct x509_cert *c, const char *host)
{
    enum x509_host_result result = X509_HOST_NONE;
    const uint8_t *pos = c->san;
    size_t left = c->san_len;
    struct x509_san entry;
    uint8_t addr[16];
    size_t addr_len = x509_host_literal(host, addr);

    while (x509_san_next(&pos, &left, &entry)) {
        if (entry.type != X509_SAN_DNS && entry.type != X509_SAN_IP)
            continue;
        result = X509_HOST_WRONG;
        if (addr_len > 0 && entry.type == X509_SAN_IP && entry.len == addr_len &&
            memcmp(entry.data, addr, addr_len) == 0)
            return X509_HOST_OK;
        if (addr_len == 0 && entry.type == X509_SAN_DNS &&
            x509_host_match(entry.data, entry.len, host))
            return X509_HOST_OK;
    }
    return result;
}

static size_t name_text(const struct x509_san *entry, char text[NET_ADDR_TEXT])
{
    struct net_addr a = {.family = entry->len == 4 ? 4 : 6};

    if (entry->type == X509_SAN_IP && (entry->len == 4 || entry->len == 16)) {
        memcpy(a.addr, entry->data, entry->len);
        net_addr_text(&a, text);
        return strlen(text);
    }
    if (entry->type != X509_SAN_DNS || entry->len == 0 || entry->len >= NET_ADDR_TEXT)
        return 0;
    for (size_t i = 0; i < entry->len; i++)
        text[i] = entry->data[i] >= 0x20 && entry->data[i] < 0x7f ? (char)entry->data[i] : '?';
    return entry->len;
}

void x509_host_list(const struct x509_cert *c, char *buf, size_t n)
{
    static const char more[] = "...";
    const uint8_t *pos = c->san;
    size_t left = c->san_len, used = 0;
    struct x509_san entry;
    char text[NET_ADDR_TEXT];

    while (n > sizeof(more) && x509_san_next(&pos, &left, &entry)) {
        size_t len = name_text(&entry, text), comma = used > 0 ? 2 : 0;

        if (len == 0)
            continue;
        if (used + comma + len + sizeof(more) + 1 > n) {
            memcpy(buf + used, more, sizeof(more) - 1);
            used += sizeof(more) - 1;
            break;
        }
        memcpy(buf + used, ", ", comma);
        memcpy(buf + used + comma, text, len);
        used += comma + len;
    }
    if (n > 0)
        buf[used] = 0;
}
