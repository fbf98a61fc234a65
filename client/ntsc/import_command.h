/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc --import FILE */
#ifndef NTSC_IMPORT_COMMAND_H
#define NTSC_IMPORT_COMMAND_H

#include <stdio.h>

/*
 * Writes the configuration in `f`, another time daemon's that is called `name`, as one of ours to
 * `to`, with the files that it includes, and their faults to the log. *servers: how many it has.
 * Returns the exit status.
 */
int import_command(FILE *f, const char *name, FILE *to, unsigned *servers);

#endif
