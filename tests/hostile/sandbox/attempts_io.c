/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and sockets. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/hostile/sandbox/attempts.h"

static int close_if(int fd)
{
    return fd < 0 ? errno : result(close(fd));
}

/* As root only the sandbox is in the way; ntsc and its starter leave it to their user. */
static int read_shadow(void)
{
    return close_if(open("/etc/shadow", O_RDONLY));
}

static int read_hosts(void)
{
    return close_if(open("/etc/hosts", O_RDONLY));
}

static int read_certificates(void)
{
    return close_if(open("/etc/ssl/certs", O_RDONLY | O_DIRECTORY));
}

static int read_program(void)
{
    return close_if(open("/proc/self/exe", O_RDONLY));
}

static int write_tmp(void)
{
    return close_if(open("/tmp/ntsc-sandbox-escaped", O_WRONLY | O_CREAT, 0600));
}

static int write_in_directory(void)
{
    return close_if(openat(at.dir, "kept", O_WRONLY | O_CREAT | O_TRUNC, 0600));
}

static int replace_in_directory(void)
{
    int error = write_in_directory();

    return error != 0 ? error : result(renameat(at.dir, "kept", at.dir, "replaced"));
}

static int remove_in_directory(void)
{
    int error = write_in_directory();

    return error != 0 ? error : result(unlinkat(at.dir, "kept", 0));
}

/* Past the directory, by its own descriptor. */
static int read_above_directory(void)
{
    return close_if(openat(at.dir, "/etc/hosts", O_RDONLY));
}

static int write_beside_directory(void)
{
    return close_if(openat(at.dir, "../ntsc-sandbox-beside", O_WRONLY | O_CREAT, 0600));
}

static int sock(int family, int type, int protocol)
{
    return close_if(socket(family, type, protocol));
}

static int socket_udp(void)
{
    return sock(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int socket_tcp(void)
{
    return sock(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static int socket_raw(void)
{
    return sock(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static int socket_packet(void)
{
    return sock(AF_PACKET, SOCK_DGRAM, 0);
}

static int socket_stream_unix(void)
{
    return sock(AF_UNIX, SOCK_STREAM, 0);
}

static int socket_of_syslog(void)
{
    return sock(AF_UNIX, SOCK_DGRAM, 0);
}

static int socket_vsock(void)
{
    return sock(AF_VSOCK, SOCK_STREAM, 0);
}

int attempt_bind(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};

    return result(bind(at.stream, (struct sockaddr *)&any, sizeof any));
}

static int wait_for_clients(void)
{
    return result(listen(at.stream, 1));
}

static int take_client(void)
{
    return result(accept(at.stream, NULL, NULL));
}

/* The errno of a closed port tells that the connection was tried. */
static int connect_to(uint16_t port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int error = fd < 0 ? errno : result(connect(fd, (struct sockaddr *)&to, sizeof to));

    return error == ECONNREFUSED ? 0 : error;
}

static int connect_ke(void)
{
    return connect_to(KE_PORT);
}

static int connect_elsewhere(void)
{
    return connect_to(80);
}

const struct attempt attempts_io[] = {
    {"read_shadow", read_shadow, N | S, K, EACCES, 1, true, true},
    {"read_hosts", read_hosts, N | S | K, 0, 0, 0, true, false},
    {"read_certificates", read_certificates, N | S | K, 0, 0, 0, true, false},
    {"read_program", read_program, N | S, K, EACCES, 1, true, false},
    {"write_tmp", write_tmp, 0, 0, 0, 0, false, false},
    {"write_in_directory", write_in_directory, N | E | S, 0, 0, 0, false, false},
    {"replace_in_directory", replace_in_directory, E | S, 0, 0, 0, false, false},
    {"remove_in_directory", remove_in_directory, N | E | S, 0, 0, 0, false, false},
    {"read_above_directory", read_above_directory, N | S | K, E, EACCES, 1, false, false},
    {"write_beside_directory", write_beside_directory, S, N | E, EACCES, 1, false, false},
    {"socket_udp", socket_udp, E | K | S, 0, 0, 0, false, false},
    {"socket_tcp", socket_tcp, K | S, 0, 0, 0, false, false},
    {"socket_raw", socket_raw, 0, 0, 0, 0, false, false},
    {"socket_packet", socket_packet, 0, 0, 0, 0, false, false},
    {"socket_vsock", socket_vsock, 0, 0, 0, 0, false, false},
    {"socket_stream_unix", socket_stream_unix, S, N | K, EAFNOSUPPORT, 0, false, false},
    {"socket_of_syslog", socket_of_syslog, N | S, K, EAFNOSUPPORT, 0, false, false},
#ifdef __GLIBC__
    {"bind_port", attempt_bind, 0, 0, 0, 0, false, false},
#else /* musl's resolver binds its sockets for UDP: what is left is Landlock */
    {"bind_port", attempt_bind, S, K, EACCES, 4, false, false},
#endif
    {"wait_for_clients", wait_for_clients, 0, 0, 0, 0, false, false},
    {"take_client", take_client, 0, 0, 0, 0, false, false},
    {"connect_ke", connect_ke, K | S, 0, 0, 0, false, false},
    {"connect_elsewhere", connect_elsewhere, S, K, EACCES, 4, false, false},
};

const size_t attempts_io_count = sizeof attempts_io / sizeof *attempts_io;
