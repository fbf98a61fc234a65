/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the place of ntsc-engine: makes files in its directories without end, until it is ended. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/msg/msg_engine.h"

int main(void)
{
    const int dirs[] = {MSG_STATE_FD, MSG_STATUS_FD,
                        openat(MSG_STATE_FD, "cookies", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};

    for (unsigned i = 0;; i++) {
        for (size_t k = 0; k < sizeof dirs / sizeof *dirs; k++) {
            char name[32];
            int fd;

            (void)snprintf(name, sizeof name, "junk%d.%u", (int)getpid(), i);
            fd = openat(dirs[k], name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
            if (fd >= 0)
                close(fd);
        }
    }
}
