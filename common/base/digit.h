/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Digits, the same in every locale. */
#ifndef NTSC_DIGIT_H
#define NTSC_DIGIT_H

#include <stdbool.h>

static inline bool digit_is(char c)
{
    return c >= '0' && c <= '9';
}

/* -1 when it is no hexadecimal digit. */
static inline int digit_hex(char c)
{
    if (digit_is(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

#endif
