/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * - socket(): without type flags where they are refused; fcntl() instead.
 * - recvmsg() on a datagram socket: one message for each time that poll() has reported it, and the
 *   error queue once after a send or when poll() has reported an error: a simulator may hand out
 *   the message of another socket, or none at all, when it is asked in between.
 * - recv() on a stream: waits in poll(), where time goes by in a simulator.
 * - a deadline for both, instead of a signal.
 * - timerfd_create(): there is none; clock changes are noticed at the next turn.
 */
#include "tests/onebox/world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "client/shared/clocks.h"

#define FD_END 1024

int __real_socket(int domain, int type, int protocol);
int __real_close(int fd);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *m, int flags);

int __wrap_socket(int domain, int type, int protocol);
int __wrap_close(int fd);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags);
int __wrap_timerfd_create(int clock, int flags);

sigjmp_buf world_deadline_over;

static struct {
    bool datagram, stream;
    bool message, error; /* may be asked for */
} sockets[FD_END];

static int64_t deadline_ns = INT64_MAX;

void world_deadline_set(int ms)
{
    deadline_ns = clocks_mono().ns + ms * INT64_C(1000000);
}

void world_deadline_end(void)
{
    deadline_ns = INT64_MAX;
}

/* The connection of an exchange that is over is nobody's any more. */
static _Noreturn void deadline_over(void)
{
    deadline_ns = INT64_MAX;
    for (int fd = 0; fd < FD_END; fd++)
        if (sockets[fd].stream)
            __wrap_close(fd);
    siglongjmp(world_deadline_over, 1);
}

int __wrap_socket(int domain, int type, int protocol)
{
    int fd = __real_socket(domain, type, protocol);

    if (fd < 0 && errno == EINVAL) {
        fd = __real_socket(domain, type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), protocol);
        if (fd >= 0) {
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
            (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        }
    }
    if (fd >= 0 && fd < FD_END) {
        sockets[fd].datagram = (type & SOCK_DGRAM) != 0;
        sockets[fd].stream = !sockets[fd].datagram;
        sockets[fd].message = sockets[fd].error = false;
    }
    return fd;
}

int __wrap_close(int fd)
{
    if (fd >= 0 && fd < FD_END)
        sockets[fd].datagram = sockets[fd].stream = false;
    return __real_close(fd);
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    int64_t left_ms = -1;
    int result;

    if (deadline_ns != INT64_MAX) {
        left_ms = (deadline_ns - clocks_mono().ns + 999999) / 1000000;
        if (left_ms <= 0)
            deadline_over();
        if (timeout < 0 || left_ms < timeout)
            timeout = (int)left_ms;
    }
    result = __real_poll(fds, n, timeout);
    for (nfds_t i = 0; result > 0 && i < n; i++) {
        if (fds[i].fd < 0 || fds[i].fd >= FD_END || fds[i].revents == 0)
            continue;
        sockets[fds[i].fd].message = true;
        sockets[fds[i].fd].error |= (fds[i].revents & (POLLERR | POLLPRI)) != 0;
    }
    return result;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
    if (fd >= 0 && fd < FD_END)
        sockets[fd].error = true;
    return __real_send(fd, buf, len, flags);
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};

    while (__wrap_poll(&wait, 1, -1) <= 0)
        ;
    return __real_recv(fd, buf, len, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *m, int flags)
{
    bool *may = (flags & MSG_ERRQUEUE) != 0 ? &sockets[fd].error : &sockets[fd].message;

    if (sockets[fd].datagram && !*may) {
        errno = EAGAIN;
        return -1;
    }
    *may = false;
    return __real_recvmsg(fd, m, flags);
}

int __wrap_timerfd_create(int clock, int flags)
{
    (void)clock;
    (void)flags;
    errno = ENOSYS;
    return -1;
}
