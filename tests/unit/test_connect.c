/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock as a process sees it that is held up between two readings: the second address is tried
 * all the same.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client/ke/connect.h"
#include "tests/unit/test.h"

#define HELD_UP_MS 201

static unsigned readings, held_up_at;

/* Linked in the place of clock_gettime(2): readings from one on are later by what it was held up.
 */
int __real_clock_gettime(clockid_t id,
                         struct timespec *t); /* NOLINT(bugprone-reserved-identifier) */
int __wrap_clock_gettime(clockid_t id,
                         struct timespec *t); /* NOLINT(bugprone-reserved-identifier) */
int __wrap_clock_gettime(clockid_t id,
                         struct timespec *t) /* NOLINT(bugprone-reserved-identifier) */
{
    int result = __real_clock_gettime(id, t);

    readings++;
    if (held_up_at > 0 && readings >= held_up_at)
        t->tv_sec += (HELD_UP_MS + 999) / 1000;
    return result;
}

static int listener(int backlog, struct net_addr *a)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
    *a = (struct net_addr){.family = 4, .port = ntohs(sa.sin_port), .addr = {127, 0, 0, 1}};
    return fd;
}

/* A full backlog: what more comes is dropped, and never answered. */
static int silent(struct net_addr *a, int filling[3])
{
    int fd = listener(0, a);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(a->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    for (int i = 0; i < 3; i++) {
        filling[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(filling[i], (struct sockaddr *)&to, sizeof to);
    }
    return fd;
}

static void test_held_up(void **state)
{
    int filling[3];
    struct addr_list list = {.n = 2};
    struct net_addr won;
    struct failure f;
    int first = silent(&list.a[0], filling), second = listener(4, &list.a[1]);

    (void)state;
    /* Whichever reading is the one behind which it is held up. */
    for (held_up_at = 0; held_up_at < 8; held_up_at++) {
        int fd;

        readings = 0;
        alarm(30); /* else it waits for the first alone, for minutes */
        fd = connect_first(&list, &won, &f);
        alarm(0);
        assert_true(fd >= 0);
        assert_int_equal(won.port, list.a[1].port);
        close(fd);
        close(accept(second, NULL, NULL));
    }
    for (int i = 0; i < 3; i++)
        close(filling[i]);
    close(first);
    close(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_held_up)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
