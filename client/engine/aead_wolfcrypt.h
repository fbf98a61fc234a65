/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES-SIV by wolfCrypt, from the static archive: the engine gets the cipher without the TLS. */
#ifndef NTSC_AEAD_WOLFCRYPT_H
#define NTSC_AEAD_WOLFCRYPT_H

#include "common/nts/aead.h"

extern const struct aead aead_wolfcrypt;

#endif
