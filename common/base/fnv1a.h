/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number for a text, to tell texts apart where nobody has an interest in a collision: FNV-1a of
 * 64 bits (draft-eastlake-fnv section 2). */
#ifndef NTSC_FNV1A_H
#define NTSC_FNV1A_H

#include <stdint.h>

uint64_t fnv1a(const char *text);

#endif
