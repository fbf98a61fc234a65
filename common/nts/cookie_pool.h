/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NTS cookies of one server. Invariants:
 *   a cookie leaves the pool once (take) and is wiped behind itself;
 *   at most NTS_POOL_MAX cookies, oldest first;
 *   no cookie is empty or longer than NTS_COOKIE_MAX; of cookies that do not fit together fewer are
 * kept.
 */
#ifndef NTSC_COOKIE_POOL_H
#define NTSC_COOKIE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTS_POOL_MAX    8    /* RFC 8915 section 5.7 */
#define NTS_COOKIE_MAX  1024 /* a request has to stay within 1,280 octets */
#define NTS_POOL_OCTETS 1536 /* room for eight of any server seen (168 octets with AEAD 17) */

struct cookie_pool {
    uint16_t len[NTS_POOL_MAX];
    uint8_t count;
    uint8_t data[NTS_POOL_OCTETS]; /* the cookies one behind another, oldest first */
};

/* Empties the pool and wipes it. */
void cookie_pool_clear(struct cookie_pool *p);

/*@ requires \valid(p) && \valid_read(cookie + (0 .. len - 1));
    assigns p->len[0 .. NTS_POOL_MAX - 1], p->count, p->data[0 .. NTS_POOL_OCTETS - 1]; */
/* Keeps a copy as the newest; false (pool as before) when it is full or the length is not allowed.
 */
bool cookie_pool_add(struct cookie_pool *p, const uint8_t *cookie, size_t len);

/*
 * Moves the oldest cookie to `cookie` (room for NTS_COOKIE_MAX) and returns its length;
 * 0 when there is none. The pool no longer holds it.
 */
size_t cookie_pool_take(struct cookie_pool *p, uint8_t cookie[NTS_COOKIE_MAX]);

/*
 * Moves cookies of `from`, oldest first, behind those of `to` until `to` holds `count` of them;
 * what does not fit is lost.
 */
void cookie_pool_move(struct cookie_pool *to, struct cookie_pool *from, unsigned count);

/*
 * Fills `all` with the cookies of both, those of `older` first; of more than there is room for the
 * oldest are lost. The other two may be changed.
 */
void cookie_pool_join(struct cookie_pool *all, struct cookie_pool *older,
                      struct cookie_pool *newer);

/*@ requires \valid_read(p);
    assigns \nothing;
    ensures \result ==> p->count <= NTS_POOL_MAX; */
/* True when count, lengths and their sum obey the invariants and all that is not in use is zero:
 * for a pool that came as bytes. A pool begins as all zeros. */
bool cookie_pool_valid(const struct cookie_pool *p);

#endif
