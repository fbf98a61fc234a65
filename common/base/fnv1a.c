/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/fnv1a.h"

#include <string.h>

uint64_t fnv1a_octets(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *octets = data;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ octets[i]) * UINT64_C(1099511628211);
    return hash;
}

uint64_t fnv1a(const char *text)
{
    return fnv1a_octets(FNV1A_START, text, strlen(text));
}
