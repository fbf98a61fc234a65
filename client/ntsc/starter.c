/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/ntsc/brake.h"
#include "client/ntsc/exchanges.h"
#include "client/ntsc/sandbox_starter.h"
#include "client/ntsc/spawn.h"
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
 * What the others still have to do when ntsc is gone: the engine to store what it knows, ntsc-ke to
 * take leave of its server.
 */
#define LEAVE_NS (2 * NS_PER_S)

enum what { START_ENGINE = 1, START_KE, KILL_ENGINE };

/* From ntsc, as it is: both ends are of one program. */
struct request {
    int32_t what;
    int32_t ca; /* START_KE: index of the CA file, or -1 */
    uint32_t server;
    int32_t timeout_ms;
};

/* To ntsc: a key exchange has begun. */
struct begun {
    uint32_t server;
    int32_t pid;
};

struct place {
    const struct handles *handles;
    int socket, reports[STARTER_REPORTS], report[STARTER_REPORTS];
    int engine; /* pidfd of the engine that was started last; -1: none */
    struct exchanges exchanges;
};

/* Its own end tells ntsc that it cannot be started: the socket is closed. */
static void start_engine(struct place *p, int socket)
{
    const struct spawn_order o = {.program = SPAWN_ENGINE,
                                  .files = {socket, p->handles->state, p->handles->status},
                                  .report = p->report[REPORTS_ENGINE]};
    int pidfd = spawn(&o, NULL);

    close(socket);
    if (pidfd < 0) {
        log_warning("cannot start %s: %s", SPAWN_ENGINE, strerror(errno));
        return;
    }
    if (p->engine >= 0)
        close(p->engine);
    p->engine = pidfd;
}

/* ntsc is told how its children end; which of them this one is only we know. */
static void tell_begun(void *arg, unsigned server, pid_t pid)
{
    const struct place *p = arg;
    const struct begun b = {.server = server, .pid = pid};

    (void)ipc_send(p->socket, &b, sizeof b, -1);
}

/* Of n octets: a known one, with the descriptor that belongs to it and no other. */
static bool makes_sense(const struct request *r, ssize_t n, int fd)
{
    if (n != (ssize_t)sizeof *r)
        return false;
    switch ((enum what)r->what) {
    case START_ENGINE:
        return fd >= 0;
    case START_KE:
        return fd >= 0 && r->server < SERVERS_MAX;
    case KILL_ENGINE:
        return fd < 0;
    }
    return false;
}

static void kill_engine(const struct place *p)
{
    if (p->engine >= 0)
        (void)syscall(SYS_pidfd_send_signal, p->engine, SIGKILL, NULL, 0);
}

static void fulfil(struct place *p, const struct request *r, int fd)
{
    switch ((enum what)r->what) {
    case START_ENGINE:
        start_engine(p, fd);
        break;
    case START_KE:
        exchanges_start(&p->exchanges, r->server, r->ca, r->timeout_ms, fd);
        break;
    case KILL_ENGINE:
        kill_engine(p);
        break;
    }
}

