/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nts-hostile -c CERT -k KEY -o LOG [-l ADDRESS] [-n NTP-ADDRESS] SCRIPT
 * Prints "ke PORT ntp PORT" when it listens, and ends with SIGTERM after it has logged all that
 * came.
 */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct server server;
static int log_fd = -1;

void fatal(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    fputs("nts-hostile: ", stderr);
    vfprintf(stderr, format, ap); /* NOLINT(clang-analyzer-valist.Uninitialized): it is */
    fputc('\n', stderr);
    va_end(ap);
    _exit(99);
}

void log_line(const char *format, ...)
{
    char line[1024];
    va_list ap;
    va_start(ap, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is initialized */
    int n = vsnprintf(line, sizeof(line) - 1, format, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof(line) - 1)
        fatal("log line too long");
    line[n] = '\n';
    if (write(log_fd, line, (size_t)n + 1) != n + 1)
        fatal("log: %s", strerror(errno));
}

static int listen_at(const char *address, int type, unsigned *port)
{
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr *sa = (struct sockaddr *)&four;
    socklen_t len = sizeof(four);
    if (strchr(address, ':')) {
        sa = (struct sockaddr *)&six;
        len = sizeof(six);
    }
    if (inet_pton(sa->sa_family, address,
                  len == sizeof(six) ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1)
        fatal("not an address: %s", address);
    int fd = socket(sa->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, sa, len) || (type == SOCK_STREAM && listen(fd, 64)) ||
        getsockname(fd, sa, &len))
        fatal("%s: %s", address, strerror(errno));
    *port = ntohs(sa->sa_family == AF_INET6 ? six.sin6_port : four.sin_port);
    return fd;
}

static void ke_accept(void)
{
    static unsigned number;
    int fd;
    while ((fd = accept4(server.ke_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        log_line("ke %u", ++number);
        ke_start(fd, number);
    }
}

int main(int argc, char **argv)
{
    const char *ke_address = "127.0.0.1", *ntp_address = NULL;
    sigset_t set;
    for (int o; (o = getopt(argc, argv, "c:k:o:l:n:")) != -1;) {
        if (o == 'c')
            server.cert = optarg;
        else if (o == 'k')
            server.key = optarg;
        else if (o == 'o')
            log_fd = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        else if (o == 'l')
            ke_address = optarg;
        else if (o == 'n')
            ntp_address = optarg;
    }
    if (optind != argc - 1 || !server.cert || !server.key || log_fd < 0)
        fatal("usage: nts-hostile -c CERT -k KEY -o LOG [-l ADDRESS] [-n NTP-ADDRESS] SCRIPT");
    script_load(argv[optind]);
    server.ke_fd = listen_at(ke_address, SOCK_STREAM, &server.ke_port);
    server.ntp_fd = listen_at(ntp_address ? ntp_address : ke_address, SOCK_DGRAM, &server.ntp_port);

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGPIPE); /* a client may leave at any time */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigdelset(&set, SIGPIPE);
    struct pollfd fds[] = {{.fd = server.ke_fd, .events = POLLIN},
                           {.fd = server.ntp_fd, .events = POLLIN},
                           {.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN}};
    printf("ke %u ntp %u\n", server.ke_port, server.ntp_port);
    fflush(stdout);
    for (;;) {
        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            fatal("poll: %s", strerror(errno));
        ke_accept();
        ntp_serve();
        if (fds[2].revents)
            _exit(0);
    }
}
