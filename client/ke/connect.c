/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ke/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client/shared/sockaddr.h"

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct failure failure_of(int err)
{
    switch (err) {
    case ECONNREFUSED:
        return failure_make(STAGE_CONNECT, REASON_REFUSED, 0);
    case ETIMEDOUT:
        return failure_make(STAGE_CONNECT, REASON_TIMEOUT, 0);
    case ECONNRESET:
    case ECONNABORTED:
        return failure_make(STAGE_CONNECT, REASON_RESET, 0);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
        return failure_make(STAGE_LOCAL, REASON_SYSTEM, err);
    default:
        return failure_make(STAGE_CONNECT, REASON_UNREACHABLE, err);
    }
}

/* Of several failures the one worth telling: somebody who answered before nobody at all. */
static int weight(const struct failure *f)
{
    static const enum reason order[] = {REASON_NONE,    REASON_SYSTEM, REASON_UNREACHABLE,
                                        REASON_TIMEOUT, REASON_RESET,  REASON_REFUSED};

    for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (order[i] == f->reason)
            return (int)i;
    return 0;
}

static void note(struct failure *f, int err)
{
    struct failure seen = failure_of(err);

    if (weight(&seen) > weight(f))
        *f = seen;
}

/* A connection under way at *fd (0), or an errno and *fd is -1. */
static int start(const struct net_addr *a, int *fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sockaddr_of(a, &ss);
    int one = 1, err;

    *fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return errno;
    setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(*fd, (struct sockaddr *)&ss, len) == 0 || errno == EINPROGRESS)
        return 0;
    err = errno;
    close(*fd);
    *fd = -1;
    return err;
}

static int finished(int fd)
{
    int err = 0;
    socklen_t len = sizeof(err);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 ? err : errno;
}

/* Waits until a connection is made (its index) or has failed or the time has come (-1). */
static int wait_for_one(struct pollfd *p, unsigned n, int timeout_ms, bool *one_failed,
                        struct failure *f)
{
    if (poll(p, n, timeout_ms) <= 0)
        return -1;
    for (unsigned i = 0; i < n; i++) {
        if (p[i].fd < 0 || p[i].revents == 0)
            continue;
        int err = finished(p[i].fd);
        if (err == 0)
            return (int)i;
        note(f, err);
        *one_failed = true;
        close(p[i].fd);
        p[i].fd = -1;
    }
    return -1;
}

/* One reading: the time may come between two. */
static int wait_ms(int64_t until_ms)
{
    int64_t left = until_ms - now_ms();

    return left > 0 ? (int)left : 0;
}

int connect_first(const struct addr_list *list, struct net_addr *won, struct failure *f)
{
    struct pollfd p[NET_ADDR_MAX];
    unsigned started = 0, open = 0;
    int64_t next_ms = 0;
    int winner = -1;

    *f = failure_make(STAGE_CONNECT, REASON_NONE, 0);
    while (winner < 0 && (started < list->n || open > 0)) {
        bool failed = false;
        int wait = -1;

        if (started < list->n && (open == 0 || now_ms() >= next_ms)) {
            int err = start(&list->a[started], &p[started].fd);

            p[started++].events = POLLOUT;
            if (err != 0) {
                note(f, err);
                continue;
            }
            next_ms = now_ms() + CONNECT_DELAY_MS;
        }
        if (started < list->n)
            wait = wait_ms(next_ms);
        winner = wait_for_one(p, started, wait, &failed, f);
        if (failed)
            next_ms = 0;
        open = 0;
        for (unsigned i = 0; i < started; i++)
            open += p[i].fd >= 0;
    }
    for (unsigned i = 0; i < started; i++)
        if ((int)i != winner && p[i].fd >= 0)
            close(p[i].fd);
    if (winner < 0)
        return -1;
    *won = list->a[winner];
    fcntl(p[winner].fd, F_SETFL, fcntl(p[winner].fd, F_GETFL) & ~O_NONBLOCK);
    return p[winner].fd;
}

int connect_rtt_ms(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return 0;
    return (int)(info.tcpi_rtt / 1000) + 1; /* microseconds */
}
