/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AEAD_AES_SIV_CMAC_256, 384 and 512 (RFC 5297) over wolfCrypt's AES, with two components of
 * associated data as RFC 8915 section 5.7 has them: for a wolfCrypt without AES-SIV. The contracts
 * are those of struct aead; the synthetic IV stands before the ciphertext.
 */
#ifndef NTSC_AEAD_SIV_H
#define NTSC_AEAD_SIV_H

#include "common/nts/aead.h"

bool siv_seal(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct);

bool siv_open(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
              size_t nonce_len, const uint8_t *ct, size_t ct_len, uint8_t *pt);

#endif
