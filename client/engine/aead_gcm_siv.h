/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AEAD_AES_128_GCM_SIV (RFC 8452) over wolfCrypt's AES. The contracts are those of struct aead; the
 * key is 16 octets, the nonce 12, and the tag stands behind the ciphertext.
 */
#ifndef NTSC_AEAD_GCM_SIV_H
#define NTSC_AEAD_GCM_SIV_H

#include "common/nts/aead.h"

bool gcm_siv_seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                  size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct);

bool gcm_siv_open(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                  size_t nonce_len, const uint8_t *ct, size_t ct_len, uint8_t *pt);

#endif
