/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/aead_id.h"

size_t aead_key_len(uint16_t id)
{
    switch ((enum aead_id)id) {
    case AEAD_AES_128_GCM_SIV:
        return 16;
    case AEAD_AES_SIV_CMAC_256:
        return 32;
    case AEAD_AES_SIV_CMAC_384:
        return 48;
    case AEAD_AES_SIV_CMAC_512:
        return 64;
    }
    return 0;
}

size_t aead_nonce_len(uint16_t id)
{
    switch ((enum aead_id)id) {
    case AEAD_AES_128_GCM_SIV: /* RFC 8452 section 4: N_MAX */
        return 12;
    case AEAD_AES_SIV_CMAC_256:
    case AEAD_AES_SIV_CMAC_384:
    case AEAD_AES_SIV_CMAC_512:
        break;
    }
    return 16;
}

bool aead_list_has(const struct aead_list *list, uint16_t id)
{
    /*@ loop invariant i <= AEAD_LIST_MAX;
        loop assigns i;
        loop variant AEAD_LIST_MAX - i; */
    for (size_t i = 0; i < AEAD_LIST_MAX; i++)
        if (i < list->n && list->id[i] == id)
            return true;
    return false;
}

bool aead_list_valid(const struct aead_list *list)
{
    if (list->n > AEAD_LIST_MAX || list->zero != 0)
        return false;
    /*@ loop invariant i <= AEAD_LIST_MAX;
        loop assigns i;
        loop variant AEAD_LIST_MAX - i; */
    for (size_t i = 0; i < AEAD_LIST_MAX; i++) {
        const struct aead_list before = {
            .n = (uint8_t)i,
            .id = {list->id[0], list->id[1], list->id[2], list->id[3]},
        };

        if (i < list->n ? aead_key_len(list->id[i]) == 0 || aead_list_has(&before, list->id[i])
                        : list->id[i] != 0)
            return false;
    }
    return true;
}

struct aead_list aead_list_default(void)
{
    return (struct aead_list){.n = 2, .id = {AEAD_AES_128_GCM_SIV, AEAD_AES_SIV_CMAC_256}};
}

const char *aead_name(uint16_t id)
{
    switch ((enum aead_id)id) {
    case AEAD_AES_SIV_CMAC_256:
        return "AES-SIV-CMAC-256";
    case AEAD_AES_SIV_CMAC_384:
        return "AES-SIV-CMAC-384";
    case AEAD_AES_SIV_CMAC_512:
        return "AES-SIV-CMAC-512";
    case AEAD_AES_128_GCM_SIV:
        return "AES-128-GCM-SIV";
    }
    return "?";
}
