/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs, processes, clocks, memory, and rights over others. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "tests/hostile/sandbox/attempts.h"

int attempt_execute(void)
{
    char *none[] = {NULL};

    return result(execve("/nonexistent/program", none, none));
}

static int make_process(void)
{
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    return result(pid);
}

static int make_process_clone3(void)
{
    return result(syscall(SYS_clone3, NULL, 0));
}

static int make_namespace(void)
{
    return result(syscall(SYS_clone, CLONE_NEWUSER | CLONE_PARENT | CLONE_THREAD, 0, 0, 0, 0));
}

static int join_namespace(void)
{
    return result(setns(-1, 0));
}

static int unshare_namespace(void)
{
    return result(unshare(0));
}

static int trace(void)
{
    return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int read_other_memory(void)
{
    return result(syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0));
}

static int set_time(void)
{
    return result(syscall(SYS_settimeofday, NULL, NULL));
}

static int set_clock(void)
{
    return result(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL));
}

static int adjust_clock(void)
{
    struct timex reading = {.modes = 0};

    return result(clock_adjtime(CLOCK_REALTIME, &reading));
}

static int signal_self(void)
{
    return result(kill(getpid(), 0));
}

static int signal_thread(void)
{
    return result(syscall(SYS_tgkill, getpid(), getpid(), 0));
}

static int mount_nothing(void)
{
    return result(mount(NULL, NULL, NULL, 0, NULL));
}

static int change_root(void)
{
    return result(syscall(SYS_chroot, NULL));
}

static int become_root(void)
{
    return result(syscall(SYS_setuid, getuid())); /* libc may block the signal that reports */
}

static int load_module(void)
{
    return result(syscall(SYS_init_module, NULL, 0, NULL));
}

static int load_bpf(void)
{
    return result(syscall(SYS_bpf, -1, NULL, 0));
}

static int make_ring(void)
{
    return result(syscall(SYS_io_uring_setup, 0, NULL));
}

static int change_limit(void)
{
    struct rlimit limit;

    return result(getrlimit(RLIMIT_CPU, &limit));
}

static int be_dumpable(void)
{
    return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

/* Without the handler no report. */
static int ignore_report(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    return result(sigaction(SIGSYS, &action, NULL));
}

static int execute_memory(void)
{
    void *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? errno : 0;
}

static int use_memory(void)
{
    void *p = malloc(1 << 20);
    int error = p == NULL ? ENOMEM : 0;

    free(p);
    return error;
}

int attempt_much_memory(void)
{
    void *p = mmap(NULL, 1UL << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? errno : 0;
}

static int unknown_call(void)
{
    return result(syscall(100000));
}

const struct attempt attempts_rights[] = {
    {"execute", attempt_execute, 0, S, ENOENT, 0, false, false},
    {"make_process", make_process, 0, 0, 0, 0, true, false},
    {"make_process_clone3", make_process_clone3, 0, K | S, ENOSYS, 0, true, false},
    {"make_namespace", make_namespace, 0, 0, 0, 0, true, false},
    {"join_namespace", join_namespace, 0, 0, 0, 0, false, false},
    {"unshare_namespace", unshare_namespace, 0, 0, 0, 0, false, false},
    {"trace", trace, 0, 0, 0, 0, true, false},
    {"read_other_memory", read_other_memory, 0, 0, 0, 0, true, false},
    {"set_time", set_time, 0, 0, 0, 0, false, false},
    {"set_clock", set_clock, 0, 0, 0, 0, false, false},
    {"adjust_clock", adjust_clock, N, 0, 0, 0, false, false},
    {"signal_self", signal_self, 0, 0, 0, 0, false, false},
    {"signal_thread", signal_thread, 0, 0, 0, 0, true, false},
    {"mount_nothing", mount_nothing, 0, 0, 0, 0, false, false},
    {"change_root", change_root, 0, 0, 0, 0, false, false},
    {"become_root", become_root, 0, 0, 0, 0, false, false},
    {"load_module", load_module, 0, 0, 0, 0, false, false},
    {"load_bpf", load_bpf, 0, 0, 0, 0, false, false},
    {"make_ring", make_ring, 0, 0, 0, 0, false, false},
    {"change_limit", change_limit, S, 0, 0, 0, true, false},
    {"be_dumpable", be_dumpable, 0, 0, 0, 0, true, false},
    {"ignore_report", ignore_report, S, 0, 0, 0, false, false},
    {"execute_memory", execute_memory, S, 0, 0, 0, false, false},
    {"use_memory", use_memory, ALL, 0, 0, 0, false, false},
    {"unknown_call", unknown_call, 0, ALL, ENOSYS, 0, false, false},
};

const size_t attempts_rights_count = sizeof attempts_rights / sizeof *attempts_rights;
