/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line. */
#ifndef NTSC_OPTIONS_H
#define NTSC_OPTIONS_H

#include "client/shared/command_line.h"
#include "client/shared/exit_status.h"

/* Reads the command line; on a mistake says so in one line on stderr and exits with EXIT_NO_ANSWER.
 * -h and -V print and exit with 0. */
void options_read(struct options *o, int argc, char **argv);

/* Whether a check prints as monitoring plug-ins do: told so, or given limits; never with -j. */
bool options_plugin(const struct options *o);

#endif
