/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/shared/libc.h"
#include "client/shared/sandbox.h"
#include "common/msg/msg_engine.h"

#define EXEC_FAILED 127
#define SPAWN_PATH  (sizeof NTSC_LIBEXECDIR + 64)
/* In the child, until exec: behind all files that it may be given. */
#define FD_PROGRAM (SANDBOX_REPORT_FD + 1)
#define FD_STDERR  (SANDBOX_REPORT_FD + 2)
#define FD_FREE    (SANDBOX_REPORT_FD + 3)

_Static_assert(MSG_FD + SPAWN_FILES_MAX <= SANDBOX_REPORT_FD, "descriptors have their own numbers");

/*
 * Until exec the child runs in our memory, which need not be copied then, on a stack of its own.
 * Sanitizers keep books of one stack only.
 */
#ifdef NTSC_SANITIZED
#define SHARE 0
#else
#define SHARE (CLONE_VM | CLONE_VFORK)
#endif
#define STACK 65536

/* Of all ntsc-ke together, whose user they are alone: each has itself and a resolver. */
#define THREADS_MAX (4 * SERVERS_MAX)

static struct {
    const char *name;
    int fd;
} programs[] = {{SPAWN_ENGINE, -1}, {SPAWN_KE, -1}};

static int no_file = -1; /* /dev/null */

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
    no_file = open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* Dup'ed out of the way of the child's own descriptors; -1 when it was never opened. */
static int prepared(const char *program)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (strcmp(programs[i].name, program) == 0 && programs[i].fd >= 0)
            return fcntl(programs[i].fd, F_DUPFD_CLOEXEC, FD_FREE);
    }
    return -1;
}

static _Noreturn void give_up(const char *program, const char *what, int error)
{
    char line[256];
    int n = snprintf(line, sizeof line, "ntsc: cannot start %s: %s: %s\n", program, what,
                     strerror(error));

    /* Where nothing has been arranged yet it is still in its own place. */
    if (n > 0 && write(FD_STDERR, line, strlen(line)) < 0)
        (void)!write(STDERR_FILENO, line, strlen(line));
    _exit(EXEC_FAILED);
}

/* Moves the files to their places and closes all others; returns errno. */
static int arrange(const int *files, int report, int program)
{
    const struct {
        int fd, place, flags;
    } wanted[] = {{no_file, STDIN_FILENO, 0},
                  {no_file, STDOUT_FILENO, 0},
                  {no_file, STDERR_FILENO, 0},
                  {files[0], MSG_FD, 0},
                  {files[1], MSG_FD + 1, 0},
                  {files[2], MSG_FD + 2, 0},
                  {report, SANDBOX_REPORT_FD, 0},
                  {program, FD_PROGRAM, O_CLOEXEC},
                  {STDERR_FILENO, FD_STDERR, O_CLOEXEC}};
    int moved[sizeof wanted / sizeof *wanted];

    /* First all out of the way, so that none is overwritten before it is moved. */
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        moved[i] = wanted[i].fd < 0 ? -1 : fcntl(wanted[i].fd, F_DUPFD, FD_FREE);
        if (wanted[i].fd >= 0 && moved[i] < 0)
            return errno;
    }
    if (close_range(0, FD_FREE - 1, 0) != 0)
        return errno;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (moved[i] >= 0 && dup3(moved[i], wanted[i].place, wanted[i].flags) < 0)
            return errno;
    return close_range(FD_FREE, ~0U, 0) == 0 ? 0 : errno;
}

static int child(void *arg)
{
    const struct spawn_order *o = arg;
    char *const argv[] = {(char *)(uintptr_t)o->program, NULL};
    char *const environment[] = {NULL};
    char path[SPAWN_PATH];
    sigset_t none;
    int error = arrange(o->files, o->report, prepared(o->program));

    if (error != 0)
        give_up(o->program, "descriptors", error);
    if (o->as != NULL && o->as->ke != KE_AS_ENGINE)
        sandbox_limit(RLIMIT_NPROC, THREADS_MAX);
    error = o->as == NULL ? 0 : privilege_become_ke(o->as);
    if (error != 0)
        give_up(o->program, "another user", error);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    path_of(o->program, path);
    execve(path, argv, environment);
    error = errno;
    /* By the open file only then: some kernels take the process's name from the descriptor. */
    if (error == EACCES)
        fexecve(FD_PROGRAM, argv, environment);
    give_up(o->program, path, error);
}

/* Runs `what` as our child; returns its pidfd, or -1 with errno. */
static int start(int (*what)(void *), const void *arg, pid_t *pid)
{
    static _Alignas(4096) char stack[STACK];
    int pidfd = -1;
    pid_t number = clone(what, stack + sizeof stack, SHARE | CLONE_PIDFD | SIGCHLD,
                         (void *)(uintptr_t)arg, &pidfd);

    if (number < 0)
        return -1;
    *pid = number;
    /* The child has its own memory by now, and the next may be days away. */
    (void)madvise(stack, sizeof stack, MADV_DONTNEED);
    return pidfd;
}

int spawn(const struct spawn_order *o, pid_t *pid)
{
    return start(child, o, pid);
}

struct kill_order {
    int pidfd;
    const struct identity *as;
};

static int killer(void *arg)
{
    const struct kill_order *o = arg;

    if (privilege_become_ke(o->as) == 0)
        (void)syscall(SYS_pidfd_send_signal, o->pidfd, SIGKILL, NULL, 0);
    _exit(0);
}

void spawn_kill(int pidfd, const struct identity *as)
{
    const struct kill_order o = {.pidfd = pidfd, .as = as};
    pid_t pid;
    int fd = start(killer, &o, &pid);

    if (fd < 0)
        return;
    close(fd);
    (void)waitpid(pid, NULL, 0);
}
