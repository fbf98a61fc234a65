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
/* In the child, until exec: behind all files that it may be given. */
#define FD_PROGRAM (MSG_FD + SPAWN_FILES_MAX)

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

/* Moves the files to their places and closes all others; returns errno. */
static int arrange(const int *files, int n, int program)
{
    int moved[SPAWN_FILES_MAX];

    /* First all out of the way, so that none is overwritten before it is moved. */
    for (int i = 0; i < SPAWN_FILES_MAX; i++) {
        moved[i] = i < n && files[i] >= 0 ? fcntl(files[i], F_DUPFD, FD_PROGRAM + 1) : -1;
        if (i < n && files[i] >= 0 && moved[i] < 0)
            return errno;
    }
    for (int i = 0; i < SPAWN_FILES_MAX; i++) {
        if (moved[i] < 0)
            (void)close(MSG_FD + i);
        else if (dup2(moved[i], MSG_FD + i) < 0)
            return errno;
    }
    if (program < 0 || dup3(program, FD_PROGRAM, O_CLOEXEC) < 0)
        (void)close(FD_PROGRAM);
    return close_range(FD_PROGRAM + 1, ~0U, 0) == 0 ? 0 : errno;
}

static _Noreturn void child(const char *program, const struct identity *id, const int *files, int n)
{
    char *const argv[] = {(char *)(uintptr_t)program, NULL};
    char *const environment[] = {NULL};
    char path[SPAWN_PATH];
    sigset_t none;
    int error = arrange(files, n, prepared(program));

    if (error != 0)
        give_up(program, "descriptors", error);
    error = privilege_drop_all(id);
    if (error != 0)
        give_up(program, "cannot give up rights", error);
    signal(SIGCHLD, SIG_DFL);
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

pid_t spawn(const char *program, const struct identity *id, const int *files, int n)
{
    pid_t pid = fork();

    if (pid == 0)
        child(program, id, files, n);
    return pid;
}
