/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/pem.h"

#include <string.h>

#include "common/base/digit.h"

static const char begin_line[] = "-----BEGIN CERTIFICATE-----";
static const char end_line[] = "-----END CERTIFICATE-----";

/* Where `line` is at or after *pos, with *pos set behind it; len when it is not there. */
static size_t find(const char *text, size_t len, size_t *pos, const char *line)
{
    size_t n = strlen(line);

    for (size_t i = *pos; i + n <= len; i++) {
        const char *dash = memchr(text + i, '-', len - n - i + 1);

        if (!dash)
            return len;
        i = (size_t)(dash - text);
        if (memcmp(dash, line, n) == 0) {
            *pos = i + n;
            return i;
        }
    }
    return len;
}

/* Six bits, 64 for what may stand between (RFC 7468 section 3: white space), 255 for all else. */
static unsigned value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (digit_is(c))
        return (unsigned)(c - '0') + 52;
    if (c == '+')
        return 62;
    if (c == '/')
        return 63;
    return c == '\n' || c == '\r' || c == ' ' || c == '\t' ? 64 : 255;
}

/* RFC 4648 section 4; octets written, 0 when it is not whole base64. */
static size_t decode(const char *text, size_t len, uint8_t *out, size_t cap)
{
    uint32_t bits = 0;
    size_t n = 0, digits = 0, pads = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned v = value_of(text[i]);

        if (v == 64)
            continue;
        if (text[i] == '=') {
            pads++;
            continue;
        }
        if (v > 63 || pads > 0)
            return 0;
        bits = bits << 6 | v;
        if (digits++ % 4 > 0) {
            if (n == cap)
                return 0;
            out[n++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
        }
    }
    return digits % 4 != 1 && (digits + pads) % 4 == 0 && pads < 3 ? n : 0;
}

size_t pem_next_certificate(const char *text, size_t len, size_t *pos, uint8_t *out, size_t cap)
{
    for (;;) {
        size_t from, to, n;

        if (find(text, len, pos, begin_line) == len)
            return 0;
        from = *pos;
        to = find(text, len, pos, end_line);
        if (to == len)
            return 0;
        n = decode(text + from, to - from, out, cap);
        if (n > 0)
            return n;
    }
}