/* False when ntsc is gone, or says what makes no sense. */
static bool take_request(struct place *p)
{
    struct request r = {0};
    int fd;
    ssize_t n = ipc_receive(p->socket, &r, sizeof r, &fd);

    if (makes_sense(&r, n, fd)) {
        fulfil(p, &r, fd);
        return true;
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

static unsigned log_reports(enum starter_report from, int fd, struct brake_bucket *lines)
{
    struct sandbox_report r;
    unsigned n = 0;

    for (; n < REPORTS_AT_ONCE && sandbox_take_report(fd, &r); n++) {
        if (from == REPORTS_ENGINE || from == REPORTS_KE)
            r.process = from == REPORTS_ENGINE ? SANDBOX_ENGINE : SANDBOX_KE;
        if (brake_pass(lines, clocks_mono(), REPORTS_AT_ONCE, REPORT_NS))
            sandbox_log_report(&r);
    }
    return n;
}

/* Behind the places of the key exchanges in the array for poll(2). */
enum { FD_NTSC = SERVERS_MAX, FD_ENGINE, FDS };

/* Handles what poll(2) has seen; false when ntsc is gone. */
static bool turn(struct place *p, const struct pollfd *fds)
{
    bool goes_on = fds[FD_NTSC].revents == 0 || take_request(p);

    exchanges_turn(&p->exchanges, fds, clocks_mono());
    return goes_on;
}

/* As long as ntsc lives. What ntsc itself has to report in the end nobody else can log. */
static void serve(struct place *p)
{
    struct pollfd fds[FDS] = {0};
    struct brake_bucket lines = {0};

    bool alone = false;

    fds[FD_NTSC] = (struct pollfd){.fd = p->socket, .events = POLLIN};
    fds[FD_ENGINE].fd = -1;
    while (!alone) {
        int wait_ms = exchanges_poll(&p->exchanges, fds, clocks_mono());

        alone = poll(fds, FDS, wait_ms) >= 0 && !turn(p, fds);
    }
    (void)log_reports(REPORTS_OWN, p->reports[REPORTS_OWN], &lines);
}

/* Until all others have ended, so that whoever waits for us need not look for them. */
static void end_behind_others(struct place *p)
{
    struct mono last = {clocks_mono().ns + LEAVE_NS};
    struct pollfd fds[FDS] = {0};
    bool engine = p->engine >= 0;

    fds[FD_NTSC].fd = -1;
    exchanges_stop(&p->exchanges, last);
    while (engine || exchanges_run(&p->exchanges)) {
        struct mono now = clocks_mono();
        int wait_ms = exchanges_poll(&p->exchanges, fds, now);
        int left_ms = mono_ms_until(last, now, INT_MAX);

        if (engine && left_ms == 0)
            kill_engine(p);
        else if (engine && (wait_ms < 0 || left_ms < wait_ms))
            wait_ms = left_ms;
        fds[FD_ENGINE] = (struct pollfd){.fd = engine ? p->engine : -1, .events = POLLIN};
        if (poll(fds, FDS, wait_ms) < 0)
            continue;
        exchanges_turn(&p->exchanges, fds, clocks_mono());
        engine = engine && fds[FD_ENGINE].revents == 0;
    }
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
    error = privilege_keep_users(id);
    if (error != 0) {
        log_warning("cannot give up rights: %s", strerror(error));
        _exit(1);
    }
    sandbox_close_memory();
    sandbox_end_unless(SANDBOX_STARTER, p->report[REPORTS_OWN], SANDBOX_ABSENT,
                       sandbox_starter_enter(id, p->report[REPORTS_OWN]));
    spare_pages_release();
    serve(p);
    end_behind_others(p);
    _exit(0);
}

int starter_begin(struct starter *s, const struct identity *id, const struct handles *h,
                  unsigned ke_at_once)
{
    static struct place p; /* too large for the stack */
    int pair[2], pipe[2];
    int error = ipc_pair(pair);
    pid_t pid;

    if (error != 0)
        return error;
    p.handles = h;
    p.engine = -1;
    /* Who reports waits for nobody. */
    for (unsigned i = 0; i < STARTER_REPORTS; i++) {
        if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0)
            return errno;
        p.reports[i] = pipe[0];
        p.report[i] = pipe[1];
    }
    *s = (struct starter){.socket = pair[0], .report = p.report[REPORTS_OWN]};
    memcpy(s->reports, p.reports, sizeof s->reports);
    p.socket = pair[1];
    /* What ntsc does not read in time it can do without. */
    if (fcntl(p.socket, F_SETFL, O_NONBLOCK) != 0)
        return errno;
    exchanges_init(&p.exchanges, id, &h->ca, p.report[REPORTS_KE], ke_at_once);
    p.exchanges.begun = tell_begun;
    p.exchanges.arg = &p;
    spawn_prepare();
    pid = fork();
    if (pid < 0)
        return errno;
    if (pid == 0) {
        close(pair[0]);
        starter(&p, id);
    }
    close(pair[1]);
    s->pid = pid;
    return 0;
}

static int ask(const struct starter *s, const struct request *r, int fd)
{
    return ipc_send(s->socket, r, sizeof *r, fd);
}

int starter_engine(const struct starter *s, int socket)
{
    return ask(s, &(struct request){.what = START_ENGINE}, socket);
}

int starter_ke(const struct starter *s, int socket, int ca, unsigned server, int timeout_ms)
{
    const struct request r = {
        .what = START_KE, .ca = ca, .server = server, .timeout_ms = timeout_ms};

    return ask(s, &r, socket);
}

bool starter_started(const struct starter *s, unsigned *server, pid_t *pid)
{
    struct pollfd fd = {.fd = s->socket, .events = POLLIN};
    struct begun b;
    ssize_t n;

    if (poll(&fd, 1, 0) <= 0)
        return false;
    n = ipc_receive(s->socket, &b, sizeof b, NULL);
    if (n == (ssize_t)sizeof b && b.server < SERVERS_MAX) {
        *server = b.server;
        *pid = b.pid;
        return true;
    }
    if (n > 0)
        log_warning("the process that starts the others sent what makes no sense (%zd octets)", n);
    return false;
}

void starter_kill_engine(const struct starter *s)
{
    (void)ask(s, &(struct request){.what = KILL_ENGINE}, -1);
}

void starter_end(struct starter *s)
{
    close(s->socket);
    s->socket = -1;
}

unsigned starter_log_reports(const struct starter *s)
{
    static struct brake_bucket lines[STARTER_REPORTS];
    unsigned n = 0;

    for (unsigned i = 0; i < STARTER_REPORTS; i++)
        n += log_reports((enum starter_report)i, s->reports[i], &lines[i]);
    return n;
}
