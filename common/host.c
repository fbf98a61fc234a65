/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/host.h"

#define DNS_LABEL_MAX 63  /* RFC 1035 section 2.3.4 */
#define DNS_NAME_MAX  253 /* 255 octets on the wire, less the first length octet and the root */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* s[from] to s[len - 1] as an IPv4 address */
static bool ipv4_from(const char *s, size_t from, size_t len)
{
    size_t i = from;

    for (int part = 0; part < 4; part++) {
        size_t start;
        unsigned value = 0;

        if (part > 0) {
            if (i >= len || s[i] != '.')
                return false;
            i++;
        }
        start = i;
        while (i < len && i - start < 3 && is_digit(s[i])) {
            value = value * 10 + (unsigned)(s[i] - '0');
            i++;
        }
        if (i == start || value > 255 || (s[start] == '0' && i - start > 1))
            return false;
    }
    return i == len;
}

bool host_is_ipv4(const char *s, size_t len)
{
    return ipv4_from(s, 0, len);
}

bool host_is_ipv6(const char *s, size_t len)
{
    size_t i = 0;
    unsigned groups = 0;
    bool gap = false;

    if (len < 2)
        return false;
    if (s[0] == ':') {
        if (s[1] != ':')
            return false;
        gap = true;
        i = 2;
    }
    while (i < len) {
        size_t start = i;

        if (groups == 8)
            return false;
        while (i < len && i - start < 4 && is_hex(s[i]))
            i++;
        if (i == start)
            return false;
        if (i < len && s[i] == '.') {
            if (!ipv4_from(s, start, len))
                return false;
            groups += 2;
            break;
        }
        groups++;
        if (i == len)
            break;
        if (s[i] != ':' || ++i == len)
            return false;
        if (s[i] == ':') {
            if (gap)
                return false;
            gap = true;
            i++;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

/* All digits, or 0x and hexadecimal digits: what inet_aton() reads as a number. */
static bool label_is_number(const char *s, size_t start, size_t end)
{
    size_t i = start;

    if (end - start >= 2 && s[start] == '0' && (s[start + 1] == 'x' || s[start + 1] == 'X')) {
        for (i = start + 2; i < end; i++)
            if (!is_hex(s[i]))
                return false;
        return true;
    }
    for (; i < end; i++)
        if (!is_digit(s[i]))
            return false;
    return true;
}

bool host_is_name(const char *s, size_t len)
{
    size_t start = 0;

    if (len > 1 && s[len - 1] == '.')
        len--;
    if (len == 0 || len > DNS_NAME_MAX)
        return false;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && s[i] != '.') {
            if (!is_letter(s[i]) && !is_digit(s[i]) && s[i] != '-' && s[i] != '_')
                return false;
            continue;
        }
        /* s[start] to s[i - 1] is a label */
        if (i == start || i - start > DNS_LABEL_MAX || s[start] == '-' || s[i - 1] == '-')
            return false;
        if (i == len && label_is_number(s, start, i))
            return false;
        start = i + 1;
    }
    return true;
}

bool host_valid(const char *s, size_t len)
{
    return host_is_ipv4(s, len) || host_is_ipv6(s, len) || host_is_name(s, len);
}
