/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that grows in a buffer; what does not fit is cut, and the end is always there. */
#ifndef NTSC_TEXT_H
#define NTSC_TEXT_H

#include <stddef.h>

struct text {
    char *buf;
    size_t n; /* at least 1 */
    size_t pos;
};

/* Over a buffer of n octets; empty. */
struct text text_in(char *buf, size_t n);

void text_put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
