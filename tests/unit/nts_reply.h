/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Responses of a server of our own, written from RFC 8915 section 5 without the code under test but
 * for the cipher.
 */
#ifndef NTSC_TESTS_NTS_REPLY_H
#define NTSC_TESTS_NTS_REPLY_H

#include "tests/unit/test.h"

#include "client/engine/aead_wolfcrypt.h"

static inline void put_u16(uint8_t *p, size_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* A response being written: clear fields, then what will be encrypted, then sealed. */
struct reply {
    uint8_t data[4096], plain[2048];
    size_t len, plain_len;
    size_t nonce_len, extra_padding;
};

static inline void add_field(uint8_t *to, size_t *len, unsigned type, const void *body,
                             size_t body_len)
{
    size_t all = 4 + (body_len + 3) / 4 * 4;

    put_u16(to + *len, type);
    put_u16(to + *len + 2, all);
    memset(to + *len + 4, 0, all - 4);
    if (body_len > 0)
        memcpy(to + *len + 4, body, body_len);
    *len += all;
}

static inline void reply_begin(struct reply *r, uint64_t transmit)
{
    memset(r, 0, sizeof *r);
    r->nonce_len = 16;
    r->data[0] = 0x24; /* leap 0, version 4, mode 4 */
    r->data[1] = 2;
    r->data[2] = 6;
    r->data[3] = (uint8_t)-20;
    for (int i = 0; i < 8; i++)
        r->data[24 + i] = (uint8_t)(transmit >> (56 - 8 * i)); /* origin */
    memset(r->data + 32, 0x33, 8);
    memset(r->data + 40, 0x44, 8);
    r->len = 48;
}

static inline void reply_uid(struct reply *r, const uint8_t *uid)
{
    add_field(r->data, &r->len, 0x0104, uid, 32);
}

static inline void reply_seal(struct reply *r, const struct aead_key *s2c)
{
    uint8_t nonce[64], ct[2048 + 16], body[4096] = {0};
    size_t padded = (r->nonce_len + 3) / 4 * 4, ct_len = r->plain_len + 16;
    uint64_t seed = 9;

    if (s2c->id == AEAD_AES_128_GCM_SIV && r->nonce_len == 16) {
        r->nonce_len = padded = 12; /* the only one it takes */
    }
    test_random_fill(&seed, nonce, sizeof nonce);
    assert_true(
        aead_wolfcrypt.seal(s2c, r->data, r->len, nonce, r->nonce_len, r->plain, r->plain_len, ct));
    put_u16(body, r->nonce_len);
    put_u16(body + 2, ct_len);
    memcpy(body + 4, nonce, r->nonce_len);
    memcpy(body + 4 + padded, ct, ct_len);
    add_field(r->data, &r->len, 0x0404, body, 4 + padded + (ct_len + 3) / 4 * 4 + r->extra_padding);
}

#endif
