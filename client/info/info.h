/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc -i: the daemon's status for people, for programs and for a metrics collector. */
#ifndef NTSC_INFO_H
#define NTSC_INFO_H

#include <stdbool.h>
#include <stdio.h>

#include "common/base/time.h"

enum info_format { INFO_TEXT, INFO_JSON, INFO_OPENMETRICS, INFO_PLOT };

struct info_view {
    enum info_format format;
    struct wall now;
    unsigned width; /* of the terminal */
    bool verbose;   /* all that is known of each source */
    bool colour;    /* it is a terminal, and nobody minds */
    bool utf8;      /* what it can show beyond ASCII */
};

/* Exit status. Metrics say the rest themselves: whoever replaces a file with them does so always.
 */
enum { INFO_SYNCHRONIZED = 0, INFO_PRINTED = 0, INFO_NOT_SYNCHRONIZED = 1, INFO_NO_STATUS = 3 };

/*
 * Prints the status file at `path` on standard output, as wide as the terminal; what is wrong with
 * the file itself goes to standard error. Returns the exit status; a status that is stale is none.
 */
int info_print(const char *path, enum info_format format, bool verbose);

/* The same with all that it depends on. */
int info_show(FILE *to, FILE *err, const char *path, const struct info_view *v);

#endif
