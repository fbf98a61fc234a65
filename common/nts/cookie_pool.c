/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/cookie_pool.h"

#include <string.h>

void cookie_pool_clear(struct cookie_pool *p)
{
    explicit_bzero(p, sizeof *p);
}

/*@ requires \valid_read(p) && p->count <= NTS_POOL_MAX;
    assigns \nothing;
    ensures \result <= NTS_POOL_MAX * UINT16_MAX; */
/* Octets in use. */
static size_t pool_used(const struct cookie_pool *p)
{
    size_t used = 0;

    /*@ loop invariant i <= p->count && used <= i * UINT16_MAX;
        loop assigns i, used;
        loop variant p->count - i; */
    for (size_t i = 0; i < p->count; i++)
        used += p->len[i];
    return used;
}

bool cookie_pool_add(struct cookie_pool *p, const uint8_t *cookie, size_t len)
{
    size_t used;

    if (len == 0 || len > NTS_COOKIE_MAX || p->count >= NTS_POOL_MAX)
        return false;
    used = pool_used(p);
    if (used + len > NTS_POOL_OCTETS)
        return false;
    /*@ loop invariant i <= len;
        loop assigns i, p->data[0 .. NTS_POOL_OCTETS - 1];
        loop variant len - i; */
    for (size_t i = 0; i < len; i++)
        p->data[used + i] = cookie[i];
    p->len[p->count] = (uint16_t)len;
    p->count++;
    return true;
}

size_t cookie_pool_take(struct cookie_pool *p, uint8_t cookie[NTS_COOKIE_MAX])
{
    size_t used = pool_used(p);
    size_t len;

    if (p->count == 0)
        return 0;
    len = p->len[0];
    for (size_t i = 0; i < len; i++)
        cookie[i] = p->data[i];
    for (size_t i = len; i < used; i++)
        p->data[i - len] = p->data[i];
    explicit_bzero(p->data + (used - len), len);
    for (size_t i = 1; i < p->count; i++)
        p->len[i - 1] = p->len[i];
    p->count--;
    p->len[p->count] = 0;
    return len;
}

void cookie_pool_move(struct cookie_pool *to, struct cookie_pool *from, unsigned count)
{
    uint8_t cookie[NTS_COOKIE_MAX];
    size_t len;

    while (to->count < count && (len = cookie_pool_take(from, cookie)) > 0)
        if (!cookie_pool_add(to, cookie, len))
            break;
    explicit_bzero(cookie, sizeof cookie);
}

void cookie_pool_join(struct cookie_pool *all, struct cookie_pool *older, struct cookie_pool *newer)
{
    uint8_t lost[NTS_COOKIE_MAX];

    while (older->count > 0 && (older->count + newer->count > NTS_POOL_MAX ||
                                pool_used(older) + pool_used(newer) > NTS_POOL_OCTETS))
        (void)cookie_pool_take(older, lost);
    explicit_bzero(lost, sizeof lost);
    *all = *older;
    cookie_pool_move(all, newer, NTS_POOL_MAX);
}

bool cookie_pool_valid(const struct cookie_pool *p)
{
    size_t used = 0;

    if (p->count > NTS_POOL_MAX)
        return false;
    /*@ loop invariant i <= NTS_POOL_MAX && used <= i * UINT16_MAX;
        loop assigns i, used;
        loop variant NTS_POOL_MAX - i; */
    for (size_t i = 0; i < NTS_POOL_MAX; i++) {
        if (i >= p->count) {
            if (p->len[i] != 0)
                return false;
        } else if (p->len[i] == 0 || p->len[i] > NTS_COOKIE_MAX) {
            return false;
        }
        used += p->len[i];
    }
    if (used > NTS_POOL_OCTETS)
        return false;
    /*@ loop invariant used <= i <= NTS_POOL_OCTETS;
        loop assigns i;
        loop variant NTS_POOL_OCTETS - i; */
    for (size_t i = used; i < NTS_POOL_OCTETS; i++)
        if (p->data[i] != 0)
            return false;
    return true;
}
