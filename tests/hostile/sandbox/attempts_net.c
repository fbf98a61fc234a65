/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways past the rules for TCP ports, to signals, and to sockets of others, by arguments of calls
 * that are allowed otherwise. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/hostile/sandbox/attempts.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef SOL_SMC
#define SMC_PROTOCOL 256 /* linux/smc.h: an IPPROTO_ of its own */
#else
#define SMC_PROTOCOL SOL_SMC
#endif
#define IPPROTO_L2TP_ 115

static int made(int family, int type, int protocol)
{
    int fd = socket(family, type, protocol);

    return fd < 0 ? errno : result(close(fd));
}

static int mptcp(void)
{
    return made(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
}

static int mptcp6(void)
{
    return made(AF_INET6, SOCK_STREAM, IPPROTO_MPTCP);
}

static int sctp(void)
{
    return made(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

static int smc(void)
{
    return made(AF_INET, SOCK_STREAM, SMC_PROTOCOL);
}

static int dccp(void)
{
    return made(AF_INET, SOCK_DCCP, IPPROTO_DCCP);
}

static int udp_lite(void)
{
    return made(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
}

static int l2tp(void)
{
    return made(AF_INET, SOCK_DGRAM, IPPROTO_L2TP_);
}

static int ping(void)
{
    return made(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
}

static int raw6(void)
{
    return made(AF_INET6, SOCK_RAW, IPPROTO_UDP);
}

static int alg(void)
{
    return made(38 /* AF_ALG */, SOCK_SEQPACKET, 0);
}

static int xdp(void)
{
    return made(44 /* AF_XDP */, SOCK_RAW, 0);
}

static int audit(void)
{
    return made(AF_NETLINK, SOCK_RAW, 9 /* NETLINK_AUDIT */);
}

/* A kernel without that module refuses what the filter let pass. */
static int netfilter(void)
{
    int error = made(AF_NETLINK, SOCK_DGRAM, 12 /* NETLINK_NETFILTER */);

    return error == EPROTONOSUPPORT ? 0 : error;
}

static struct sockaddr_in there(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return to;
}

/* connect(2) without connect(2). */
static int fast_open(void)
{
    struct sockaddr_in to = there();

    return result(
        sendto(at.stream, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to));
}

static int fast_open_message(void)
{
    struct sockaddr_in to = there();
    struct iovec part = {"x", 1};
    struct msghdr m = {
        .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1};

    return result(sendmsg(at.stream, &m, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int fast_open_messages(void)
{
    struct sockaddr_in to = there();
    struct iovec part = {"x", 1};
    struct mmsghdr m = {
        .msg_hdr = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1}};

    return result(sendmmsg(at.stream, &m, 1, MSG_FASTOPEN | MSG_NOSIGNAL));
}

static int fast_open_option(void)
{
    const int on = 1;

    return result(setsockopt(at.stream, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on));
}

static int send_to_address(void)
{
    struct sockaddr_in to = there();

    return result(sendto(at.datagrams, "x", 1, 0, (struct sockaddr *)&to, sizeof to));
}

static int urgent_data(void)
{
    return result(send(at.datagrams, "x", 1, MSG_OOB));
}

static int zero_copy(void)
{
    return result(send(at.datagrams, "x", 1, 0x4000000 /* MSG_ZEROCOPY */));
}

/* SIGKILL for another process of the same user, when something arrives. */
static int signal_by_owner(void)
{
    return result(fcntl(at.datagrams, F_SETOWN, getpid()));
}

static int signal_by_owner_ex(void)
{
    struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = getpid()};

    return result(fcntl(at.datagrams, F_SETOWN_EX, &owner));
}

static int choose_signal(void)
{
    return result(fcntl(at.datagrams, F_SETSIG, SIGKILL));
}

static int signal_by_input(void)
{
    return result(fcntl(at.datagrams, F_SETFL, O_ASYNC | O_NONBLOCK));
}

static int signal_by_lease(void)
{
    return result(fcntl(at.dir, F_SETLEASE, F_RDLCK));
}

static int signal_by_notify(void)
{
    return result(fcntl(at.dir, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
}

static int owner_ioctl(void)
{
    int pid = getpid();

    return result(ioctl(at.datagrams, FIOSETOWN, &pid));
}

static int async_ioctl(void)
{
    int on = 1;

    return result(ioctl(at.datagrams, FIOASYNC, &on));
}

/* What somebody types later, into the terminal that root left open. */
static int type_into_terminal(void)
{
    return result(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

static int set_option(int level, int name, const void *value, socklen_t len)
{
    return result(setsockopt(at.datagrams, level, name, value, len));
}

static int socket_filter(void)
{
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0xffff)};
    struct sock_fprog program = {1, code};

    return set_option(SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int other_device(void)
{
    return set_option(SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
}

static int marked(void)
{
    const int mark = 1;

    return set_option(SOL_SOCKET, SO_MARK, &mark, sizeof mark);
}

static int more_memory(void)
{
    const int octets = 1 << 20;

    return set_option(SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
}

static int join_group(void)
{
    struct ip_mreq group = {.imr_multiaddr.s_addr = htonl(0xe0000001)};

    return set_option(IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
}

/* Another service's, or one that has no file. */
static int unix_pair(void)
{
    int pair[2];

    return result(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
}

static int inet_pair(void)
{
    int pair[2];

    return result(socketpair(AF_INET, SOCK_STREAM, 0, pair));
}

#define NOBODY_MAY(name)                                                                           \
    {                                                                                              \
#name, name, 0, 0, 0, 0, false, false                                                      \
    }

const struct attempt attempts_net[] = {
    NOBODY_MAY(mptcp),
    NOBODY_MAY(mptcp6),
    NOBODY_MAY(sctp),
    NOBODY_MAY(smc),
    NOBODY_MAY(dccp),
    NOBODY_MAY(udp_lite),
    NOBODY_MAY(l2tp),
    NOBODY_MAY(ping),
    NOBODY_MAY(raw6),
    NOBODY_MAY(alg),
    NOBODY_MAY(xdp),
    {"audit", audit, S, K, EAFNOSUPPORT, 0, false, false},
    {"netfilter", netfilter, S, K, EAFNOSUPPORT, 0, false, false},
    NOBODY_MAY(fast_open),
    NOBODY_MAY(fast_open_message),
    NOBODY_MAY(fast_open_messages),
    NOBODY_MAY(fast_open_option),
    {"send_to_address", send_to_address, RESOLVER, 0, 0, 0, false, false},
    NOBODY_MAY(urgent_data),
    NOBODY_MAY(zero_copy),
    {"signal_by_owner", signal_by_owner, S, 0, 0, 0, false, false},
    NOBODY_MAY(signal_by_owner_ex),
    NOBODY_MAY(choose_signal),
    {"signal_by_input", signal_by_input, S, 0, 0, 0, false, false},
    NOBODY_MAY(signal_by_lease),
    NOBODY_MAY(signal_by_notify),
    {"owner_ioctl", owner_ioctl, 0, N, ENOTTY, 0, false, false},
    {"async_ioctl", async_ioctl, 0, N, ENOTTY, 0, false, false},
    {"type_into_terminal", type_into_terminal, 0, N, ENOTTY, 0, false, false},
    NOBODY_MAY(socket_filter),
    NOBODY_MAY(other_device),
    NOBODY_MAY(marked),
    NOBODY_MAY(more_memory),
    NOBODY_MAY(join_group),
    {"unix_pair", unix_pair, N, 0, 0, 0, false, false},
    NOBODY_MAY(inet_pair),
};

const size_t attempts_net_count = sizeof attempts_net / sizeof *attempts_net;
