/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number for a text, to tell texts apart where nobody has an interest in a collision: FNV-1a of
 * 64 bits (draft-eastlake-fnv section 2). */
#ifndef NTSC_FNV1A_H
#define NTSC_FNV1A_H

#include <stddef.h>
#include <stdint.h>

uint64_t fnv1a(const char *text);

/* The same of octets that come in pieces: the first goes on from FNV1A_START. */
#define FNV1A_START UINT64_C(14695981039346656037)
uint64_t fnv1a_octets(uint64_t hash, const void *data, size_t len);

/* Of 32 bits, one octet more; the first goes on from FNV1A_START_32. */
#define FNV1A_START_32 UINT32_C(2166136261)
static inline uint32_t fnv1a_octet_32(uint32_t hash, uint8_t octet)
{
    return (uint32_t)((uint64_t)(hash ^ octet) * 16777619U);
}

#endif
