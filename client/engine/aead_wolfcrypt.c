/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/aead_wolfcrypt.h"

#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>

#include <string.h>

#include "client/engine/aead_gcm_siv.h"
#include "client/engine/aead_siv.h"

#ifdef WOLFSSL_AES_SIV
/* wolfCrypt counts in 32 bits; nothing of ours comes near. */
#define LENGTH_MAX UINT32_C(0x7fffffff)

/*
 * An empty nonce is refused: wolfCrypt would silently leave the component out of S2V. The key's
 * length has to be that of the algorithm, as its length alone chooses the cipher.
 */
static bool usable(const struct aead_key *k, size_t ad_len, size_t nonce_len, size_t text_len)
{
    return k->len != 0 && k->len == aead_key_len(k->id) && nonce_len > 0 && ad_len <= LENGTH_MAX &&
           nonce_len <= LENGTH_MAX && text_len <= LENGTH_MAX;
}

/* SIV first, then the ciphertext (RFC 5297 section 2.6). */
static bool library_seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                         const uint8_t *nonce, size_t nonce_len, const uint8_t *pt, size_t pt_len,
                         uint8_t *ct)
{
    byte none = 0;
    byte *out = pt_len > 0 ? ct + AEAD_TAG_LEN : &none; /* never NULL: that is an error to it */

    if (!usable(k, ad_len, nonce_len, pt_len))
        return false;
    return wc_AesSivEncrypt(k->key, k->len, ad, (word32)ad_len, nonce, (word32)nonce_len, pt,
                            (word32)pt_len, ct, out) == 0;
}

static bool library_open(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                         const uint8_t *nonce, size_t nonce_len, const uint8_t *ct, size_t ct_len,
                         uint8_t *pt)
{
    byte none = 0;
    byte siv[AEAD_TAG_LEN];
    size_t pt_len = ct_len < AEAD_TAG_LEN ? 0 : ct_len - AEAD_TAG_LEN;

    if (ct_len < AEAD_TAG_LEN)
        return false;
    if (usable(k, ad_len, nonce_len, ct_len)) {
        memcpy(siv, ct, sizeof siv);
        if (wc_AesSivDecrypt(k->key, k->len, ad, (word32)ad_len, nonce, (word32)nonce_len,
                             ct + AEAD_TAG_LEN, (word32)pt_len, siv, pt_len > 0 ? pt : &none) == 0)
            return true;
    }
    /* wolfCrypt leaves the plaintext of a forgery behind. */
    explicit_bzero(pt, pt_len);
    return false;
}

#else
#define library_seal siv_seal
#define library_open siv_open
#endif

static bool seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                 size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct)
{
    switch ((enum aead_id)k->id) {
    case AEAD_AES_128_GCM_SIV:
        return gcm_siv_seal(k, ad, ad_len, nonce, nonce_len, pt, pt_len, ct);
    case AEAD_AES_SIV_CMAC_256:
    case AEAD_AES_SIV_CMAC_384:
    case AEAD_AES_SIV_CMAC_512:
        return library_seal(k, ad, ad_len, nonce, nonce_len, pt, pt_len, ct);
    }
    return false;
}

static bool open_sealed(const struct aead_key *k, const uint8_t *ad, size_t ad_len,
                        const uint8_t *nonce, size_t nonce_len, const uint8_t *ct, size_t ct_len,
                        uint8_t *pt)
{
    switch ((enum aead_id)k->id) {
    case AEAD_AES_128_GCM_SIV:
        return gcm_siv_open(k, ad, ad_len, nonce, nonce_len, ct, ct_len, pt);
    case AEAD_AES_SIV_CMAC_256:
    case AEAD_AES_SIV_CMAC_384:
    case AEAD_AES_SIV_CMAC_512:
        return library_open(k, ad, ad_len, nonce, nonce_len, ct, ct_len, pt);
    }
    /* As with every other refusal nothing is left in pt. */
    explicit_bzero(pt, ct_len < AEAD_TAG_LEN ? 0 : ct_len - AEAD_TAG_LEN);
    return false;
}

const struct aead aead_wolfcrypt = {.seal = seal, .open = open_sealed};
