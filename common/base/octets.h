/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_OCTETS_H
#define NTSC_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the octets from..len-1 of what begins at data are zero; true when there are none. */
static inline bool octets_are_zero(const void *data, size_t from, size_t len)
{
    const uint8_t *octets = data;

    for (size_t i = from; i < len; i++)
        if (octets[i] != 0)
            return false;
    return true;
}

#endif
