/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/shared/ipc.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/shared/libc.h"

int ipc_pair(int fd[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == 0 ? 0 : errno;
}

void ipc_attach(struct msghdr *m, union ipc_control *control, int fd)
{
    struct cmsghdr *c;

    memset(control, 0, sizeof *control);
    m->msg_control = control->buf;
    m->msg_controllen = sizeof control->buf;
    c = CMSG_FIRSTHDR(m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

int ipc_send(int fd, const void *msg, size_t len, int pass)
{
    union ipc_control control;
    struct iovec iov = {(void *)(uintptr_t)msg, len};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n;

    if (pass >= 0)
        ipc_attach(&m, &control, pass);
    do
        n = sendmsg(fd, &m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno;
    return (size_t)n == len ? 0 : EMSGSIZE;
}

/* The first descriptor goes to *pass; any other is closed, since nobody asked for it. */
static void take_descriptors(struct msghdr *m, int *pass)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = next_control(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
            if (pass != NULL && *pass < 0)
                *pass = fd;
            else
                close(fd);
        }
    }
}

ssize_t ipc_receive(int fd, void *buf, size_t cap, int *pass)
{
    union ipc_control control;
    struct iovec iov = {buf, cap};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n;

    if (pass != NULL) {
        *pass = -1;
        m.msg_control = control.buf;
        m.msg_controllen = sizeof control.buf;
    }
    do
        n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -1;
    if (pass != NULL)
        take_descriptors(&m, pass);
    return (m.msg_flags & MSG_TRUNC) != 0 ? (ssize_t)cap + 1 : n;
}
