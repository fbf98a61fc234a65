/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/report_fold.h"

#include <stdbool.h>
#include <string.h>

#define INDENT 2

/* How much of p stands on a line of `room` columns; where two blanks are near, up to these. */
static size_t fitting(const char *p, size_t room)
{
    size_t n = strlen(p), one = 0, two = 0;

    if (n <= room)
        return n;
    for (size_t i = 1; i < n && (i <= room || one == 0); i++) {
        if (p[i] != ' ')
            continue;
        one = i;
        two = p[i + 1] == ' ' ? i : two;
        i += strspn(p + i, " ") - 1;
    }
    if (two > 0)
        return two;
    return one > 0 ? one : n;
}

void report_fold(FILE *to, const char *line, unsigned columns)
{
    size_t room = columns > 0 ? columns : strlen(line), n;
    bool first = true;

    do {
        if (!first)
            fprintf(to, "%*s", INDENT, "");
        n = fitting(line, room);
        fprintf(to, "%.*s\n", (int)n, line);
        line += n + strspn(line + n, " ");
        if (first)
            room = room > INDENT ? room - INDENT : 1;
        first = false;
    } while (*line != 0);
}
