/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -i and -w, which ntsc offers and client/info is: said here, because neither room may look into
 * the other.
 */
#ifndef NTSC_STATUS_COMMAND_H
#define NTSC_STATUS_COMMAND_H

#include "client/shared/command_line.h"

/* What the running daemon knows: finds its status file, shows it or waits. Returns the exit status.
 */
int status_command(const struct options *o);

#endif
