/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/ntsc/spawn.h"
#include "client/shared/ipc.h"
#include "client/shared/log.h"
#include "client/shared/sandbox.h"
#include "client/shared/spare_pages.h"
#include "common/msg/msg.h"

/* A process that is in other hands shall not fill the log. */
#define REPORTS_AT_ONCE 8

enum what { START_ENGINE = 1, START_KE, KILL_ENGINE };

/* From ntsc, as it is: both ends are of one program. */
struct request {
    int32_t what;
    int32_t ca; /* START_KE: index of the CA file, or -1 */
};

struct place {
    const struct handles *handles;
    int socket, reports, report;
    int engine; /* pidfd of the engine that was started last; -1: none */
};

/* Its own end tells ntsc that it cannot be started: the socket is closed. */
static void start(struct place *p, const char *program, const int *files, int n)
{
    int pidfd = spawn(program, files, n, p->report);

    if (pidfd < 0) {
        log_warning("cannot start %s: %s", program, strerror(errno));
        return;
    }
    if (strcmp(program, SPAWN_ENGINE) != 0) {
        close(pidfd);
        return;
    }
    if (p->engine >= 0)
        close(p->engine);
    p->engine = pidfd;
}

static void start_engine(struct place *p, int socket)
{
    const int files[] = {socket, p->handles->state, p->handles->status};

    start(p, SPAWN_ENGINE, files, 3);
}

static void start_ke(struct place *p, int socket, int32_t ca)
{
    bool known = ca >= 0 && (unsigned)ca < p->handles->ca.n;
    const int files[] = {socket, known ? p->handles->ca.files[ca].fd : -1};

    start(p, SPAWN_KE, files, 2);
}

static void fulfil(struct place *p, const struct request *r, int fd)
{
    switch (r->what) {
    case START_ENGINE:
        start_engine(p, fd);
        break;
    case START_KE:
        start_ke(p, fd, r->ca);
        break;
    case KILL_ENGINE:
        if (p->engine >= 0)
            (void)syscall(SYS_pidfd_send_signal, p->engine, SIGKILL, NULL, 0);
        break;
    default:
        break;
    }
    if (fd >= 0)
        close(fd);
}

static unsigned log_reports(int fd)
{
    struct sandbox_report r;
    unsigned n = 0;

    for (; n < REPORTS_AT_ONCE && sandbox_take_report(fd, &r); n++)
        sandbox_log_report(&r);
    return n;
}

/* As long as ntsc lives. What ntsc itself has to report in the end nobody else can log. */
static _Noreturn void serve(struct place *p)
{
    struct request r;
    int fd;

    while (ipc_receive(p->socket, &r, sizeof r, &fd) == (ssize_t)sizeof r)
        fulfil(p, &r, fd);
    (void)log_reports(p->reports);
    _exit(0);
}

/* Signals are ntsc's to answer; SIGSYS is about this process. */
static void block_signals(void)
{
    sigset_t most;

    sigfillset(&most);
    sigdelset(&most, SIGSYS);
    sigprocmask(SIG_SETMASK, &most, NULL);
}

static _Noreturn void starter(struct place *p, const struct identity *id)
{
    int error;

    if (p->handles->lock >= 0)
        close(p->handles->lock);
    block_signals();
    (void)prctl(PR_SET_NAME, "ntsc-starter", 0, 0, 0);
    signal(SIGCHLD, SIG_DFL);
    error = privilege_drop_all(id);
    if (error != 0) {
        log_warning("cannot give up rights: %s", strerror(error));
        _exit(1);
    }
    sandbox_close_memory();
    (void)sandbox_filter(SANDBOX_STARTER, p->report, sandbox_starter, sandbox_starter_len);
    spare_pages_release();
    serve(p);
}

int starter_begin(struct starter *s, const struct identity *id, const struct handles *h)
{
    int pair[2], pipe[2];
    int error = ipc_pair(pair);
    struct place p = {.handles = h, .engine = -1};
    pid_t pid;

    if (error != 0)
        return error;
    /* Who reports waits for nobody. */
    if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return errno;
    *s = (struct starter){.socket = pair[0], .reports = pipe[0], .report = pipe[1]};
    p.socket = pair[1];
    p.reports = pipe[0];
    p.report = pipe[1];
    spawn_prepare();
    pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0) {
        close(pair[0]);
        starter(&p, id);
    }
    close(pair[1]);
    return 0;
}

static int ask(const struct starter *s, int32_t what, int32_t ca, int fd)
{
    const struct request r = {.what = what, .ca = ca};

    return ipc_send(s->socket, &r, sizeof r, fd);
}

int starter_engine(const struct starter *s, int socket)
{
    return ask(s, START_ENGINE, -1, socket);
}

int starter_ke(const struct starter *s, int socket, int ca)
{
    return ask(s, START_KE, ca, socket);
}

void starter_kill_engine(const struct starter *s)
{
    (void)ask(s, KILL_ENGINE, -1, -1);
}

unsigned starter_log_reports(const struct starter *s)
{
    return log_reports(s->reports);
}
