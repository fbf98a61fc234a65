/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_in(char *buf, size_t n)
{
    buf[0] = '\0';
    return (struct text){buf, n, 0};
}

void text_put(struct text *t, const char *format, ...)
{
    size_t left = t->n - t->pos;
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(t->buf + t->pos, left, format, ap);
    va_end(ap);
    if (n > 0)
        t->pos += (size_t)n < left ? (size_t)n : left - 1;
}
