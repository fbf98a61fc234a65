/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program and measures it together with all processes that it starts:
 *
 *   stopwatch [-e] TEXT COMMAND ARGUMENT...
 *
 * One line to standard output: ms until TEXT was printed, ms until the command ended, ms of CPU
 * time and context switches of all its processes, exit status of the command. -e: it is ended once
 * TEXT was seen. What the command prints goes to standard error. Children whose end nobody waits
 * for are counted too, which times(2) does not.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX (1 << 16)

static void die(const char *what)
{
    fprintf(stderr, "stopwatch: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A counter of the process and all its children, from its exec on; -1 where there are none. */
static int counter(pid_t pid, uint64_t what)
{
    struct perf_event_attr a = {.type = PERF_TYPE_SOFTWARE,
                                .size = sizeof(a),
                                .config = what,
                                .disabled = 1,
                                .inherit = 1,
                                .enable_on_exec = 1};

    return (int)syscall(SYS_perf_event_open, &a, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static double counted(int fd)
{
    uint64_t n = 0;

    return fd >= 0 && read(fd, &n, sizeof(n)) == sizeof(n) ? (double)n : -1;
}

/* The command, which starts once an octet comes through `go`. */
static pid_t start(char **command, const int go[2], const int out[2])
{
    pid_t pid = fork();
    char c;

    if (pid < 0)
        die("fork");
    if (pid > 0)
        return pid;
    close(go[1]);
    if (setpgid(0, 0) != 0 || read(go[0], &c, 1) != 1 || dup2(out[1], STDOUT_FILENO) < 0 ||
        dup2(out[1], STDERR_FILENO) < 0)
        _exit(126);
    close(go[0]);
    close(out[0]);
    close(out[1]);
    execvp(command[0], command);
    _exit(127);
}

/* Reads to the end of the output; returns when `text` was first seen, or -1. */
static int64_t watch(int fd, const char *text, pid_t end)
{
    static char all[OUTPUT_MAX + 1];
    size_t len = 0;
    int64_t seen = -1;
    ssize_t n;

    while ((n = read(fd, all + len, OUTPUT_MAX - len)) > 0 || (n < 0 && errno == EINTR)) {
        int64_t now = now_ns();

        if (n < 0)
            continue;
        len += (size_t)n;
        all[len] = 0;
        if (seen < 0 && strstr(all, text) != NULL) {
            seen = now;
            if (end > 0)
                kill(-end, SIGTERM);
        }
        if (len == OUTPUT_MAX)
            len = 0; /* what was printed long ago is of no interest */
    }
    fputs(all, stderr);
    return seen;
}

/* All processes have ended: those that are left behind become our children. */
static int wait_all(pid_t pid)
{
    int status, result = -1;
    pid_t p;

    while ((p = wait(&status)) > 0 || errno == EINTR)
        if (p == pid)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

static double ms(int64_t from, int64_t to)
{
    return to < 0 ? -1 : (double)(to - from) / 1e6;
}

int main(int argc, char **argv)
{
    bool end = argc > 1 && strcmp(argv[1], "-e") == 0;
    int go[2], out[2], cpu, switches, status;
    int64_t began, seen, ended;
    pid_t pid;

    argv += end;
    if (argc - end < 3 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || pipe(go) != 0 || pipe(out) != 0)
        die("stopwatch [-e] TEXT COMMAND ARGUMENT...");
    pid = start(argv + 2, go, out);
    cpu = counter(pid, PERF_COUNT_SW_TASK_CLOCK);
    switches = counter(pid, PERF_COUNT_SW_CONTEXT_SWITCHES);
    close(out[1]);
    began = now_ns();
    if (write(go[1], "", 1) != 1)
        die("write");
    seen = watch(out[0], argv[1], end ? pid : 0);
    ended = now_ns();
    status = wait_all(pid);
    printf("%.3f %.3f %.3f %.0f %d\n", ms(began, seen), ms(began, ended), counted(cpu) / 1e6,
           counted(switches), status);
    return 0;
}
