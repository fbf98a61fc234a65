/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/msg.h"

#define EXEC_FAILED 127

static _Noreturn void give_up(const char *program, const char *what, int error)
{
    dprintf(STDERR_FILENO, "ntsc: cannot start %s: %s: %s\n", program, what, strerror(error));
    _exit(EXEC_FAILED);
}

/* Puts fd at `place`, open across exec; both arguments may be the same. */
static int put(int fd, int place)
{
    if (fd == place)
        return fcntl(fd, F_SETFD, 0);
    return dup2(fd, place);
}

static _Noreturn void child(const char *program, const struct identity *id, int socket, int extra)
{
    char *const argv[] = {(char *)(uintptr_t)program, NULL};
    char *const environment[] = {NULL};
    char path[sizeof NTSC_LIBEXECDIR + 64];
    sigset_t none;
    int error;

    /* `extra` first moves out of the way of MSG_FD. */
    if (extra >= 0 && (extra = fcntl(extra, F_DUPFD, MSG_FD + 2)) < 0)
        give_up(program, "descriptor", errno);
    if (put(socket, MSG_FD) < 0 || (extra >= 0 && put(extra, MSG_FD + 1) < 0))
        give_up(program, "descriptor", errno);
    (void)close_range((unsigned)MSG_FD + (extra >= 0 ? 2 : 1), ~0U, 0);
    error = privilege_drop_all(id);
    if (error != 0)
        give_up(program, "cannot give up rights", error);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    snprintf(path, sizeof path, "%s/%s", NTSC_LIBEXECDIR, program);
    execve(path, argv, environment);
    give_up(program, path, errno);
}

pid_t spawn(const char *program, const struct identity *id, int socket, int extra)
{
    pid_t pid = fork();

    if (pid == 0)
        child(program, id, socket, extra);
    return pid;
}
