/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/starter_place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/ntsc/sandbox_starter.h"
#include "client/ntsc/spawn.h"
#include "client/ntsc/starter_msg.h"
#include "client/shared/clocks.h"
#include "client/shared/ipc.h"
#include "client/shared/log.h"
#include "client/shared/spare_pages.h"

/*
 * A process that is in other hands shall not fill the log. An honest one reports once, and has
 * ended then; so few are read at once, and as few logged a minute.
 */
#define REPORTS_AT_ONCE 8
#define REPORT_NS       (60 * NS_PER_S / REPORTS_AT_ONCE)

/*
 * What those who were started still have to do when ntsc is gone: ntsc-ke to take leave of its
 * server, the engine, whose socket has closed, to end.
 */
#define LEAVE_NS (2 * NS_PER_S)

/* Behind the descriptors of the exchanges. */
enum { POLL_SOCKET = SERVERS_MAX, POLL_ENGINE, POLLED };

void starter_place_init(struct starter_place *p, int socket, const struct identity *id,
                        unsigned ke_at_once)
{
    *p = (struct starter_place){.socket = socket,
                                .state = -1,
                                .status = -1,
                                .report = {-1, -1, -1},
                                .reports_own = -1,
                                .engine = -1};
    exchanges_init(&p->exchanges, id, ke_at_once);
}

/* Its own end tells ntsc that it cannot be started: the socket is closed. */
static void start_engine(struct starter_place *p, int socket)
{
    const struct spawn_order o = {.program = SPAWN_ENGINE,
                                  .files = {socket, p->state, p->status},
                                  .report = p->report[REPORTS_ENGINE]};
    pid_t pid = 0;
    int pidfd = spawn(&o, &pid);

    close(socket);
    if (pidfd < 0) {
        log_warning("cannot start %s: %s", SPAWN_ENGINE, strerror(errno));
        return;
    }
    if (p->engine >= 0)
        close(p->engine);
    p->engine = pidfd;
    p->engine_pid = pid;
}

static void kill_engine(const struct starter_place *p)
{
    if (p->engine >= 0)
        (void)syscall(SYS_pidfd_send_signal, p->engine, SIGKILL, NULL, 0);
}

/* Where a descriptor that comes before all others is kept; NULL: no such one is wanted. */
static int *place_of(struct starter_place *p, const struct starter_request *r)
{
    switch ((enum starter_what)r->what) {
    case STARTER_TAKE_STATE:
        return &p->state;
    case STARTER_TAKE_STATUS:
        return &p->status;
    case STARTER_TAKE_REPORTS:
        return &p->reports_own;
    case STARTER_TAKE_REPORT:
        return r->index >= 0 && r->index < STARTER_REPORTS ? &p->report[r->index] : NULL;
    case STARTER_TAKE_CA:
        return p->n_ca < SERVERS_MAX ? &p->ca[p->n_ca] : NULL;
    case STARTER_ENGINE:
    case STARTER_KE:
    case STARTER_KILL_ENGINE:
    case STARTER_LEAVE:
        break;
    }
    return NULL;
}

/* Of n octets: a known one, with the descriptor that belongs to it and no other. */
static bool makes_sense(struct starter_place *p, const struct starter_request *r, ssize_t n, int fd)
{
    if (n != (ssize_t)sizeof *r)
        return false;
    switch ((enum starter_what)r->what) {
    case STARTER_ENGINE:
        return fd >= 0;
    case STARTER_KE:
        return fd >= 0 && r->server < SERVERS_MAX;
    case STARTER_KILL_ENGINE:
    case STARTER_LEAVE:
        return fd < 0;
    case STARTER_TAKE_STATE:
    case STARTER_TAKE_STATUS:
    case STARTER_TAKE_CA:
    case STARTER_TAKE_REPORT:
    case STARTER_TAKE_REPORTS:
        return fd >= 0 && place_of(p, r) != NULL;
    }
    return false;
}

static void fulfil(struct starter_place *p, const struct starter_request *r, int fd)
{
    bool known = r->index >= 0 && (unsigned)r->index < p->n_ca;

    switch ((enum starter_what)r->what) {
    case STARTER_ENGINE:
        start_engine(p, fd);
        break;
    case STARTER_KE:
        p->exchanges.report = p->report[REPORTS_KE];
        exchanges_start(&p->exchanges, r->server, known ? p->ca[r->index] : -1, r->timeout_ms, fd);
        break;
    case STARTER_KILL_ENGINE:
        kill_engine(p);
        break;
    case STARTER_LEAVE:
        break;
    case STARTER_TAKE_STATE:
    case STARTER_TAKE_STATUS:
    case STARTER_TAKE_CA:
    case STARTER_TAKE_REPORT:
    case STARTER_TAKE_REPORTS:
        *place_of(p, r) = fd;
        p->n_ca += r->what == STARTER_TAKE_CA;
        break;
    }
}

