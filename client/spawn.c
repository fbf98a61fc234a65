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
#define SPAWN_PATH  (sizeof NTSC_LIBEXECDIR + 64)
#define FD_PROGRAM  (MSG_FD + 2) /* in the child, until exec */

static struct {
    const char *name;
    int fd;
} programs[] = {{"ntsc-engine", -1}, {"ntsc-ke", -1}};

static void path_of(const char *program, char path[SPAWN_PATH])
{
    snprintf(path, SPAWN_PATH, "%s/%s", NTSC_LIBEXECDIR, program);
}

void spawn_prepare(void)
{
    char path[SPAWN_PATH];

    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        path_of(programs[i].name, path);
        programs[i].fd = open(path, O_PATH | O_CLOEXEC);
    }
}

/* Dup'ed out of the way of the child's own descriptors; -1 when it was never opened. */
static int prepared(const char *program)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (strcmp(programs[i].name, program) == 0 && programs[i].fd >= 0)
            return fcntl(programs[i].fd, F_DUPFD_CLOEXEC, FD_PROGRAM + 1);
    }
    return -1;
}

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
    char path[SPAWN_PATH];
    sigset_t none;
    int error, file = prepared(program);

    /* `extra` first moves out of the way of MSG_FD. */
    if (extra >= 0 && (extra = fcntl(extra, F_DUPFD, FD_PROGRAM + 1)) < 0)
        give_up(program, "descriptor", errno);
    if (put(socket, MSG_FD) < 0 || (extra >= 0 && put(extra, MSG_FD + 1) < 0))
        give_up(program, "descriptor", errno);
    if (extra < 0)
        (void)close(MSG_FD + 1);
    if (file < 0 || dup3(file, FD_PROGRAM, O_CLOEXEC) < 0)
        (void)close(FD_PROGRAM);
    (void)close_range(FD_PROGRAM + 1, ~0U, 0);
    error = privilege_drop_all(id);
    if (error != 0)
        give_up(program, "cannot give up rights", error);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    path_of(program, path);
    execve(path, argv, environment);
    error = errno;
    /* By the open file only then: some kernels take the process's name from the descriptor. */
    if (error == EACCES)
        fexecve(FD_PROGRAM, argv, environment);
    give_up(program, path, error);
}

pid_t spawn(const char *program, const struct identity *id, int socket, int extra)
{
    pid_t pid = fork();

    if (pid == 0)
        child(program, id, socket, extra);
    return pid;
}
