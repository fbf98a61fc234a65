/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filters are compiled at build time. Measured on x86-64 against a process that compiles its
 * own at each start: libseccomp would cost it 64 kB of private memory, 137 kB of PSS and 430,000
 * instructions, and be one more library in the process that holds the clock.
 */
#include "client/shared/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void sandbox_close_memory(void)
{
    sandbox_limit(RLIMIT_CORE, 0);
#ifndef NTSC_SANITIZED /* the search for leaks looks in from outside */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* core(5): no kind of mapping is written. Inherited over fork and exec. */
void sandbox_exclude_memory(void)
{
    int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return; /* a kernel that writes no core files */
    (void)!write(fd, "0", 1);
    close(fd);
}

/* glibc has an enumeration where POSIX has int. */
#ifdef __GLIBC__
#define RESOURCE __rlimit_resource_t
#else
#define RESOURCE int
#endif

void sandbox_limit(int resource, rlim_t limit)
{
    struct rlimit now;

    if (getrlimit((RESOURCE)resource, &now) != 0)
        return;
    if (limit < now.rlim_max)
        now.rlim_max = limit;
    now.rlim_cur = now.rlim_max;
    (void)setrlimit((RESOURCE)resource, &now);
}

#ifdef NTSC_SANITIZED
/*
 * The search for leaks at a process's end needs a second process that stops the first: none may be
 * started here. Unit tests and fuzzers search the same code.
 */
/* NOLINTBEGIN(bugprone-reserved-identifier): the sanitizers' name for it. */
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
/* NOLINTEND(bugprone-reserved-identifier) */
{
    return "detect_leaks=0";
}
#endif

static struct {
    int32_t process;
    int fd;
} reporter = {.fd = -1};

/*
 * A call that the filter does not allow was not made. SIGSYS is blocked in here, and so the next
 * one ends the process: there is nothing that this handler could return to.
 */
static void on_forbidden(int sig, siginfo_t *info, void *context)
{
    struct sandbox_report r = {.process = reporter.process, .call = info->si_syscall};

    (void)sig, (void)context;
    (void)!write(reporter.fd, &r, sizeof r);
    for (;;)
        (void)syscall(SYS_reboot, 0, 0, 0, 0);
}

bool sandbox_watch(enum sandbox_process process, int fd)
{
    struct sigaction action = {.sa_sigaction = on_forbidden, .sa_flags = SA_SIGINFO};

    reporter.process = (int32_t)process;
    reporter.fd = fd;
    sigfillset(&action.sa_mask);
    return sigaction(SIGSYS, &action, NULL) == 0;
}

enum sandbox_result sandbox_filter(enum sandbox_process process, int fd,
                                   const struct sock_filter *filter, unsigned short len)
{
    struct sock_fprog program = {.len = len, .filter = (struct sock_filter *)(uintptr_t)filter};

    if (!sandbox_watch(process, fd) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return SANDBOX_FAILED;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
        return SANDBOX_HOLDS;
    /* seccomp(2): the kernel was built without it; ENOSYS: it is emulated (qemu-user). */
    return errno == EINVAL || errno == ENOSYS ? SANDBOX_ABSENT : SANDBOX_FAILED;
}

void sandbox_end_unless(enum sandbox_process process, int fd, enum sandbox_result rules,
                        enum sandbox_result filter)
{
    struct sandbox_report r = {.process = (int32_t)process};

    if (rules != SANDBOX_FAILED && filter != SANDBOX_FAILED)
        return;
    r.call = rules == SANDBOX_FAILED ? SANDBOX_NO_RULES : SANDBOX_NO_FILTER;
    (void)!write(fd, &r, sizeof r);
    _exit(1);
}
