/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/der.h"

#include <string.h>

bool der_any(struct der *d, uint8_t *tag, struct der *in)
{
    size_t len, head = 2;

    if (d->left < 2 || (d->p[0] & 0x1f) == 0x1f)
        return false;
    len = d->p[1];
    if (len >= 0x80) {
        size_t octets = len & 0x7f;

        if (octets < 1 || octets > 3 || d->left - 2 < octets || d->p[2] == 0)
            return false;
        len = 0;
        /*@ loop invariant 0 <= i <= octets && len < (1 << (8 * i));
            loop assigns i, len;
            loop variant octets - i; */
        for (size_t i = 0; i < octets; i++)
            len = len * 256 + d->p[2 + i];
        if (len < 0x80)
            return false;
        head += octets;
    }
    if (len > d->left - head)
        return false;
    *tag = d->p[0];
    *in = (struct der){d->p + head, len};
    d->p += head + len;
    d->left -= head + len;
    return true;
}

bool der_take(struct der *d, uint8_t tag, struct der *in)
{
    struct der rest = *d, inside;
    uint8_t seen;

    if (!der_any(&rest, &seen, &inside) || seen != tag)
        return false;
    *d = rest;
    *in = inside;
    return true;
}

bool der_take_flag(struct der *d, bool *value)
{
    struct der in;

    if (d->left == 0 || d->p[0] != DER_BOOLEAN)
        return true;
    if (!der_take(d, DER_BOOLEAN, &in) || in.left != 1 || (in.p[0] != 0 && in.p[0] != 0xff))
        return false;
    *value = in.p[0] != 0;
    return true;
}

bool der_is(struct der d, const uint8_t *octets, size_t n)
{
    return d.left == n && memcmp(d.p, octets, n) == 0;
}
