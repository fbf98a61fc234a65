/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "client/shared/ipc.h"
#include "client/shared/log.h"
#include "common/base/decimal.h"

/* A manager that does not listen holds us up no longer than this. */
#define SEND_S 5

#define STORED_MAX    16
#define STORED_FIRST  3 /* sd_listen_fds(3) */
#define TEXT_MAX      256
#define WATCHDOG_MAX  INT64_C(1000000000000) /* us */
#define STATUS_PREFIX "STATUS="

static struct {
    struct sockaddr_un address;
    socklen_t length; /* 0: nobody listens */
    int fd;
    int64_t watchdog_ns;
    char status[TEXT_MAX];
} to = {.fd = -1};

/* A number from the environment that is there and fits, else 0. */
static int64_t read_number(const char *name, int64_t max)
{
    const char *text = getenv(name);
    int64_t v;

    return text != NULL && decimal_to_int(text, strlen(text), 0, max, &v) ? v : 0;
}

/* A path, or a name of the abstract kind, which begins with '@'. */
static bool set_address(const char *name)
{
    size_t n = strlen(name);

    if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof to.address.sun_path)
        return false;
    to.address.sun_family = AF_UNIX;
    memcpy(to.address.sun_path, name, n);
    if (name[0] == '@')
        to.address.sun_path[0] = 0;
    to.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    return true;
}

void notify_open(void)
{
    const struct timeval patience = {.tv_sec = SEND_S};
    const char *name = getenv("NOTIFY_SOCKET");
    int64_t pid = read_number("WATCHDOG_PID", INT32_MAX);

    to.length = 0;
    to.watchdog_ns = 0;
    to.status[0] = 0;
    if (to.fd >= 0)
        close(to.fd);
    to.fd = -1;
    if (name == NULL || !set_address(name))
        return;
    to.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (to.fd < 0) {
        to.length = 0;
        log_warning("the service manager cannot be told: %s", strerror(errno));
        return;
    }
    /* While it may be: Landlock lets no socket without a file be looked up later. */
    (void)connect(to.fd, (struct sockaddr *)&to.address, to.length);
    (void)setsockopt(to.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (pid == 0 || pid == getpid())
        to.watchdog_ns = read_number("WATCHDOG_USEC", WATCHDOG_MAX) * 1000;
}

int64_t notify_watchdog_ns(void)
{
    return to.watchdog_ns;
}

/* With a descriptor, or -1. */
static bool send_text(const char *text, int fd)
{
    union ipc_control control;
    struct iovec part = {.iov_base = (char *)(uintptr_t)text, .iov_len = strlen(text)};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

    if (to.length == 0)
        return false;
    if (fd >= 0)
        ipc_attach(&m, &control, fd);
    if (sendmsg(to.fd, &m, MSG_NOSIGNAL) == (ssize_t)part.iov_len)
        return true;
    /* A manager that was started anew has another socket of that name. */
    return (errno == ECONNREFUSED || errno == ENOTCONN) &&
           connect(to.fd, (struct sockaddr *)&to.address, to.length) == 0 &&
           sendmsg(to.fd, &m, MSG_NOSIGNAL) == (ssize_t)part.iov_len;
}

void notify_ready(void)
{
    (void)send_text("READY=1", -1);
}

void notify_reloading(void)
{
    char text[TEXT_MAX];
    struct timespec now; /* sd_notify(3): CLOCK_MONOTONIC, which stands while the machine sleeps */

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
             (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    (void)send_text(text, -1);
}

void notify_stopping(void)
{
    (void)send_text("STOPPING=1", -1);
}

void notify_status(const char *text)
{
    char line[TEXT_MAX];

    snprintf(line, sizeof line, STATUS_PREFIX "%s", text);
    if (strcmp(line, to.status) == 0)
        return;
    memcpy(to.status, line, sizeof line);
    (void)send_text(line, -1);
}

void notify_alive(void)
{
    (void)send_text("WATCHDOG=1", -1);
}

bool notify_store(const char *name, int fd)
{
    char text[TEXT_MAX];

    snprintf(text, sizeof text, "FDSTORE=1\nFDNAME=%s", name);
    return send_text(text, fd);
}

/* sd_listen_fds_with_names(3): names with colons between, of the descriptors from 3 on. */
int notify_stored(const char *name)
{
    const char *names = getenv("LISTEN_FDNAMES");
    int64_t n = read_number("LISTEN_FDS", STORED_MAX);
    size_t length = strlen(name);

    if (names == NULL || read_number("LISTEN_PID", INT32_MAX) != getpid())
        return -1;
    for (int i = 0; i < n; i++) {
        size_t part = strcspn(names, ":");
        int fd = STORED_FIRST + i;

        if (part == length && memcmp(names, name, part) == 0)
            return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
        names += part + (names[part] != 0 ? 1 : 0);
    }
    return -1;
}