/* False when ntsc is gone or goes, or says what makes no sense. */
static bool take_request(struct starter_place *p)
{
    struct starter_request r = {0};
    int fd;
    ssize_t n = ipc_receive(p->socket, &r, sizeof r, &fd);

    if (makes_sense(p, &r, n, fd)) {
        fulfil(p, &r, fd);
        return r.what != STARTER_LEAVE;
    }
    if (n < 0 && errno != ECONNRESET)
        log_warning("cannot receive from ntsc: %s", strerror(errno));
    if (n > 0)
        log_warning("a message of ntsc makes no sense (request %" PRId32
                    ", %zd octets): the process that starts the others ends",
                    r.what, n);
    if (fd >= 0)
        close(fd);
    return false;
}

/* Of all whose end came; ntsc is told. */
static void bury(struct starter_place *p)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        const struct starter_ended e = {.server = exchanges_ended(&p->exchanges, pid),
                                        .status = status};

        if (p->engine >= 0 && pid == p->engine_pid) {
            close(p->engine);
            p->engine = -1;
        }
        (void)ipc_send(p->socket, &e, sizeof e, -1);
    }
}

unsigned starter_log_pipe(enum starter_report from, int fd, struct brake_bucket *lines)
{
    struct sandbox_report r;
    unsigned n = 0;

    for (; n < REPORTS_AT_ONCE && fd >= 0 && sandbox_take_report(fd, &r); n++) {
        if (from == REPORTS_ENGINE || from == REPORTS_KE)
            r.process = from == REPORTS_ENGINE ? SANDBOX_ENGINE : SANDBOX_KE;
        if (brake_pass(lines, clocks_mono(), REPORTS_AT_ONCE, REPORT_NS))
            sandbox_log_report(&r);
    }
    return n;
}

/* Handles what poll(2) has seen; false when ntsc is gone or has no more to ask. */
static bool turn(struct starter_place *p, const struct pollfd *fds)
{
    bool goes_on = fds[POLL_SOCKET].revents == 0 || take_request(p);

    bury(p);
    exchanges_turn(&p->exchanges, clocks_mono());
    return goes_on;
}

static int wait_ms(const struct starter_place *p, struct pollfd *fds, const struct mono *last)
{
    struct mono now = clocks_mono();
    int ms = exchanges_poll(&p->exchanges, fds, now);
    int left = last == NULL ? -1 : mono_ms_until(*last, now, INT_MAX);

    fds[POLL_SOCKET] = (struct pollfd){.fd = last == NULL ? p->socket : -1, .events = POLLIN};
    fds[POLL_ENGINE] = (struct pollfd){.fd = p->engine, .events = POLLIN};
    if (ms < 0 || left < 0)
        return ms < 0 ? left : ms;
    return left < ms ? left : ms;
}

/* ntsc has gone, or goes: what it has to report in the end nobody else can log. */
static _Noreturn void leave(struct starter_place *p)
{
    struct mono last = {clocks_mono().ns + LEAVE_NS};
    struct pollfd fds[POLLED];
    struct brake_bucket lines = {0};

    (void)starter_log_pipe(REPORTS_OWN, p->reports_own, &lines);
    exchanges_stop(&p->exchanges, last);
    while (exchanges_run(&p->exchanges) || p->engine >= 0) {
        if (clocks_mono().ns >= last.ns) {
            kill_engine(p);
            last.ns = clocks_mono().ns + LEAVE_NS;
        }
        if (poll(fds, POLLED, wait_ms(p, fds, &last)) >= 0)
            (void)turn(p, fds);
    }
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

void starter_serve(struct starter_place *p, const struct identity *id)
{
    struct pollfd fds[POLLED];
    int error;

    block_signals();
    (void)prctl(PR_SET_NAME, "ntsc-starter", 0, 0, 0);
    signal(SIGCHLD, SIG_DFL);
    error = privilege_keep_users(id);
    if (error == 0 && fcntl(p->socket, F_SETFL, O_NONBLOCK) != 0)
        error = errno; /* what ntsc does not read in time it can do without */
    if (error != 0) {
        log_warning("cannot give up rights: %s", strerror(error));
        _exit(1);
    }
    sandbox_close_memory();
    sandbox_end_unless(SANDBOX_STARTER, p->report[REPORTS_OWN], SANDBOX_ABSENT,
                       sandbox_starter_enter(id, p->report[REPORTS_OWN]));
    spare_pages_release();
    while (poll(fds, POLLED, wait_ms(p, fds, NULL)) < 0 || turn(p, fds))
        continue;
    leave(p);
}
