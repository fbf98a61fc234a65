/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill_at -o REPORT [-n N] [-p NAME] [-1] COMMAND ARGUMENT...
 * Runs the command with all its children and follows their system calls. At call number N, before
 * it is made, all of them are killed; with -1 only the one that calls. -p counts the calls of
 * processes of that name only. The report says how many calls there were and which one it was; the
 * exit status is the command's, 128 and the signal when one ended it. Signals that a daemon is
 * controlled by go on to the command.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME_LEN 16 /* with the final 0, as the kernel keeps it */
#define PIDS_MAX 64
#define OPTIONS                                                                                    \
    (PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |        \
     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

static pid_t command;
static struct process {
    pid_t pid; /* 0: free */
    bool begun;
    char name[NAME_LEN];
} processes[PIDS_MAX];

static struct {
    const char *report, *name;
    unsigned long n, calls, call;
    bool alone, done;
    char killed[NAME_LEN];
} at;

static void fail(const char *what)
{
    fprintf(stderr, "kill_at: %s: %s\n", what, strerror(errno));
    exit(99);
}

static void read_name(struct process *p)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/comm", (int)p->pid);
    f = fopen(path, "re");
    if (f == NULL || fgets(p->name, sizeof p->name, f) == NULL)
        p->name[0] = 0;
    p->name[strcspn(p->name, "\n")] = 0;
    if (f != NULL)
        fclose(f);
}

static struct process *find(pid_t pid)
{
    struct process *free_one = NULL;

    for (struct process *p = processes; p < processes + PIDS_MAX; p++) {
        if (p->pid == pid)
            return p;
        if (p->pid == 0)
            free_one = p;
    }
    if (free_one == NULL)
        fail("too many processes");
    *free_one = (struct process){.pid = pid};
    read_name(free_one);
    return free_one;
}

static void kill_all(void)
{
    for (struct process *p = processes; p < processes + PIDS_MAX; p++)
        if (p->pid != 0)
            kill(p->pid, SIGKILL);
}

/* Before or after a call of this process. */
static void called(const struct process *p)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof info, &info) < 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY ||
        (at.name != NULL && strncmp(at.name, p->name, NAME_LEN - 1) != 0))
        return;
    if (++at.calls != at.n)
        return;
    at.done = true;
    at.call = (unsigned long)info.entry.nr;
    memcpy(at.killed, p->name, sizeof at.killed);
    if (at.alone)
        kill(p->pid, SIGKILL);
    else
        kill_all();
}

static void go_on(const struct process *p, int number)
{
    /* It may just have been killed. */
    if (at.done)
        (void)ptrace(PTRACE_CONT, p->pid, NULL, number);
    else
        (void)ptrace(PTRACE_SYSCALL, p->pid, NULL, number);
}

static void stopped(struct process *p, int status)
{
    int number = WSTOPSIG(status);

    if (number == (SIGTRAP | 0x80)) {
        called(p);
        number = 0;
    } else if (status >> 16 != 0) {
        if (status >> 16 == PTRACE_EVENT_EXEC)
            read_name(p);
        number = 0;
    } else if (!p->begun && (number == SIGSTOP || number == SIGTRAP)) {
        number = 0; /* how the kernel begins to trace */
    }
    p->begun = true;
    go_on(p, number);
}

/* Until all have ended; returns what the command's exit status was. */
static int follow(void)
{
    int status, result = 99;
    pid_t pid;

    for (;;) {
        pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return result;
        if (WIFSTOPPED(status)) {
            stopped(find(pid), status);
            continue;
        }
        if (pid == command)
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        find(pid)->pid = 0;
    }
}

static void pass_on(int number)
{
    kill(command, number);
}

static void start(char **argv)
{
    static const int passed[] = {SIGTERM, SIGUSR1, SIGHUP};
    struct sigaction action = {.sa_handler = pass_on};
    int status;

    command = fork();
    if (command < 0)
        fail("fork");
    if (command == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
            fail("ptrace");
        raise(SIGSTOP);
        execv(argv[0], argv);
        fail(argv[0]);
    }
    if (waitpid(command, &status, 0) != command || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, command, NULL, OPTIONS) < 0)
        fail("ptrace");
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
        sigaction(passed[i], &action, NULL);
    find(command)->begun = true;
    go_on(find(command), 0);
}

int main(int argc, char **argv)
{
    FILE *report;
    int result;

    for (int o; (o = getopt(argc, argv, "+o:n:p:1")) != -1;) {
        if (o == 'o')
            at.report = optarg;
        else if (o == 'n')
            at.n = strtoul(optarg, NULL, 10);
        else if (o == 'p')
            at.name = optarg;
        else if (o == '1')
            at.alone = true;
        else
            return 99;
    }
    if (optind == argc || at.report == NULL)
        return 99;
    start(argv + optind);
    result = follow();
    report = fopen(at.report, "we");
    if (report == NULL ||
        fprintf(report, "%lu %d %lu %s\n", at.calls, at.done, at.call, at.done ? at.killed : "-") <
            0 ||
        fclose(report) != 0)
        fail(at.report);
    return result;
}
