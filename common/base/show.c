/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/show.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CODE_NONE UINT32_MAX

/* RFC 3629 section 4: the character at p; its octets in *len. CODE_NONE: there is none. */
static uint32_t character(const uint8_t *p, size_t n, size_t *len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length; less is overlong */
    uint32_t code;

    *len = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (*len == 0 || *len > n)
        return CODE_NONE;
    code = *len == 1 ? p[0] : p[0] & (0x7fU >> *len);
    for (size_t i = 1; i < *len; i++) {
        if (p[i] >> 6 != 2)
            return CODE_NONE;
        code = code << 6 | (p[i] & 0x3fU);
    }
    if (code < least[*len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return CODE_NONE;
    return code;
}

static bool is_harmless(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == CODE_NONE)
        return false;
    return !(code == 0x61c || code == 0x200e || code == 0x200f ||
             (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069));
}

size_t show_text(char *to, size_t cap, const char *from, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *p = (const uint8_t *)from;
    size_t used = 0, len;

    for (; n > 0; p += len, n -= len) {
        bool plain = is_harmless(character(p, n, &len));

        if (!plain)
            len = 1;
        if (used + (plain ? len : SHOW_GROWTH) >= cap)
            break;
        if (plain) {
            memcpy(to + used, p, len);
            used += len;
        } else {
            to[used++] = '\\';
            to[used++] = 'x';
            to[used++] = digits[*p >> 4];
            to[used++] = digits[*p & 15];
        }
    }
    to[used] = 0;
    return used;
}
