/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/ntsc/spawn.h"
#include "client/shared/clocks.h"
#include "client/shared/ipc.h"
#include "client/shared/log.h"

static int ask(int socket, const struct starter_request *r, int fd)
{
    return ipc_send(socket, r, sizeof *r, fd);
}

/* Of one kind of process, when there is one for each. */
static int socket_of(const struct starter *s, enum starter_kind kind)
{
    return s->sockets[kind] >= 0 ? s->sockets[kind] : s->sockets[STARTER_OF_ENGINES];
}

/* Who reports waits for nobody. write[] are the processes' ends. Returns errno. */
static int open_pipes(struct starter *s, int write[STARTER_REPORTS])
{
    int ends[2];

    *s = (struct starter){.sockets = {-1, -1}};
    for (unsigned i = 0; i < STARTER_REPORTS; i++) {
        if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
            return errno;
        s->reports[i] = ends[0];
        write[i] = ends[1];
    }
    s->report = write[REPORTS_OWN];
    return 0;
}

/* What the fork has left us. */
static void inherit(struct starter_place *p, const struct starter *s, const struct handles *h,
                    const int write[STARTER_REPORTS])
{
    p->state = h->state;
    p->status = h->status;
    p->reports_own = s->reports[REPORTS_OWN];
    memcpy(p->report, write, sizeof p->report);
    for (; p->n_ca < h->ca.n && p->n_ca < SERVERS_MAX; p->n_ca++)
        p->ca[p->n_ca] = h->ca.files[p->n_ca].fd;
    if (h->lock >= 0)
        close(h->lock);
}

int starter_begin(struct starter *s, const struct identity *id, const struct handles *h,
                  unsigned ke_at_once)
{
    static struct starter_place p; /* too large for the stack */
    int pair[2], write[STARTER_REPORTS] = {-1, -1, -1};
    int error = open_pipes(s, write);

    if (error == 0)
        error = ipc_pair(pair);
    if (error != 0)
        return error;
    spawn_prepare();
    s->pid = fork();
    if (s->pid < 0)
        return errno;
    if (s->pid == 0) {
        close(pair[0]);
        starter_place_init(&p, pair[1], id, ke_at_once);
        inherit(&p, s, h, write);
        starter_serve(&p, id);
    }
    close(pair[1]);
    s->sockets[STARTER_OF_ENGINES] = pair[0];
    return 0;
}

