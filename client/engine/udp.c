/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client/shared/clocks.h"
#include "client/shared/libc.h"
#include "client/shared/sockaddr.h"

/* Room for a time stamp and the extended error with it, 128 octets with their heads, twice. */
#define CONTROL_OCTETS 256

/* Of our own packet, which comes back with its stamp: nothing is wanted
 * (SOF_TIMESTAMPING_OPT_TSONLY). */
#define RETURNED_OCTETS 64

void udp_init(struct udp *u)
{
    u->fd = -1;
}

void udp_close(struct udp *u)
{
    if (u->fd >= 0)
        close(u->fd);
    u->fd = -1;
}

/* The kernel's software stamp among the control messages; false when there is none. */
static bool find_stamp(struct msghdr *m, struct wall *stamp)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = next_control(m, c)) {
        struct timespec t;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING ||
            c->cmsg_len < CMSG_LEN(sizeof t))
            continue;
        memcpy(&t, CMSG_DATA(c), sizeof t);
        if (t.tv_sec == 0 && t.tv_nsec == 0)
            continue;
        stamp->ns = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
        return true;
    }
    return false;
}

/* The same instant on the raw clock, told by both clocks read now, shortly after. */
static struct raw raw_of(struct wall stamp)
{
    struct wall wall;
    struct raw raw;

    clocks_pair(&wall, &raw);
    return (struct raw){raw.ns - ns_sub_sat(wall.ns, stamp.ns)};
}

/* Takes the transmit stamp from the error queue, where it waits once the driver has the packet. */
static void take_transmit_stamp(struct udp *u)
{
    union {
        struct cmsghdr align;
        char buf[CONTROL_OCTETS];
    } control;
    char data[RETURNED_OCTETS];
    struct iovec iov = {data, sizeof data};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.buf,
                       .msg_controllen = sizeof control.buf};
    struct wall stamp;

    if (recvmsg(u->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 || !find_stamp(&m, &stamp))
        return;
    /* Never before we called send(): that would be another packet's, or a clock that was set. */
    if (stamp.ns < u->t1.ns)
        return;
    u->t1 = stamp;
    u->t1_by_kernel = true;
    u->t1_raw = raw_of(stamp);
}

/* Our own address on the way that the kernel has chosen. */
static struct net_addr local_address(int fd)
{
    struct net_addr a = {.family = 0};
    struct sockaddr_storage ss = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof ss;

    if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
        (void)sockaddr_address((const struct sockaddr *)&ss, &a);
    a.scope = 0; /* the way, not the address */
    return a;
}

int udp_open(struct udp *u, const struct net_addr *to)
{
    const int stamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                       SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                       SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_OPT_CMSG;
    struct sockaddr_storage ss;
    socklen_t ss_len = sockaddr_of(to, &ss);
    int error;

    udp_close(u);
    u->to = *to;
    u->fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (u->fd < 0)
        return errno;
    /* Without kernel stamps the times are read here: less exact, still true. */
    (void)setsockopt(u->fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof stamps);
    if (connect(u->fd, (const struct sockaddr *)&ss, ss_len) == 0) {
        u->from = local_address(u->fd);
        return 0;
    }
    error = errno;
    udp_close(u);
    return error;
}

int udp_send(struct udp *u, const struct net_addr *to, const uint8_t *packet, size_t len)
{
    bool ready = u->fd >= 0 && memcmp(&u->to, to, sizeof *to) == 0;
    int error = ready ? 0 : udp_open(u, to);

    if (error != 0)
        return error;
    clocks_pair(&u->t1, &u->t1_raw);
    u->t1_by_kernel = false;
    errno = EIO; /* what a short write means */
    if (send(u->fd, packet, len, 0) == (ssize_t)len) {
        take_transmit_stamp(u);
        return 0;
    }
    error = errno;
    udp_close(u);
    return error;
}

ssize_t udp_receive(struct udp *u, uint8_t *buf, size_t cap, struct local_stamps *local)
{
    union {
        struct cmsghdr align;
        char buf[CONTROL_OCTETS];
    } control;
    struct iovec iov = {buf, cap};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.buf,
                       .msg_controllen = sizeof control.buf};
    ssize_t n = recvmsg(u->fd, &m, MSG_DONTWAIT);
    struct wall stamp;

    if (n < 0) {
        /* A late transmit stamp, or an ICMP error, which anybody can send and nobody believes. */
        take_transmit_stamp(u);
        return -1;
    }
    clocks_pair(&local->t4, &local->t4_raw);
    u->t4_by_kernel = find_stamp(&m, &stamp) && stamp.ns <= local->t4.ns;
    if (u->t4_by_kernel) {
        local->t4_raw.ns -= ns_sub_sat(local->t4.ns, stamp.ns);
        local->t4 = stamp;
    }
    local->t1 = u->t1;
    local->t1_raw = u->t1_raw;
    return n;
}
