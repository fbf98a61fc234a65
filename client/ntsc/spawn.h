/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting the two other executables. */
#ifndef NTSC_SPAWN_H
#define NTSC_SPAWN_H

#include <sys/types.h>

#include "client/ntsc/privilege.h"

#define SPAWN_ENGINE "ntsc-engine"
#define SPAWN_KE     "ntsc-ke"

/*
 * Opens the programs while we still are who started us: below a directory that is closed to others
 * (a clone in /root, say) those whom we become could not reach them. Without it, or where a file is
 * missing, spawn() goes by the path alone.
 */
void spawn_prepare(void);

#define SPAWN_FILES_MAX 3

struct spawn_order {
    const char *program;
    const struct identity *as;  /* becomes the user of ntsc-ke; NULL: stays who we are */
    int files[SPAWN_FILES_MAX]; /* -1: not open */
    int report;
};

/*
 * Starts NTSC_LIBEXECDIR/program, without a capability and with an empty environment, as our child.
 * Descriptors 0 to 2 are /dev/null, files[] become MSG_FD and those after it, `report`
 * becomes SANDBOX_REPORT_FD, all others are closed. Returns a pidfd, or -1 with errno; *pid gets
 * its number. A program that cannot be executed exits with 127.
 */
int spawn(const struct spawn_order *o, pid_t *pid);

/* Ends a process that runs as the user of ntsc-ke, whom we may not signal ourselves. */
void spawn_kill(int pidfd, const struct identity *as);

#endif
