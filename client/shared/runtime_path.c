/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/runtime_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void runtime_path_default(char *buf, size_t n)
{
    const char *run = getenv("XDG_RUNTIME_DIR");

    buf[0] = 0;
    if (geteuid() == 0)
        snprintf(buf, n, "/run/ntsc");
    else if (run != NULL && run[0] == '/' && (size_t)snprintf(buf, n, "%s/ntsc", run) >= n)
        buf[0] = 0; /* a part of it would be another directory */
}
