/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/plugin_unknown.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/shared/log.h"

#define WHY_MAX 1024

static char why[WHY_MAX];
static bool wanted;

static void say(void)
{
    if (wanted)
        printf("NTS UNKNOWN - %s\n", why[0] != 0 ? why : "it ended without a result");
}

void plugin_unknown_because(const char *text)
{
    size_t n = 0;

    /* A bar would begin the performance data. */
    for (; text[n] != 0 && text[n] != '\n' && n < sizeof why - 1; n++)
        why[n] = text[n] == '|' ? '/' : text[n];
    why[n] = 0;
}

static void note(enum log_kind kind, const char *line)
{
    if (kind == LOG_KIND_WARNING)
        plugin_unknown_because(line);
}

void plugin_unknown_begin(void)
{
    wanted = true;
    log_open_copy(note);
    /* Before the handler of standard_fds_begin() looks whether all was printed: the last that was
     * registered runs first. */
    (void)atexit(say);
}

bool plugin_unknown_is_due(void)
{
    return wanted;
}

void plugin_unknown_end(void)
{
    wanted = false;
}
