/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/addr.h"

#include <stdio.h>
#include <string.h>

#include "common/base/decimal.h"
#include "common/base/digit.h"

#define NAME_MAX_TEXT 253 /* RFC 1035 section 3.1: 255 octets on the wire */
#define LABEL_MAX     63

static bool parse_v4(const char *text, size_t len, uint8_t out[4])
{
    size_t pos = 0;

    for (int i = 0; i < 4; i++) {
        uint64_t value;
        size_t digits;

        if (i > 0 && (pos == len || text[pos++] != '.'))
            return false;
        digits = decimal_digits(text + pos, len - pos, 3, &value);
        /* A leading zero means octal to some programs: no two readings of one address. */
        if (digits == 0 || value > 255 || (digits > 1 && text[pos] == '0'))
            return false;
        pos += digits;
        out[i] = (uint8_t)value;
    }
    return pos == len;
}

/* One group of 1..4 hexadecimal digits; returns the octets it took, 0 when there is none. */
static size_t parse_group(const char *text, size_t len, uint8_t out[2])
{
    unsigned value = 0;
    size_t n = 0;

    while (n < len && n < 4 && digit_hex(text[n]) >= 0)
        value = value * 16 + (unsigned)digit_hex(text[n++]);
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return n;
}

/* Where the octets behind "::" begin is in *gap (-1: no "::"); returns octets read, -1 if bad. */
static int parse_v6_groups(const char *text, size_t len, uint8_t out[16], int *gap)
{
    size_t pos = 0;
    int n = 0;

    *gap = -1;
    if (len >= 2 && text[0] == ':' && text[1] == ':') {
        *gap = 0;
        pos = 2;
    }
    while (pos < len) {
        size_t took;

        if (n <= 12 && parse_v4(text + pos, len - pos, out + n))
            return n + 4;
        if (n > 14)
            return -1;
        took = parse_group(text + pos, len - pos, out + n);
        if (took == 0)
            return -1;
        pos += took;
        n += 2;
        if (pos == len)
            break;
        if (text[pos++] != ':' || pos == len)
            return -1;
        if (text[pos] == ':') {
            if (*gap >= 0)
                return -1;
            *gap = n;
            pos++;
        }
    }
    return n;
}

static bool parse_v6(const char *text, size_t len, uint8_t out[16])
{
    uint8_t octets[16] = {0};
    int gap;
    int n = parse_v6_groups(text, len, octets, &gap);

    if (n < 0 || (gap < 0) != (n == 16))
        return false;
    if (gap < 0) {
        memcpy(out, octets, 16);
        return true;
    }
    memset(out, 0, 16);
    memcpy(out, octets, (size_t)gap);
    memcpy(out + 16 - (n - gap), octets + gap, (size_t)(n - gap));
    return true;
}

static bool parse_zone(const char *text, size_t len, uint32_t *zone)
{
    uint64_t value;

    if (len == 0 || decimal_digits(text, len, 10, &value) != len)
        return false;
    *zone = (uint32_t)value;
    return value > 0 && value <= UINT32_MAX;
}

bool addr_parse(const char *text, size_t len, struct net_addr *a)
{
    struct net_addr found = {0};
    const char *percent = len > 0 ? memchr(text, '%', len) : NULL;
    size_t n = percent != NULL ? (size_t)(percent - text) : len;

    if (parse_v4(text, len, found.addr)) {
        found.family = 4;
    } else if (parse_v6(text, n, found.addr)) {
        found.family = NET_ADDR_V6;
        if (percent != NULL && !parse_zone(percent + 1, len - n - 1, &found.scope))
            return false;
    } else {
        return false;
    }
    *a = found;
    return true;
}

static bool is_label(const char *text, size_t len)
{
    if (len == 0 || len > LABEL_MAX || text[0] == '-' || text[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (!(digit_is(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
              c == '_'))
            return false;
    }
    return true;
}

/* All digits, or 0x and hexadecimal digits: inet_aton(), and with it resolvers, read a number. */
static bool is_number(const char *text, size_t len)
{
    bool hex = len >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

    for (size_t i = hex ? 2 : 0; i < len; i++)
        if (!digit_is(text[i]) && !(hex && digit_hex(text[i]) >= 0))
            return false;
    return true;
}

bool addr_is_name(const char *text, size_t len)
{
    size_t start = 0;

    if (len > 1 && text[len - 1] == '.')
        len--;
    if (len == 0 || len > NAME_MAX_TEXT)
        return false;
    for (;;) {
        const char *dot = memchr(text + start, '.', len - start);
        size_t end = dot != NULL ? (size_t)(dot - text) : len;

        if (!is_label(text + start, end - start))
            return false;
        if (dot == NULL)
            break;
        start = end + 1;
        if (start == len)
            return false;
    }
    return !is_number(text + start, len - start);
}

void addr_with_port(const char *host, unsigned port, unsigned usual, char *buf, size_t n)
{
    bool v6 = strchr(host, ':') != NULL;

    if (port == usual)
        (void)snprintf(buf, n, "%s", host);
    else
        (void)snprintf(buf, n, v6 ? "[%s]:%u" : "%s:%u", host, port);
}

void addr_text_with_port(const struct net_addr *a, char *buf, size_t n)
{
    char text[NET_ADDR_TEXT];

    net_addr_text(a, text);
    addr_with_port(text, a->port, 0, buf, n);
}
