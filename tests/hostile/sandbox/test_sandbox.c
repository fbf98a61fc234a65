/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every process, from inside its own sandbox, tries what it may not: the call ends it and is
 * reported, or fails. What it needs must work.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client/engine/sandbox_engine.h"
#include "client/ke/sandbox_ke.h"
#include "client/ntsc/sandbox_ntsc.h"
#include "client/ntsc/sandbox_starter.h"
#include "client/shared/sandbox.h"
#include "client/shared/sandbox_files.h"
#include "tests/hostile/sandbox/attempts.h"
#include "tests/unit/test.h"

struct place at;

enum end { DONE, STOPPED, REFUSED };

static void enter(unsigned who)
{
    static const struct msg_ke_request request = {.port = KE_PORT};
    static const struct identity identity = {
        .ke = KE_OWN_USER, .ke_uid = KE_USER, .ke_gid = KE_USER};

    (void)dup2(at.report[1], SANDBOX_REPORT_FD);
    switch (who) {
    case N:
        (void)sandbox_ntsc_enter(at.dir, SANDBOX_REPORT_FD);
        break;
    case S:
        sandbox_close_memory();
        (void)sandbox_starter_enter(&identity, SANDBOX_REPORT_FD);
        break;
    case E:
        sandbox_close_memory();
        sandbox_engine_enter(at.dir, -1);
        break;
    default:
        sandbox_close_memory();
        sandbox_ke_enter(&request);
    }
}

/* What came of it, inside; *value is an errno or the number of the call that was not allowed. */
static enum end attempt(unsigned who, int (*try)(void), int *value)
{
    struct sandbox_report r;
    int status, error;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        enter(who);
        error = try();
        _exit(error);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status)) {
        *value = WEXITSTATUS(status);
        assert_false(sandbox_take_report(at.report[0], &r));
        return *value == 0 ? DONE : REFUSED;
    }
    assert_int_equal(WTERMSIG(status), SIGSYS);
    assert_true(sandbox_take_report(at.report[0], &r));
    assert_int_equal(1 << r.process, who);
    *value = r.call;
    return STOPPED;
}

static const char *name_of(unsigned who)
{
    return who == N ? "ntsc" : who == S ? "starter" : who == E ? "engine" : "ke";
}

/* Where the kernel knows less, what only Landlock refuses is done. */
static enum end expected(const struct attempt *a, unsigned who)
{
    if ((a->refused & who) != 0)
        return a->landlock > sandbox_files_version() ? DONE : REFUSED;
    return (a->done & who) != 0 ? DONE : STOPPED;
}

static unsigned try_all(const struct attempt *attempts, size_t n)
{
    static const char *const words[] = {"done", "stopped", "refused"};
    unsigned wrong = 0;

    for (size_t i = 0; i < n; i++) {
        const struct attempt *a = &attempts[i];

#ifdef NTSC_SANITIZED
        if (a->sanitizer)
            continue;
#endif
        for (unsigned who = N; who <= K; who <<= 1) {
            int value;
            enum end want = expected(a, who), seen = attempt(who, a->try, &value);

            if (seen == want && (seen != REFUSED || value == a->error))
                continue;
            if (a->user && geteuid() != 0 && seen == REFUSED)
                continue;
            print_error("%s, %s: %s (%d), not %s\n", name_of(who), a->name, words[seen], value,
                        words[want]);
            wrong++;
        }
    }
    return wrong;
}

static void test_attempts(void **state)
{
    (void)state;
    assert_int_equal(try_all(attempts_io, attempts_io_count), 0);
    assert_int_equal(try_all(attempts_rights, attempts_rights_count), 0);
    assert_int_equal(try_all(attempts_net, attempts_net_count), 0);
    assert_int_equal(try_all(attempts_kernel, attempts_kernel_count), 0);
    assert_int_equal(try_all(attempts_ways, attempts_ways_count), 0);
    print_message("%zu attempts in 4 sandboxes, Landlock version %d\n",
                  attempts_io_count + attempts_rights_count + attempts_net_count +
                      attempts_kernel_count + attempts_ways_count,
                  sandbox_files_version());
    assert_int_not_equal(access("/tmp/ntsc-sandbox-escaped", F_OK), 0);
}

