/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words to a service manager, read from a socket of this test's own. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/ntsc/notify.h"
#include "client/ntsc/sync_flag.h"

static char top[] = "/tmp/ntsc-notify-XXXXXX";
static char path[64];
static int manager = -1;

/* A socket of that name, as NOTIFY_SOCKET writes it. */
static void listen_at(const char *name)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t n = strlen(name);

    memcpy(a.sun_path, name, n);
    if (name[0] == '@')
        a.sun_path[0] = 0;
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(manager, (struct sockaddr *)&a,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
                     0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    notify_open();
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "%s/socket", top);
    listen_at(path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (manager >= 0)
        close(manager);
    manager = -1;
    (void)unlink(path);
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    unsetenv("LISTEN_PID");
    return 0;
}

static void expect(const char *text)
{
    char buf[512] = "";
    ssize_t n = recv(manager, buf, sizeof buf - 1, 0);

    if (text == NULL) {
        assert_int_equal(n, -1);
        return;
    }
    assert_true(n > 0);
    assert_string_equal(buf, text);
}

static void test_words(void **state)
{
    char buf[512] = "";
    long long us;

    (void)state;
    notify_ready();
    expect("READY=1");
    notify_alive();
    expect("WATCHDOG=1");
    notify_stopping();
    expect("STOPPING=1");
    notify_reloading();
    assert_true(recv(manager, buf, sizeof buf - 1, 0) > 0);
    assert_int_equal(sscanf(buf, "RELOADING=1\nMONOTONIC_USEC=%lld", &us), 1);
    assert_true(us > 0);
    expect(NULL);
}

static void test_status_of_a_change_only(void **state)
{
    (void)state;
    notify_status("one");
    notify_status("one");
    notify_status("two");
    notify_status("one");
    expect("STATUS=one");
    expect("STATUS=two");
    expect("STATUS=one");
    expect(NULL);
}

static void test_abstract(void **state)
{
    char name[64];

    (void)tear_down(state);
    (void)snprintf(name, sizeof name, "@ntsc-notify-%d", (int)getpid());
    listen_at(name);
    notify_ready();
    expect("READY=1");
}

/* Nobody, somebody with an impossible name, somebody who has gone: no harm, no signal. */
static void test_nobody(void **state)
{
    char name[200];

    (void)state;
    memset(name, 'x', sizeof name);
    name[0] = '/';
    name[sizeof name - 1] = 0;
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    notify_open();
    notify_ready();
    assert_int_equal(setenv("NOTIFY_SOCKET", "vsock:2:9999", 1), 0);
    notify_open();
    notify_ready();
    unsetenv("NOTIFY_SOCKET");
    notify_open();
    notify_ready();
    assert_false(notify_store("x", manager));
    expect(NULL);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    notify_open();
    close(manager);
    manager = -1;
    notify_ready();
    assert_false(notify_store("x", 0));
}

static void check_watchdog(const char *us, const char *pid, int64_t ns)
{
    assert_int_equal(setenv("WATCHDOG_USEC", us, 1), 0);
    if (pid == NULL)
        unsetenv("WATCHDOG_PID");
    else
        assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
    notify_open();
    assert_true(notify_watchdog_ns() == ns);
}

static void test_watchdog(void **state)
{
    char own[16];

    (void)state;
    (void)snprintf(own, sizeof own, "%d", (int)getpid());
    check_watchdog("3600000000", NULL, INT64_C(3600000000000));
    check_watchdog("5", own, 5000);
    check_watchdog("5", "1", 0);
    check_watchdog("", NULL, 0);
    check_watchdog("-5", NULL, 0);
    check_watchdog("5s", NULL, 0);
    check_watchdog("99999999999999999999999", NULL, 0);
}

static void test_store(void **state)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    char buf[128] = "";
    struct iovec part = {buf, sizeof buf - 1};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.room,
                       .msg_controllen = sizeof control.room};
    struct stat ours, theirs;
    int fd = memfd_create("x", MFD_CLOEXEC), got;

    (void)state;
    assert_true(notify_store("allowance", fd));
    assert_true(recvmsg(manager, &m, 0) > 0);
    assert_string_equal(buf, "FDSTORE=1\nFDNAME=allowance");
    assert_non_null(CMSG_FIRSTHDR(&m));
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof got);
    assert_int_equal(fstat(fd, &ours), 0);
    assert_int_equal(fstat(got, &theirs), 0);
    assert_true(ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev);
    close(fd);
    close(got);
}

static int stored(const char *fds, const char *names, const char *pid, const char *name)
{
    assert_int_equal(setenv("LISTEN_FDS", fds, 1), 0);
    assert_int_equal(setenv("LISTEN_FDNAMES", names, 1), 0);
    assert_int_equal(setenv("LISTEN_PID", pid, 1), 0);
    return notify_stored(name);
}

static void test_stored(void **state)
{
    char own[16];

    (void)state;
    (void)snprintf(own, sizeof own, "%d", (int)getpid());
    /* 3 to 5, whatever they are in this test's own process. */
    for (int fd = 3; fd <= 5; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            assert_int_equal(dup2(STDERR_FILENO, fd), fd);
    assert_int_equal(stored("1", "allowance", own, "allowance"), 3);
    assert_int_equal(stored("3", "a:allowance:b", own, "allowance"), 4);
    assert_int_equal(stored("3", "a:allowances:allowance", own, "allowance"), 5);
    assert_true((fcntl(5, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(stored("3", "a:allow", own, "allowance"), -1);
    assert_int_equal(stored("3", "", own, "allowance"), -1);
    assert_int_equal(stored("1", "a:allowance", own, "allowance"), -1);
    assert_int_equal(stored("0", "allowance", own, "allowance"), -1);
    assert_int_equal(stored("-1", "allowance", own, "allowance"), -1);
    assert_int_equal(stored("99999999999", "allowance", own, "allowance"), -1);
    assert_int_equal(stored("1", "allowance", "1", "allowance"), -1);
    unsetenv("LISTEN_PID");
    assert_int_equal(notify_stored("allowance"), -1);
}

static void test_flag(void **state)
{
    char flag[64];

    (void)state;
    (void)snprintf(flag, sizeof flag, "%s/synchronized", top);
    sync_flag_open("/no/such/directory");
    sync_flag_set();
    sync_flag_clear();
    sync_flag_open(top);
    assert_int_equal(access(flag, F_OK), -1);
    sync_flag_set();
    assert_int_equal(access(flag, F_OK), 0);
    sync_flag_set();
    sync_flag_clear();
    assert_int_equal(access(flag, F_OK), -1);
}

static int remove_top(void **state)
{
    (void)state;
    return rmdir(top);
}

static int make_top(void **state)
{
    (void)state;
    return mkdtemp(top) == NULL;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_words),    TEST(test_status_of_a_change_only),
        TEST(test_abstract), TEST(test_nobody),
        TEST(test_watchdog), TEST(test_store),
        TEST(test_stored),   TEST(test_flag),
    };

    return cmocka_run_group_tests(tests, make_top, remove_top);
}
