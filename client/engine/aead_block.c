/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/aead_block.h"

#include <string.h>

bool aes_key_set(Aes *aes, const uint8_t *key, size_t len)
{
    memset(aes, 0, sizeof *aes);
    return wc_AesInit(aes, NULL, INVALID_DEVID) == 0 &&
           wc_AesSetKey(aes, key, (word32)len, NULL, AES_ENCRYPTION) == 0;
}

bool aes_block(Aes *aes, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK])
{
#ifdef HAVE_AES_ECB
    return wc_AesEcbEncrypt(aes, out, in, AES_BLOCK) == 0;
#else
    /* Chaining begins with zeros, which change nothing. */
    return wc_AesSetIV(aes, NULL) == 0 && wc_AesCbcEncrypt(aes, out, in, AES_BLOCK) == 0;
#endif
}

void aes_key_free(Aes *aes)
{
    wc_AesFree(aes);
    explicit_bzero(aes, sizeof *aes);
}
