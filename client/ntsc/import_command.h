/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc --import FILE */
#ifndef NTSC_IMPORT_COMMAND_H
#define NTSC_IMPORT_COMMAND_H

#include <stdio.h>

/* Prints the configuration in `f`, another time daemon's that is called `name`, as one of ours.
 * Returns the exit status. */
int import_command(FILE *f, const char *name);

#endif
