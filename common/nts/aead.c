/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/aead.h"

size_t aead_key_len(uint16_t id)
{
    switch (id) {
    case AEAD_AES_SIV_CMAC_256:
        return 32;
    case AEAD_AES_SIV_CMAC_384:
        return 48;
    case AEAD_AES_SIV_CMAC_512:
        return 64;
    default:
        return 0;
    }
}

const char *aead_name(uint16_t id)
{
    switch (id) {
    case AEAD_AES_SIV_CMAC_256:
        return "AES-SIV-CMAC-256";
    case AEAD_AES_SIV_CMAC_384:
        return "AES-SIV-CMAC-384";
    case AEAD_AES_SIV_CMAC_512:
        return "AES-SIV-CMAC-512";
    default:
        return "?";
    }
}
