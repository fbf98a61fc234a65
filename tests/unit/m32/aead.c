/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the place of wolfCrypt: nothing is encrypted, and the tag is a sum that every octet changes.
 * It tells the right key and untouched data from anything else, and more is not asked of it here.
 */
#include "client/engine/aead_wolfcrypt.h"

#include <string.h>

struct sum {
    uint64_t half[2];
};

static void add(struct sum *s, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i <= len; i++) {
        uint64_t octet = i < len ? data[i] : 0x100; /* the end of a part */

        s->half[0] = (s->half[0] ^ octet) * UINT64_C(1099511628211);
        s->half[1] = (s->half[1] + octet) * UINT64_C(0x9e3779b97f4a7c15);
        s->half[1] ^= s->half[0] >> 32;
    }
}

static struct sum sum_of(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                         const uint8_t *nonce, size_t nonce_len, const uint8_t *pt, size_t pt_len)
{
    struct sum s = {{1, 2}};

    add(&s, k->key, k->len);
    add(&s, ad, ad_len);
    add(&s, nonce, nonce_len);
    add(&s, pt, pt_len);
    return s;
}

static bool seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                 size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct)
{
    struct sum s = sum_of(k, ad, ad_len, nonce, nonce_len, pt, pt_len);

    if (aead_key_len(k->id) == 0)
        return false;
    memmove(ct + AEAD_TAG_LEN, pt, pt_len);
    memcpy(ct, &s, AEAD_TAG_LEN);
    return true;
}

static bool open(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                 size_t nonce_len, const uint8_t *ct, size_t ct_len, uint8_t *pt)
{
    struct sum s;

    if (ct_len < AEAD_TAG_LEN || nonce_len == 0)
        return false;
    s = sum_of(k, ad, ad_len, nonce, nonce_len, ct + AEAD_TAG_LEN, ct_len - AEAD_TAG_LEN);
    if (memcmp(&s, ct, AEAD_TAG_LEN) != 0) {
        memset(pt, 0, ct_len - AEAD_TAG_LEN);
        return false;
    }
    memcpy(pt, ct + AEAD_TAG_LEN, ct_len - AEAD_TAG_LEN);
    return true;
}

const struct aead aead_wolfcrypt = {seal, open};
