/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc -w in a scratch directory. Another process writes the status in steps; each step waits until
 * the waiting process sleeps (/proc says so), so nothing depends on how fast the machine is. What
 * must end is under a limit that is only ever met by a failure.
 */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/engine/status_file.h"
#include "client/info/wait.h"
#include "client/shared/clocks.h"
#include "client/shared/runtime_path.h"

#define LONG_S 250.0

static char top[] = "/tmp/ntsc-wait-XXXXXX";
static char parent[32], dir[64], path[96], output[64];

static int set_up(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(top));
    snprintf(parent, sizeof parent, "%s/run", top);
    snprintf(dir, sizeof dir, "%s/ntsc", parent);
    snprintf(path, sizeof path, "%s/%s", dir, STATUS_FILE);
    snprintf(output, sizeof output, "%s/output", top);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)rmdir(dir);
    (void)rmdir(parent);
    (void)unlink(output);
    return 0;
}

static int tear_down(void **state)
{
    (void)clear(state);
    return rmdir(top);
}

static void make_dirs(void)
{
    assert_int_equal(mkdir(parent, 0700), 0);
    assert_int_equal(mkdir(dir, 0700), 0);
}

static bool monitor_only;

static void write_status(bool synchronized, int64_t due_ns)
{
    int64_t now = clocks_wall().ns;
    struct status s = {.at = {now - NS_PER_S},
                       .next = {now + due_ns},
                       .synchronized = synchronized,
                       .monitor_only = monitor_only,
                       .offset_ns = 1000,
                       .bound_ns = 2000,
                       .servers = 3,
                       .agreeing = 2};
    int fd = open(dir, O_RDONLY | O_DIRECTORY);

    if (!synchronized)
        strcpy(s.reason, "nobody has answered yet");
    assert_int_equal(status_file_write(fd, &s, NULL, 0), 0);
    close(fd);
}

static double within_s = -1;

/* Runs wait_synchronized() in a child, its output in a file. */
static pid_t start(double seconds)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
            _exit(99);
        close(fd);
        _exit(wait_synchronized(path, &(struct wait_for){seconds, within_s, false}));
    }
    return pid;
}

static bool holds_inotify(pid_t pid)
{
    char name[64], target[64];

    for (int fd = 3; fd < 16; fd++) {
        ssize_t n;

        snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)pid, fd);
        n = readlink(name, target, sizeof target - 1);
        if (n > 0) {
            target[n] = 0;
            if (strcmp(target, "anon_inode:inotify") == 0)
                return true;
        }
    }
    return false;
}

/* Waits until it sleeps with an inotify descriptor in hand: then it is in poll(). */
static void until_it_sleeps(pid_t pid)
{
    char name[64], line[512], state;

    snprintf(name, sizeof name, "/proc/%d/stat", (int)pid);
    for (;;) {
        FILE *f = fopen(name, "r");

        assert_non_null(f);
        assert_non_null(fgets(line, sizeof line, f));
        fclose(f);
        assert_int_equal(sscanf(strrchr(line, ')') + 1, " %c", &state), 1);
        assert_true(state != 'Z'); /* it ended, although nothing told it to */
        if (state == 'S' && holds_inotify(pid))
            return;
        sched_yield();
    }
}

static void expect_end(pid_t pid, int code, const char *words)
{
    char text[512] = "";
    int status;
    FILE *f;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    f = fopen(output, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    if (strstr(text, words) == NULL)
        fail_msg("it said: %s", text);
    assert_true(strchr(text, '\n') == text + strlen(text) - 1); /* one line */
    assert_int_equal(WEXITSTATUS(status), code);
}

static void test_at_once(void **state)
{
    (void)state;
    make_dirs();
    write_status(true, 60 * NS_PER_S);
    expect_end(start(0), 0, "synchronized: offset +1 us +/- 2 us, 2 of 3 servers agree\n");
}

static void test_time_over(void **state)
{
    (void)state;
    expect_end(start(0), 1, "not synchronized after 0 s: ");
    expect_end(start(0.02), 1, "not synchronized after 0.02 s: ");
    expect_end(start(0), 1,
               "is not there: the daemon does not run (systemctl start ntsc starts it");
    make_dirs();
    write_status(false, 60 * NS_PER_S);
    expect_end(start(0), 1, "not synchronized after 0 s: nobody has answered yet\n");
    write_status(true, -NS_PER_S / 2);
    expect_end(start(0), 1, "the daemon's status is stale");
    assert_int_equal(truncate(path, 10), 0);
    expect_end(start(0), 1, "cannot be read: it is not a status\n");
}

/* Who only watches will never call the clock synchronized. */
static void test_watched_only(void **state)
{
    (void)state;
    make_dirs();
    monitor_only = true;
    write_status(false, 60 * NS_PER_S);
    expect_end(start(LONG_S), 1, "ntsc: not waiting: the daemon only watches the clock (-x)\n");
    /* One that is gone may be followed by another. */
    write_status(false, -NS_PER_S / 2);
    expect_end(start(0), 1, "the daemon's status is stale");
    monitor_only = false;
}

/* The status has 1 us +/- 2 us. */
static void test_within(void **state)
{
    (void)state;
    make_dirs();
    write_status(true, 60 * NS_PER_S);
    within_s = 3e-6;
    expect_end(start(0), 0, "synchronized: ");
    within_s = 2.9e-6;
    expect_end(start(0), 1,
               "synchronized, but offset +1 us +/- 2 us is not within 2.9e-06 s yet\n");
    within_s = -1;
}

/* From nothing at all, step by step; the directory is even replaced meanwhile. */
static void test_from_nothing(void **state)
{
    pid_t pid = start(LONG_S);

    (void)state;
    until_it_sleeps(pid);
    assert_int_equal(mkdir(parent, 0700), 0);
    until_it_sleeps(pid);
    assert_int_equal(mkdir(dir, 0700), 0);
    until_it_sleeps(pid);
    write_status(true, -NS_PER_S / 2);
    until_it_sleeps(pid);
    write_status(false, 60 * NS_PER_S);
    until_it_sleeps(pid);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    until_it_sleeps(pid);
    assert_int_equal(mkdir(dir, 0700), 0);
    until_it_sleeps(pid);
    write_status(true, 60 * NS_PER_S);
    expect_end(pid, 0, "synchronized: ");
}

/* The same without any pause: no order of events is missed. */
static void test_races(void **state)
{
    for (int i = 0; i < 200; i++) {
        pid_t pid = start(LONG_S);

        make_dirs();
        write_status(i % 2 == 0, 60 * NS_PER_S);
        write_status(true, 60 * NS_PER_S);
        expect_end(pid, 0, "synchronized: ");
        (void)clear(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_at_once, clear),
        cmocka_unit_test_teardown(test_time_over, clear),
        cmocka_unit_test_teardown(test_watched_only, clear),
        cmocka_unit_test_teardown(test_within, clear),
        cmocka_unit_test_teardown(test_from_nothing, clear),
        cmocka_unit_test_teardown(test_races, clear),
    };

    return cmocka_run_group_tests_name("wait", tests, set_up, tear_down);
}