/* The numbers of another ABI of the same kernel: clock_settime(2), and nothing happens where it
 * may. */
#ifdef __x86_64__
static int old_abi(void)
{
    long r = 264; /* of i386 */

    __asm__ volatile("int $0x80" : "+a"(r) : "b"(CLOCK_REALTIME), "c"(0) : "memory");
    errno = r < 0 ? (int)-r : 0;
    return errno;
}

static int x32_abi(void)
{
    return result(syscall(0x40000000L | SYS_clock_settime, CLOCK_REALTIME, NULL));
}

static int ended_by(int (*try)(void), unsigned who, int *value)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        if (who != 0)
            enter(who);
        _exit(try());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    *value = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_other_abis(void **state)
{
    int value;

    (void)state;
    /* Where this kernel has it: outside of every sandbox it looks at the address. */
    if (ended_by(old_abi, 0, &value) == 0 && value == EFAULT)
        for (unsigned who = N; who <= K; who <<= 1)
            assert_int_equal(ended_by(old_abi, who, &value), SIGSYS);
    else
        print_message("this kernel has no calls of i386\n");
    /* Refused as newer than the table, or ended. */
    for (unsigned who = N; who <= K; who <<= 1)
        assert_true(ended_by(x32_abi, who, &value) == SIGSYS || value == ENOSYS);
}
#endif

/* The report names the call, and so does the log. */
static void test_report(void **state)
{
    int value;

    (void)state;
    assert_int_equal(attempt(E, attempt_execute, &value), STOPPED);
    assert_int_equal(value, SYS_execve);
    assert_int_equal(attempt(K, attempt_execute, &value), STOPPED);
    assert_int_equal(value, SYS_execve);
}

#ifndef NTSC_SANITIZED
static void test_limits(void **state)
{
    int value;

    (void)state;
    assert_int_equal(attempt(K, attempt_much_memory, &value), REFUSED);
    assert_int_equal(value, ENOMEM);
    assert_int_equal(attempt(E, attempt_much_memory, &value), REFUSED);
    assert_int_equal(value, ENOMEM);
}

static int dumpable(void)
{
    char c;
    int fd = open("/proc/self/environ", O_RDONLY);

    /* Owned by root when not dumpable. */
    return fd < 0 ? errno : read(fd, &c, 1) < 0 ? errno : 0;
}

/* Who is not dumpable is not read by his own user either. */
static void test_closed_memory(void **state)
{
    struct rlimit core;
    int status;
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        sandbox_close_memory();
        if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0)
            _exit(1);
        if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
            _exit(2);
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
            _exit(3);
        _exit(dumpable() == EACCES ? 0 : 4);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}
#endif

static int make_directory(void **state)
{
    (void)state;
    strcpy(at.path, "/tmp/ntsc-sandbox-XXXXXX");
    if (mkdtemp(at.path) == NULL)
        return -1;
    at.dir = open(at.path, O_RDONLY | O_DIRECTORY);
    at.stream = socket(AF_INET, SOCK_STREAM, 0);
    at.datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    return pipe2(at.report, O_NONBLOCK) != 0 || at.dir < 0 || at.stream < 0 || at.datagrams < 0 ? -1
                                                                                                : 0;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlinkat(at.dir, "kept", 0);
    (void)unlinkat(at.dir, "replaced", 0);
    (void)unlink("/tmp/ntsc-sandbox-beside");
    return rmdir(at.path);
}

int main(void)
{
    /* Where there are filters this address is the only thing wrong. */
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == 0 || errno != EFAULT) {
        puts("SKIPPED: this kernel has no filters of system calls");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attempts),
#ifdef __x86_64__
        cmocka_unit_test(test_other_abis),
#endif
        cmocka_unit_test(test_report),
#ifndef NTSC_SANITIZED
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_closed_memory),
#endif
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
