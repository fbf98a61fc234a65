/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/tls_name.h"

#include <arpa/inet.h>
#include <string.h>

#include "common/nts/x509_cert.h"

size_t tls_name_literal(const char *host, uint8_t addr[16])
{
    char text[INET6_ADDRSTRLEN];
    size_t n = strcspn(host, "%");

    if (inet_pton(AF_INET, host, addr) == 1)
        return 4;
    if (n == 0 || n >= sizeof(text))
        return 0;
    memcpy(text, host, n);
    text[n] = '\0';
    return inet_pton(AF_INET6, text, addr) == 1 ? 16 : 0;
}

static unsigned lower(unsigned c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static bool equal_nocase(const uint8_t *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (lower(a[i]) != lower((unsigned char)b[i]))
            return false;
    return true;
}

/* "127.1" and "0x7f.1" are addresses to some resolvers: never let a dNSName vouch for one. */
static bool ends_in_number(const char *host, size_t n)
{
    size_t begin = n;

    while (begin > 0 && host[begin - 1] != '.')
        begin--;
    return begin < n && host[begin] >= '0' && host[begin] <= '9' &&
           (strspn(host + begin, "0123456789") >= n - begin ||
            (host[begin] == '0' && begin + 1 < n && lower((unsigned char)host[begin + 1]) == 'x'));
}

bool tls_name_match(const uint8_t *pattern, size_t len, const char *host)
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
    return n == len && !memchr(pattern, '*', len) && equal_nocase(pattern, host, n);
}

enum tls_name_result tls_name_check(const char *host, const uint8_t *san, size_t san_len)
{
    enum tls_name_result result = TLS_NAME_NONE;
    struct x509_san entry;
    uint8_t addr[16];
    size_t addr_len = tls_name_literal(host, addr);

    while (x509_san_next(&san, &san_len, &entry)) {
        if (entry.type != X509_SAN_DNS && entry.type != X509_SAN_IP)
            continue;
        result = TLS_NAME_WRONG;
        if (addr_len > 0 && entry.type == X509_SAN_IP && entry.len == addr_len &&
            memcmp(entry.data, addr, addr_len) == 0)
            return TLS_NAME_OK;
        if (addr_len == 0 && entry.type == X509_SAN_DNS &&
            tls_name_match(entry.data, entry.len, host))
            return TLS_NAME_OK;
    }
    return result;
}
