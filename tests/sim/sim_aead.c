/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_aead.h"

#include <string.h>

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0xff51afd7ed558ccd);
    return h ^ (h >> 32);
}

static uint64_t absorb(uint64_t h, const uint8_t *data, size_t n)
{
    uint64_t v;

    h = mix(h, n);
    for (; n >= sizeof v; n -= sizeof v, data += sizeof v) {
        memcpy(&v, data, sizeof v);
        h = mix(h, v);
    }
    v = 0;
    memcpy(&v, data, n);
    return mix(h, v);
}

struct text {
    const struct aead_key *k;
    const uint8_t *ad, *nonce;
    size_t ad_len, nonce_len;
};

static void tag_of(const struct text *t, const uint8_t *pt, size_t n, uint8_t tag[AEAD_TAG_LEN])
{
    uint64_t h[2];

    h[0] = absorb(t->k->id, t->k->key, t->k->len);
    h[0] = absorb(h[0], t->nonce, t->nonce_len);
    h[0] = absorb(h[0], t->ad, t->ad_len);
    h[0] = absorb(h[0], pt, n);
    h[1] = mix(h[0], 1);
    memcpy(tag, h, AEAD_TAG_LEN);
}

static void cipher(const struct aead_key *k, const uint8_t tag[AEAD_TAG_LEN], const uint8_t *from,
                   size_t n, uint8_t *to)
{
    uint64_t h = absorb(absorb(0, k->key, k->len), tag, AEAD_TAG_LEN);

    for (size_t i = 0; i < n; i++) {
        if (i % 8 == 0)
            h = mix(h, i);
        to[i] = (uint8_t)(from[i] ^ (uint8_t)(h >> (i % 8 * 8)));
    }
}

static bool seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                 size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct)
{
    const struct text t = {k, ad, nonce, ad_len, nonce_len};

    tag_of(&t, pt, pt_len, ct);
    cipher(k, ct, pt, pt_len, ct + AEAD_TAG_LEN);
    return true;
}

static bool open_sealed(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                        const uint8_t *nonce, size_t nonce_len, const uint8_t *ct, size_t ct_len,
                        uint8_t *pt)
{
    const struct text t = {k, ad, nonce, ad_len, nonce_len};
    uint8_t tag[AEAD_TAG_LEN];
    size_t n = ct_len - AEAD_TAG_LEN;

    if (ct_len < AEAD_TAG_LEN || nonce_len == 0)
        return false;
    cipher(k, ct, ct + AEAD_TAG_LEN, n, pt);
    tag_of(&t, pt, n, tag);
    if (memcmp(tag, ct, AEAD_TAG_LEN) == 0)
        return true;
    memset(pt, 0, n);
    return false;
}

const struct aead sim_aead = {seal, open_sealed};
