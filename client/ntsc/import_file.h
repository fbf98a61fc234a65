/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc --import FILE -o FILE: a result that takes the place of a file as a whole, or not at all. */
#ifndef NTSC_IMPORT_FILE_H
#define NTSC_IMPORT_FILE_H

#include <stdio.h>

/*
 * Reads `f`, called `name`, in a process that first gives up all rights, and writes what comes out
 * to the file `output`, with its mode and owner where it is there already. Without a server in the
 * result, or after any fault, nothing is written. Returns the exit status.
 */
int import_file(FILE *f, const char *name, const char *output);

#endif
