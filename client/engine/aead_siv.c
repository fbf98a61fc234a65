/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/aead_siv.h"

#include <string.h>

#include "client/engine/aead_block.h"

/* CMAC of one component, RFC 4493. */
struct cmac {
    Aes *aes;
    uint8_t state[AES_BLOCK], waiting[AES_BLOCK];
    size_t n; /* octets that wait: the last block is not like the others */
    bool ok;
};

static void xor_block(uint8_t to[AES_BLOCK], const uint8_t with[AES_BLOCK])
{
    for (unsigned i = 0; i < AES_BLOCK; i++)
        to[i] ^= with[i];
}

/* Times x in GF(2^128), RFC 5297 section 2.3, in time that does not depend on the value. */
static void doubled(uint8_t b[AES_BLOCK])
{
    uint8_t carry = (uint8_t)(0U - (b[0] >> 7));

    for (unsigned i = 0; i + 1 < AES_BLOCK; i++)
        b[i] = (uint8_t)(b[i] << 1 | b[i + 1] >> 7);
    b[AES_BLOCK - 1] = (uint8_t)(b[AES_BLOCK - 1] << 1 ^ (carry & 0x87));
}

static void cmac_add(struct cmac *m, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (m->n == AES_BLOCK) {
            xor_block(m->state, m->waiting);
            m->ok = m->ok && aes_block(m->aes, m->state, m->state);
            m->n = 0;
        }
        m->waiting[m->n++] = data[i];
    }
}

static bool cmac_end(struct cmac *m, uint8_t out[AES_BLOCK])
{
    uint8_t sub[AES_BLOCK] = {0};
    bool whole = m->n == AES_BLOCK;

    m->ok = m->ok && aes_block(m->aes, sub, sub);
    doubled(sub);
    if (!whole) {
        doubled(sub);
        memset(m->waiting + m->n, 0, AES_BLOCK - m->n);
        m->waiting[m->n] = 0x80;
    }
    xor_block(m->state, m->waiting);
    xor_block(m->state, sub);
    m->ok = m->ok && aes_block(m->aes, m->state, out);
    explicit_bzero(sub, sizeof sub);
    explicit_bzero(m->state, sizeof m->state);
    explicit_bzero(m->waiting, sizeof m->waiting);
    return m->ok;
}

/* D = dbl(D) xor CMAC(component). */
static bool component(Aes *aes, uint8_t d[AES_BLOCK], const uint8_t *data, size_t len)
{
    struct cmac m = {.aes = aes, .ok = true};
    uint8_t mac[AES_BLOCK];
    bool ok;

    cmac_add(&m, data, len);
    ok = cmac_end(&m, mac);
    doubled(d);
    xor_block(d, mac);
    return ok;
}

/* S2V, section 2.4, of two components and the plaintext. */
static bool s2v(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t v[AES_BLOCK])
{
    Aes aes;
    uint8_t d[AES_BLOCK] = {0};
    struct cmac zero = {.aes = &aes, .ok = true}, last = {.aes = &aes, .ok = true};
    bool ok = aes_key_set(&aes, k->key, k->len / 2U);

    if (ok) {
        cmac_add(&zero, d, sizeof d);
        ok = cmac_end(&zero, d) && component(&aes, d, ad, ad_len) &&
             component(&aes, d, nonce, nonce_len);
    }
    if (ok && pt_len >= AES_BLOCK) {
        cmac_add(&last, pt, pt_len - AES_BLOCK);
        xor_block(d, pt + pt_len - AES_BLOCK);
        cmac_add(&last, d, sizeof d);
    } else if (ok) {
        doubled(d);
        for (size_t i = 0; i < pt_len; i++)
            d[i] ^= pt[i];
        d[pt_len] ^= 0x80;
        cmac_add(&last, d, sizeof d);
    }
    ok = ok && cmac_end(&last, v);
    aes_key_free(&aes);
    explicit_bzero(d, sizeof d);
    return ok;
}

/* Counter mode from V on, without its bits 31 and 63, section 2.5. Texts may be the same. */
static bool counter_mode(const struct aead_key *k, const uint8_t v[AES_BLOCK], const uint8_t *in,
                         size_t len, uint8_t *out)
{
    Aes aes;
    uint8_t counter[AES_BLOCK], stream[AES_BLOCK];
    bool ok = aes_key_set(&aes, k->key + k->len / 2U, k->len / 2U);

    memcpy(counter, v, sizeof counter);
    counter[8] &= 0x7f;
    counter[12] &= 0x7f;
    for (size_t pos = 0; pos < len && ok; pos += AES_BLOCK) {
        ok = aes_block(&aes, counter, stream);
        for (size_t i = 0; i < AES_BLOCK && pos + i < len; i++)
            out[pos + i] = in[pos + i] ^ stream[i];
        for (unsigned i = AES_BLOCK; i-- > 0 && ++counter[i] == 0;)
            continue;
    }
    aes_key_free(&aes);
    explicit_bzero(stream, sizeof stream);
    return ok;
}

/* An empty nonce would be a component that is there, but no nonce. */
static bool usable(const struct aead_key *k, size_t nonce_len)
{
    return k->len != 0 && k->len == aead_key_len(k->id) && k->id != AEAD_AES_128_GCM_SIV &&
           nonce_len > 0;
}

bool siv_seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct)
{
    uint8_t v[AES_BLOCK];

    if (!usable(k, nonce_len) || !s2v(k, ad, ad_len, nonce, nonce_len, pt, pt_len, v) ||
        !counter_mode(k, v, pt, pt_len, ct + AEAD_TAG_LEN))
        return false;
    memcpy(ct, v, sizeof v);
    return true;
}

bool siv_open(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *ct, size_t ct_len, uint8_t *pt)
{
    uint8_t v[AES_BLOCK], differ = 0;
    size_t pt_len = ct_len < AEAD_TAG_LEN ? 0 : ct_len - AEAD_TAG_LEN;
    bool ok;

    if (ct_len < AEAD_TAG_LEN)
        return false;
    ok = usable(k, nonce_len) && counter_mode(k, ct, ct + AEAD_TAG_LEN, pt_len, pt) &&
         s2v(k, ad, ad_len, nonce, nonce_len, pt, pt_len, v);
    /* In time that does not depend on where they differ. */
    for (unsigned i = 0; ok && i < AEAD_TAG_LEN; i++)
        differ |= v[i] ^ ct[i];
    ok = ok && differ == 0;
    if (!ok)
        explicit_bzero(pt, pt_len);
    return ok;
}
