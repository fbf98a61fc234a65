/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/status_command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/info/info.h"
#include "client/info/wait.h"
#include "client/shared/runtime_path.h"

#define SYSTEM_DIR "/run/ntsc"

/* A user's own daemon comes first, where there is one; most want to see the system's. */
static void find_status(const struct options *o, char *path, size_t n)
{
    char usual[sizeof o->runtime_dir];

    snprintf(path, n, "%s/%s", o->runtime_dir, STATUS_FILE);
    runtime_path_default(usual, sizeof usual);
    if (strcmp(o->runtime_dir, usual) == 0 && (usual[0] == 0 || access(path, F_OK) != 0))
        snprintf(path, n, "%s/%s", SYSTEM_DIR, STATUS_FILE);
}

int status_command(const struct options *o)
{
    char path[sizeof o->runtime_dir + sizeof STATUS_FILE + 1];

    find_status(o, path, sizeof path);
    if (o->mode == MODE_WAIT)
        return wait_synchronized(path,
                                 &(struct wait_for){.seconds = o->wait_s,
                                                    .within_s = o->within_s,
                                                    .show = o->verbose || isatty(STDERR_FILENO)});
    return info_print(path,
                      o->openmetrics ? INFO_OPENMETRICS
                      : o->json      ? INFO_JSON
                      : o->plot      ? INFO_PLOT
                                     : INFO_TEXT,
                      o->verbose);
}
