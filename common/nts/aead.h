/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shape of an AEAD algorithm as RFC 8915 uses it. The core gets one as an argument: wolfCrypt
 * in the engine, a fake one in fuzzers and the simulator.
 */
#ifndef NTSC_AEAD_H
#define NTSC_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/aead_id.h"

#define AEAD_TAG_LEN 16

/* One direction's key. Wiped by whoever holds it. */
struct aead_key {
    uint16_t id;
    uint16_t len;
    uint8_t key[AEAD_KEY_MAX];
};

struct aead {
    /* Writes pt_len + AEAD_TAG_LEN octets to ct; false when the algorithm is not there. */
    bool (*seal)(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                 size_t nonce_len, const uint8_t *pt, size_t pt_len, uint8_t *ct);
    /*
     * Writes ct_len - AEAD_TAG_LEN octets to pt; false, and pt is all zeros, when ct is not
     * authentic, shorter than a tag, or the nonce is empty or not one of the algorithm.
     */
    bool (*open)(const struct aead_key *k, const uint8_t *ad, size_t ad_len, const uint8_t *nonce,
                 size_t nonce_len, const uint8_t *ct, size_t ct_len, uint8_t *pt);
};

#endif
