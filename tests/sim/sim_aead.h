/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An AEAD that is none: it has the shape, binds key, nonce, associated data and text together, and
 * costs next to nothing. Whoever knows it can forge; nobody in the simulator does.
 */
#ifndef NTSC_SIM_AEAD_H
#define NTSC_SIM_AEAD_H

#include "common/nts/aead.h"

extern const struct aead sim_aead;

#endif
