/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One block of AES by wolfCrypt, whichever of its functions a build has: what modes of operation of
 * ours are made of. Only in client/engine, since wolfCrypt's types are seen.
 */
#ifndef NTSC_AEAD_BLOCK_H
#define NTSC_AEAD_BLOCK_H

#include <wolfssl/options.h> /* before all others */

#include <wolfssl/wolfcrypt/aes.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AES_BLOCK 16

/* A key of 16, 24 or 32 octets, for encryption. False when wolfCrypt fails; to be freed then too.
 */
bool aes_key_set(Aes *aes, const uint8_t *key, size_t len);

/* `in` and `out` may be the same. */
bool aes_block(Aes *aes, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK]);

/* Wipes it. */
void aes_key_free(Aes *aes);

#endif
