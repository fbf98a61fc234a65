/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES-SIV (RFC 5297) from OpenSSL's CMAC and CTR. OpenSSL's own SIV is of no use here: it has no
 * way to authenticate an empty plaintext or an empty nonce.
 */
#include "server.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

size_t siv_key_len(unsigned aead)
{
    return aead == 16 ? 48 : aead == 17 ? 64 : 32;
}

static void cmac(const uint8_t *key, size_t len, const uint8_t *data, size_t data_len, uint8_t *out)
{
    static const char *const ciphers[] = {"AES-128-CBC", "AES-192-CBC", "AES-256-CBC"};
    size_t out_len = 0;
    if (!EVP_Q_mac(NULL, "CMAC", NULL, ciphers[len / 8 - 2], NULL, key, len, data, data_len, out,
                   16, &out_len))
        fatal("CMAC failed");
}

static void dbl(uint8_t d[16])
{
    uint8_t carry = d[0] & 0x80 ? 0x87 : 0;
    for (int i = 0; i < 15; i++)
        d[i] = (uint8_t)(d[i] << 1 | d[i + 1] >> 7);
    d[15] = (uint8_t)(d[15] << 1 ^ carry);
}

static void xor16(uint8_t *to, const uint8_t *from)
{
    for (int i = 0; i < 16; i++)
        to[i] ^= from[i];
}

/* RFC 5297 section 2.4 */
static void s2v(const uint8_t *key, size_t len, const struct octets *ad, const uint8_t *nonce,
                size_t nonce_len, const uint8_t *plain, size_t plain_len, uint8_t v[16])
{
    static const uint8_t zero[16];
    uint8_t d[16], t[16];
    uint8_t last[DATAGRAM_MAX + 16] = {0};

    cmac(key, len, zero, 16, d);
    dbl(d);
    cmac(key, len, ad->data, ad->len, t);
    xor16(d, t);
    dbl(d);
    cmac(key, len, nonce, nonce_len, t);
    xor16(d, t);
    memcpy(last, plain, plain_len);
    if (plain_len >= 16) {
        xor16(last + plain_len - 16, d);
        cmac(key, len, last, plain_len, v);
    } else {
        last[plain_len] = 0x80;
        dbl(d);
        xor16(last, d);
        cmac(key, len, last, 16, v);
    }
}

static void ctr(const uint8_t *key, size_t len, const uint8_t v[16], const uint8_t *in, size_t n,
                uint8_t *out)
{
    const EVP_CIPHER *cipher = len == 16   ? EVP_aes_128_ctr()
                               : len == 24 ? EVP_aes_192_ctr()
                                           : EVP_aes_256_ctr();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t q[16];
    int done = 0;
    memcpy(q, v, 16);
    q[8] &= 0x7f;
    q[12] &= 0x7f;
    if (!EVP_EncryptInit_ex(ctx, cipher, NULL, key, q) ||
        (n && !EVP_EncryptUpdate(ctx, out, &done, in, (int)n)))
        fatal("CTR failed");
    EVP_CIPHER_CTX_free(ctx);
}

bool siv_seal(const uint8_t *key, size_t key_len, const struct octets *ad, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *plain, size_t len, uint8_t *out)
{
    size_t half = key_len / 2;
    s2v(key, half, ad, nonce, nonce_len, plain, len, out);
    ctr(key + half, half, out, plain, len, out + 16);
    return true;
}

bool siv_open(const uint8_t *key, size_t key_len, const struct octets *ad, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *sealed, size_t len, uint8_t *out)
{
    size_t half = key_len / 2;
    uint8_t v[16];
    if (len < 16)
        return false;
    ctr(key + half, half, sealed, sealed + 16, len - 16, out);
    s2v(key, half, ad, nonce, nonce_len, out, len - 16, v);
    return CRYPTO_memcmp(v, sealed, 16) == 0;
}
