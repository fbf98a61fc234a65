/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the two other executables. */
#ifndef NTSC_SPAWN_H
#define NTSC_SPAWN_H

#include <sys/types.h>

#include "client/privilege.h"

/*
 * Opens the programs while we still are who started us: below a directory that is closed to others
 * (a clone in /root, say) those whom we become could not reach them. Without it, or where a file is
 * missing, spawn() goes by the path alone.
 */
void spawn_prepare(void);

#define SPAWN_FILES_MAX 3

/*
 * Starts NTSC_LIBEXECDIR/program without any right and with an empty environment. Descriptors 0 to
 * 2 are shared, files[0..n-1] become MSG_FD and those after it (-1: not open), all others are
 * closed. Returns the process id, or -1 with errno. A program that cannot be executed exits with
 * 127.
 */
pid_t spawn(const char *program, const struct identity *id, const int *files, int n);

#endif
