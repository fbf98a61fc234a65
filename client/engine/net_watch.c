/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/net_watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/shared/clocks.h"
#include "client/shared/log.h"

/* So many datagrams are read of one answer or of what has happened, and no more. */
#define DATAGRAMS_MAX 4096

/* Octets of one of them: netlink(7) has 8192 as enough for all; and for one whose content does not
 * matter, which is cut. */
#define DATAGRAM_OCTETS 16384
#define STIR_OCTETS     512

void net_watch_init(struct net_watch *w)
{
    *w = (struct net_watch){.events = -1, .query = -1};
}

/* connect() gives it an address of its own, as bind() would, which no other part of ntsc needs. */
static int open_socket(uint32_t groups)
{
    const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    bool good = fd >= 0 && connect(fd, (const struct sockaddr *)&kernel, sizeof kernel) == 0;

    for (int group = 1; good && groups >> (group - 1) != 0; group++)
        if ((groups >> (group - 1) & 1) != 0)
            good = setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
    if (good || fd < 0)
        return fd;
    close(fd);
    return -1;
}

static void give_up(struct net_watch *w)
{
    log_detail("the network is not watched: %s", strerror(errno));
    if (w->events >= 0)
        close(w->events);
    if (w->query >= 0)
        close(w->query);
    net_watch_init(w);
}

/* One datagram of the kernel's; its octets, -1 when there is none, cap + 1 when it was longer. */
static ssize_t receive(int fd, uint8_t *buf, size_t cap)
{
    struct sockaddr_nl from;
    struct iovec iov = {buf, cap};
    struct msghdr m = {.msg_name = &from, .msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n;

    do {
        from.nl_pid = 0;
        m.msg_namelen = sizeof from;
        n = recvmsg(fd, &m, 0);
    } while ((n < 0 && errno == EINTR) || (n >= 0 && from.nl_pid != 0));
    return n >= 0 && (m.msg_flags & MSG_TRUNC) != 0 ? (ssize_t)cap + 1 : n;
}

static bool ask(int fd, uint16_t type, struct net_view *v)
{
    _Alignas(8) uint8_t buf[DATAGRAM_OCTETS];
    size_t len = net_view_ask(type, buf);

    v->done = false;
    if (send(fd, buf, len, 0) != (ssize_t)len)
        return false;
    for (int i = 0; i < DATAGRAMS_MAX && !v->done && !v->bad; i++) {
        ssize_t n = receive(fd, buf, sizeof buf);

        if (n < 0 || n > (ssize_t)sizeof buf)
            return false;
        net_view_take(v, buf, (size_t)n);
    }
    return v->done && !v->bad;
}

/* What is not known is taken for a network. */
static void see(struct net_watch *w, struct net_view *v)
{
    memset(v, 0, sizeof *v);
    if (!ask(w->query, NET_VIEW_GET_ADDRESSES, v) || !ask(w->query, NET_VIEW_GET_ROUTES, v)) {
        errno = EPROTO;
        give_up(w);
        v->bad = true;
    }
    w->other = net_place_other(&w->place, v, clocks_mono());
}

void net_watch_open(struct net_watch *w)
{
    w->events = open_socket(NET_VIEW_GROUPS);
    w->query = open_socket(0);
    if (w->events < 0 || w->query < 0)
        give_up(w);
    else
        see(w, &w->view);
}

int net_watch_fd(const struct net_watch *w)
{
    return w->quiet.waiting ? -1 : w->events;
}

struct mono net_watch_next(const struct net_watch *w)
{
    return net_quiet_next(&w->quiet);
}

/* What happened in detail does not matter, nor that some of it was lost (ENOBUFS). */
static bool drain(struct net_watch *w)
{
    uint8_t buf[STIR_OCTETS];
    int i = 0;

    while (i < DATAGRAMS_MAX && (receive(w->events, buf, sizeof buf) >= 0 || errno == ENOBUFS))
        i++;
    return i > 0;
}

void net_watch_stirred(struct net_watch *w, struct mono now)
{
    if (drain(w))
        net_quiet_stirred(&w->quiet, now);
}

bool net_watch_look(struct net_watch *w, struct mono now)
{
    struct net_view before = w->view;

    if (now.ns < net_watch_next(w).ns || !net_quiet_over(&w->quiet, now, drain(w)))
        return false;
    see(w, &w->view);
    net_quiet_looked(&w->quiet, now, clocks_mono());
    return net_view_came(&before, &w->view);
}

bool net_watch_is_there(const struct net_watch *w)
{
    return w->events < 0 || w->view.ways > 0;
}
