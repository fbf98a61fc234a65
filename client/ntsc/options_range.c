/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/options_range.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ntsc/options_modes.h"

/* More than 30 years: as much as a clock may be off. */
#define LIMIT_MAX_S 1e9

/* One end of a range: n octets of text, or what it is when there are none. */
static bool read_end(const char *text, size_t n, double left_out, double *end)
{
    char digits[32];
    char *rest;

    *end = left_out;
    if (n == 0)
        return true;
    if (n >= sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)n, text);
    errno = 0;
    *end = strtod(digits, &rest);
    /* Neither words (inf) nor hexadecimal digits, nor blanks. */
    return *rest == 0 && errno == 0 && digits[strspn(digits, "0123456789.-+eE")] == 0 &&
           *end >= -LIMIT_MAX_S && *end <= LIMIT_MAX_S;
}

static bool read_range(const char *text, struct check_range *r)
{
    const char *start = text + (text[0] == '@'), *colon = strchr(start, ':');
    const char *end = colon != NULL ? colon + 1 : start;
    size_t length = colon != NULL ? (size_t)(colon - start) : 0;
    bool no_start = length == 1 && start[0] == '~';

    *r = (struct check_range){-(double)INFINITY, (double)INFINITY, text[0] == '@'};
    if (end[0] == 0 && (length == 0 || no_start))
        return false;
    return (no_start || read_end(start, length, 0, &r->low_s)) &&
           read_end(end, strlen(end), (double)INFINITY, &r->high_s) && r->low_s <= r->high_s;
}

struct check_range options_range(const char *option, const char *text)
{
    struct check_range r;

    if (!read_range(text, &r))
        options_wrong(
            "%s: \"%s\" is no limit: SECONDS, or a range [@]START:END of them, is expected", option,
            text);
    return r;
}
