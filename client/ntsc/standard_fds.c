/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/standard_fds.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/shared/exit_status.h"
#include "client/shared/log.h"

static void check_output(void)
{
    bool failed = ferror(stdout) != 0;

    errno = 0;
    if (fflush(stdout) == 0 && !failed)
        return;
    log_warning("cannot print: %s", errno != 0 ? strerror(errno) : "what was written is not whole");
    _exit(EXIT_NO_ANSWER);
}

void standard_fds_begin(void)
{
    /* The lowest that is free is taken. */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
            _exit(EXIT_NO_ANSWER);
    (void)signal(SIGPIPE, SIG_IGN);
    if (atexit(check_output) != 0)
        _exit(EXIT_NO_ANSWER);
}
