/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/fnv1a.h"

uint64_t fnv1a(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (const char *p = text; *p != 0; p++)
        hash = (hash ^ (uint8_t)*p) * UINT64_C(1099511628211);
    return hash;
}
