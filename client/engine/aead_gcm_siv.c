/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/aead_gcm_siv.h"

#include <string.h>

#include "client/engine/aead_block.h"
#include "common/nts/polyval.h"

#define KEY_LEN   16
#define NONCE_LEN 12
#define BLOCK     AES_BLOCK

/* RFC 8452 section 6 allows 2^36 octets; nothing of ours comes near, and the counter never wraps.
 */
#define LENGTH_MAX (UINT32_C(1) << 31)

/* The keys of one message, section 4: one authenticates, the other encrypts. */
struct message_keys {
    uint8_t authentication[POLYVAL_BLOCK];
    Aes encryption;
};

static void put_u32(uint32_t v, uint8_t out[4])
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> 8 * i);
}

static void put_u64(uint64_t v, uint8_t out[8])
{
    put_u32((uint32_t)v, out);
    put_u32((uint32_t)(v >> 32), out + 4);
}

/* Half of each of four blocks: a counter and the nonce under the key that generates keys. */
static bool derive(Aes *generating, const uint8_t nonce[NONCE_LEN], struct message_keys *m)
{
    uint8_t in[BLOCK], out[BLOCK], encryption[KEY_LEN] = {0};
    bool ok = true;

    memcpy(in + 4, nonce, NONCE_LEN);
    for (uint32_t i = 0; i < 4 && ok; i++) {
        put_u32(i, in);
        ok = aes_block(generating, in, out);
        memcpy(i < 2 ? m->authentication + 8 * i : encryption + 8 * (i - 2), out, 8);
    }
    ok = ok && aes_key_set(&m->encryption, encryption, sizeof encryption);
    explicit_bzero(encryption, sizeof encryption);
    explicit_bzero(out, sizeof out);
    return ok;
}

/* False when wolfCrypt fails, or lengths are none of this algorithm. */
static bool keys_make(const struct aead_key *k, const uint8_t *nonce, size_t nonce_len,
                      size_t ad_len, size_t text_len, struct message_keys *m)
{
    Aes generating;
    bool ok;

    memset(m, 0, sizeof *m);
    if (k->id != AEAD_AES_128_GCM_SIV || k->len != KEY_LEN || nonce_len != NONCE_LEN ||
        ad_len > LENGTH_MAX || text_len > LENGTH_MAX)
        return false;
    ok = aes_key_set(&generating, k->key, KEY_LEN) && derive(&generating, nonce, m);
    aes_key_free(&generating);
    return ok;
}

static void keys_wipe(struct message_keys *m)
{
    aes_key_free(&m->encryption);
    explicit_bzero(m, sizeof *m);
}

/* Section 4: over both texts, each filled up with zeros, and their lengths in bits. */
static bool tag_make(struct message_keys *m, const uint8_t *ad, size_t ad_len,
                     const uint8_t nonce[NONCE_LEN], const uint8_t *pt, size_t pt_len,
                     uint8_t tag[AEAD_TAG_LEN])
{
    struct polyval p = polyval_begin(m->authentication);
    uint8_t lengths[BLOCK], sum[BLOCK];
    bool ok;

    put_u64((uint64_t)ad_len * 8, lengths);
    put_u64((uint64_t)pt_len * 8, lengths + 8);
    polyval_add(&p, ad, ad_len);
    polyval_add(&p, pt, pt_len);
    polyval_add(&p, lengths, sizeof lengths);
    polyval_end(&p, sum);
    for (unsigned i = 0; i < NONCE_LEN; i++)
        sum[i] ^= nonce[i];
    sum[BLOCK - 1] &= 0x7f;
    ok = aes_block(&m->encryption, sum, tag);
    explicit_bzero(&p, sizeof p);
    explicit_bzero(sum, sizeof sum);
    return ok;
}

/* Counter mode from the tag on; the counter is the first four octets, the lowest first. */
static bool counter_mode(struct message_keys *m, const uint8_t tag[AEAD_TAG_LEN], const uint8_t *in,
                         size_t len, uint8_t *out)
{
    uint8_t counter[BLOCK], stream[BLOCK];
    uint32_t n =
        (uint32_t)tag[0] | (uint32_t)tag[1] << 8 | (uint32_t)tag[2] << 16 | (uint32_t)tag[3] << 24;
    bool ok = true;

    memcpy(counter, tag, sizeof counter);
    counter[BLOCK - 1] |= 0x80;
    for (size_t pos = 0; pos < len && ok; pos += BLOCK, n++) {
        put_u32(n, counter);
        ok = aes_block(&m->encryption, counter, stream);
        for (size_t i = 0; i < BLOCK && pos + i < len; i++)
            out[pos + i] = in[pos + i] ^ stream[i];
    }
    explicit_bzero(stream, sizeof stream);
    return ok;
}

bool gcm_siv_seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                  size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct)
{
    struct message_keys m;
    uint8_t tag[AEAD_TAG_LEN];
    bool ok = keys_make(k, nonce, nonce_len, ad_len, pt_len, &m) &&
              tag_make(&m, ad, ad_len, nonce, pt, pt_len, tag) &&
              counter_mode(&m, tag, pt, pt_len, ct);

    if (ok)
        memcpy(ct + pt_len, tag, sizeof tag);
    keys_wipe(&m);
    return ok;
}

/* In time that does not depend on where they differ. */
static bool tag_equal(const uint8_t *a, const uint8_t *b)
{
    uint8_t differ = 0;

    for (unsigned i = 0; i < AEAD_TAG_LEN; i++)
        differ |= a[i] ^ b[i];
    return differ == 0;
}

bool gcm_siv_open(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                  size_t nonce_len, const uint8_t *ct, size_t ct_len, uint8_t *pt)
{
    struct message_keys m;
    uint8_t expected[AEAD_TAG_LEN];
    size_t pt_len = ct_len < AEAD_TAG_LEN ? 0 : ct_len - AEAD_TAG_LEN;
    bool ok;

    if (ct_len < AEAD_TAG_LEN)
        return false;
    ok = keys_make(k, nonce, nonce_len, ad_len, pt_len, &m) &&
         counter_mode(&m, ct + pt_len, ct, pt_len, pt) &&
         tag_make(&m, ad, ad_len, nonce, pt, pt_len, expected) && tag_equal(expected, ct + pt_len);
    keys_wipe(&m);
    explicit_bzero(expected, sizeof expected);
    if (!ok)
        explicit_bzero(pt, pt_len);
    return ok;
}
