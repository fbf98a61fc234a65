/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The AEAD algorithms that ntsc knows, by their numbers, and lists of them. */
#ifndef NTSC_AEAD_ID_H
#define NTSC_AEAD_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AEAD_KEY_MAX   64
#define AEAD_NONCE_MAX 16 /* of what we send; a server may choose another length with SIV */

/*
 * IANA AEAD registry; key sizes of SIV are of the whole key (RFC 5297 section 6). Each switch over
 * them is without a default, so that the compiler names the place that a new one still lacks.
 */
enum aead_id {
    AEAD_AES_SIV_CMAC_256 = 15,
    AEAD_AES_SIV_CMAC_384 = 16,
    AEAD_AES_SIV_CMAC_512 = 17,
    AEAD_AES_128_GCM_SIV = 30, /* RFC 8452 */
};

/* Algorithms in order of preference (RFC 8915 section 4.1.5); n == 0: none is named. */
#define AEAD_LIST_MAX 4
struct aead_list {
    uint8_t n;
    uint8_t zero;
    uint16_t id[AEAD_LIST_MAX];
};

/*@ assigns \nothing;
    ensures \result <= AEAD_KEY_MAX; */
/* Octets of a key of algorithm `id`; 0 when ntsc does not offer it. */
size_t aead_key_len(uint16_t id);

/*@ assigns \nothing;
    ensures 0 < \result <= AEAD_NONCE_MAX; */
/*
 * Octets of the nonces that we send. At least 16, or the algorithm's N_MAX where that is less, so
 * that none needs padding (RFC 8915 section 5.6): 12 for AES-128-GCM-SIV, 16 for the others.
 */
size_t aead_nonce_len(uint16_t id);

/*@ requires \valid_read(list);
    assigns \nothing; */
bool aead_list_has(const struct aead_list *list, uint16_t id);

/*@ requires \valid_read(list);
    assigns \nothing; */
/* Whether it is one that may be offered: known ones, each once, the rest zeros. */
bool aead_list_valid(const struct aead_list *list);

/*@ assigns \nothing; */
/*
 * What is offered when nothing else is wanted: 30 for its short packets, and 15, which every server
 * has (section 5.1). It is what chronyd offers, and so what public servers have seen.
 */
struct aead_list aead_list_default(void);

/* "AES-SIV-CMAC-256" and so on; "?" when not known. */
const char *aead_name(uint16_t id);

#endif