static int connect_to(const char *dir, const char *name)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int n = snprintf(to.sun_path, sizeof to.sun_path, "%s/%s", dir, name);
    int fd, error;

    if (n < 0 || (size_t)n >= sizeof to.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int give(int socket, enum starter_what what, int index, int fd)
{
    const struct starter_request r = {.what = (int32_t)what, .index = index};

    return fd < 0 ? 0 : ask(socket, &r, fd);
}

/* To each what those whom it starts need; returns errno. */
static int hand_over(const struct starter *s, const struct handles *h,
                     const int write[STARTER_REPORTS])
{
    const int engines = s->sockets[STARTER_OF_ENGINES], kes = s->sockets[STARTER_OF_KE];
    const struct {
        int socket;
        enum starter_what what;
        int index, fd;
    } gifts[] = {{engines, STARTER_TAKE_REPORT, REPORTS_OWN, write[REPORTS_OWN]},
                 {engines, STARTER_TAKE_REPORT, REPORTS_ENGINE, write[REPORTS_ENGINE]},
                 {engines, STARTER_TAKE_REPORTS, 0, s->reports[REPORTS_OWN]},
                 {engines, STARTER_TAKE_STATE, 0, h->state},
                 {engines, STARTER_TAKE_STATUS, 0, h->status},
                 {kes, STARTER_TAKE_REPORT, REPORTS_OWN, write[REPORTS_OWN]},
                 {kes, STARTER_TAKE_REPORT, REPORTS_KE, write[REPORTS_KE]}};
    int error = 0;

    for (size_t i = 0; error == 0 && i < sizeof gifts / sizeof *gifts; i++)
        error = give(gifts[i].socket, gifts[i].what, gifts[i].index, gifts[i].fd);
    for (unsigned i = 0; error == 0 && i < h->ca.n && i < SERVERS_MAX; i++)
        error = give(kes, STARTER_TAKE_CA, 0, h->ca.files[i].fd);
    return error;
}

int starter_connect(struct starter *s, const char *dir, const struct handles *h)
{
    static const char *const names[STARTER_KINDS] = {"engine", "ke"};
    int write[STARTER_REPORTS] = {-1, -1, -1};
    int error = open_pipes(s, write);

    for (unsigned i = 0; error == 0 && i < STARTER_KINDS; i++) {
        s->sockets[i] = connect_to(dir, names[i]);
        error = s->sockets[i] < 0 ? errno : 0;
    }
    if (error == 0)
        error = hand_over(s, h, write);
    /* Only they have these from here on. */
    if (error == 0) {
        close(write[REPORTS_ENGINE]);
        close(write[REPORTS_KE]);
    }
    return error;
}

int starter_engine(const struct starter *s, int socket)
{
    return ask(socket_of(s, STARTER_OF_ENGINES), &(struct starter_request){.what = STARTER_ENGINE},
               socket);
}

int starter_ke(const struct starter *s, int socket, int ca, unsigned server, int timeout_ms)
{
    const struct starter_request r = {
        .what = STARTER_KE, .index = ca, .server = server, .timeout_ms = timeout_ms};

    return ask(socket_of(s, STARTER_OF_KE), &r, socket);
}

bool starter_ended(const struct starter *s, struct starter_ended *e)
{
    for (unsigned i = 0; i < STARTER_KINDS; i++) {
        struct pollfd fd = {.fd = s->sockets[i], .events = POLLIN};
        ssize_t n;

        if (fd.fd < 0 || poll(&fd, 1, 0) <= 0)
            continue;
        n = ipc_receive(fd.fd, e, sizeof *e, NULL);
        if (n == (ssize_t)sizeof *e && e->server >= -1 && e->server < SERVERS_MAX)
            return true;
        if (n > 0)
            log_warning("the process that starts the others sent what makes no sense (%zd octets)",
                        n);
    }
    return false;
}

void starter_kill_engine(const struct starter *s)
{
    (void)ask(socket_of(s, STARTER_OF_ENGINES),
              &(struct starter_request){.what = STARTER_KILL_ENGINE}, -1);
}

void starter_leave(const struct starter *s, int timeout_ms)
{
    struct mono end = {clocks_mono().ns + timeout_ms * NS_PER_MS};

    for (unsigned i = 0; i < STARTER_KINDS; i++)
        if (s->sockets[i] >= 0)
            (void)ask(s->sockets[i], &(struct starter_request){.what = STARTER_LEAVE}, -1);
    for (unsigned i = 0; i < STARTER_KINDS; i++) {
        struct pollfd fd = {.fd = s->sockets[i], .events = POLLIN};
        struct starter_ended e;
        int left = 0;

        /* What it still tells is nobody's concern; then its end closes. */
        while (fd.fd >= 0 && (left = mono_ms_until(end, clocks_mono(), timeout_ms)) > 0 &&
               (poll(&fd, 1, left) <= 0 || ipc_receive(fd.fd, &e, sizeof e, NULL) > 0))
            continue;
        if (fd.fd >= 0 && left == 0)
            return;
    }
}

unsigned starter_log_reports(const struct starter *s)
{
    static struct brake_bucket lines[STARTER_REPORTS];
    unsigned n = 0;

    for (unsigned i = 0; i < STARTER_REPORTS; i++)
        n += starter_log_pipe((enum starter_report)i, s->reports[i], &lines[i]);
    return n;
}
