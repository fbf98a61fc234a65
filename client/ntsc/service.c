/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/service.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/ntsc/file_quota.h"
#include "client/ntsc/notify.h"
#include "client/ntsc/service_state.h"
#include "client/ntsc/sync_flag.h"
#include "client/ntsc/watchdog.h"
#include "client/shared/clocks.h"
#include "client/shared/ipc.h"
#include "client/shared/log.h"
#include "client/shared/spare_pages.h"

/* An engine that dies is started again after a pause that doubles, up to a minute. */
#define PAUSE_FIRST_S 1
#define PAUSE_MAX_S   64
/* Having run this long, it was good. */
#define GOOD_RUN_S 600

/* At the end the engine gets this long to store what it knows. */
#define STOP_MS 10000

/* More than this between CLOCK_BOOTTIME and CLOCK_MONOTONIC is sleep, not the reading of clocks. */
#define SLEPT_NS (NS_PER_S / 10)

struct service {
    enum service_state state;
    struct orders *orders;
    struct plan *plan;
    int signals;
    int64_t slept_ns;
    struct mono started, restart_at;
    int pause_s;
    unsigned reported; /* by processes of whose end we have not heard */
    enum service_sync sync;
    struct watchdog watchdog;
};

static void event(struct service *s, enum service_event e)
{
    s->state = service_next(s->state, e);
}

static bool has_engine(const struct service *s)
{
    return service_has_engine(s->state);
}

static int open_signals(void)
{
    static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        sigaddset(&set, wanted[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Returns after how many seconds. */
static int plan_restart(struct service *s)
{
    int pause_s = s->pause_s;

    s->restart_at.ns = clocks_mono().ns + pause_s * NS_PER_S;
    s->pause_s = pause_s * 2 > PAUSE_MAX_S ? PAUSE_MAX_S : pause_s * 2;
    return pause_s;
}

static void start(struct service *s)
{
    int error = file_quota_begin() ? orders_start(s->orders) : EDQUOT;

    s->started = clocks_mono();
    watchdog_heard(&s->watchdog);
    if (error == 0) {
        event(s, SERVICE_EV_STARTED);
        return;
    }
    log_warning("cannot start the engine: %s",
                error == EDQUOT
                    ? "its directories hold more files than it can have made: remove some"
                    : strerror(error));
    (void)plan_restart(s);
}

/* The engine is gone or has lost our trust: a new one follows, unless we end ourselves. */
static void lost(struct service *s)
{
    struct mono now = clocks_mono();

    starter_kill_engine(s->orders->starter);
    close(s->orders->socket);
    event(s, SERVICE_EV_ENGINE_ENDED);
    clock_keeper_engine_ended(&s->orders->clock);
    if (!service_goes_on(s->state))
        return;
    if (now.ns - s->started.ns > GOOD_RUN_S * NS_PER_S)
        s->pause_s = PAUSE_FIRST_S;
    log_warning("the engine ended unexpectedly: a new one starts in %d s; the clock keeps its "
                "frequency meanwhile",
                plan_restart(s));
}

static void control(struct service *s, enum msg_control_what what)
{
    struct msg_control m = {.type = MSG_CONTROL, .what = what};

    if (has_engine(s))
        (void)ipc_send(s->orders->socket, &m, sizeof m, -1);
}

static void read_again(struct service *s)
{
    static struct plan next;

    next = (struct plan){.options = s->plan->options};
    if (!plan_make(&next)) {
        log_warning("the configuration stays as it was");
        return;
    }
    if (strcmp(conf_text(&next.conf, next.conf.statedir),
               conf_text(&s->plan->conf, s->plan->conf.statedir)) != 0 ||
        strcmp(conf_text(&next.conf, next.conf.user),
               conf_text(&s->plan->conf, s->plan->conf.user)) != 0)
        log_warning("a new statedir or user takes effect at the next start only");
    *s->plan = next;
    s->orders->generation++;
    memset(s->orders->ke, 0, sizeof s->orders->ke); /* other servers, perhaps */
    s->orders->clock.limit.step_ns = next.conf.step_ns;
    s->orders->clock.limit.step_count = next.conf.step_count;
    clock_keeper_allow(&s->orders->clock, &next.conf);
    log_notice("configuration read again: %u servers", next.conf.n_servers);
    if (has_engine(s) && orders_send_plan(s->orders) != 0)
        lost(s);
}

static void reload(struct service *s)
{
    notify_reloading();
    read_again(s);
    notify_ready();
}

/*
 * SIGKILL is ours, SIGIO ends a key exchange that nobody waits for; who died of SIGSYS has reported
 * which call it was, if it had come as far as its own code.
 */
static void hear_of_ends(struct service *s)
{
    struct starter_ended e;

    while (starter_ended(s->orders->starter, &e)) {
        int by = WIFSIGNALED(e.status) ? WTERMSIG(e.status) : 0;

        orders_ended(s->orders, &e);
        s->reported += by == SIGSYS ? starter_log_reports(s->orders->starter) : 0;
        if (by == SIGSYS && s->reported > 0)
            s->reported--;
        else if (by != 0 && by != SIGKILL && by != SIGIO)
            log_warning("a helper process died of signal %d (%s)", by, strsignal(by));
    }
}

static void take_signals(struct service *s)
{
    struct signalfd_siginfo info;

    while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        switch (info.ssi_signo) {
        case SIGHUP:
            reload(s);
            break;
        case SIGUSR1:
            control(s, CONTROL_POLL_NOW);
            break;
        default:
            event(s, SERVICE_EV_STOP);
        }
    }
}

/* The machine slept: seen by our own clocks, not told by the engine. */
static void notice_sleep(struct service *s)
{
    int64_t slept = clocks_slept_ns();

    if (slept - s->slept_ns > SLEPT_NS)
        clock_limit_resumed(&s->orders->clock.limit);
    s->slept_ns = slept;
}

/* Lets the engine store what it knows, and goes on fulfilling its last orders meanwhile. */
static void end_engine(struct service *s)
{
    struct mono end = {clocks_mono().ns + STOP_MS * NS_PER_MS};

    control(s, CONTROL_STOP);
    while (has_engine(s)) {
        struct pollfd fd = {.fd = s->orders->socket, .events = POLLIN};
        int left = mono_ms_until(end, clocks_mono(), STOP_MS);

        if (left == 0 || poll(&fd, 1, left) == 0 || !orders_handle(s->orders)) {
            starter_kill_engine(s->orders->starter);
            event(s, SERVICE_EV_ENGINE_ENDED);
        } else if (orders_are_done(s->orders)) {
            event(s, SERVICE_EV_ENGINE_ENDED);
        }
    }
}

/* The exit status. */
static int stop(struct service *s)
{
    notify_stopping();
    end_engine(s);
    sync_flag_clear();
    clock_keeper_save(&s->orders->clock);
    clock_keeper_engine_ended(&s->orders->clock);
    log_notice("stopped; the clock keeps its frequency");
    return s->state == SERVICE_BROKEN ? EXIT_BROKE : EXIT_FINE;
}

/* What the service manager is told of the state, in one line; of a change only. */
static void show(struct service *s)
{
    enum service_sync now = service_sync_next(s->sync, s->orders->clock.synchronized);

    if (now == SERVICE_SYNC_NOW && s->sync == SERVICE_SYNC_NOT_YET)
        sync_flag_set();
    s->sync = now;
    notify_status(service_words(s->state, s->sync, s->plan->options.monitor_only));
}

/* Nobody can start an engine or a key exchange any more; who has started us may start us anew. */
static void starter_gone(struct service *s)
{
    log_warning("the process that starts the others has ended, and with it the daemon");
    event(s, SERVICE_EV_STARTER_GONE);
}

static int wait_ms(const struct service *s)
{
    struct mono now = clocks_mono();

    if (has_engine(s)) {
        int watchdog = watchdog_wait_ms(&s->watchdog, now);
        int look = clock_keeper_wait_ms(&s->orders->clock);

        return look < 0 || (watchdog >= 0 && watchdog < look) ? watchdog : look;
    }
    return mono_ms_until(s->restart_at, now, INT_MAX);
}

static void show_life(struct service *s)
{
    enum watchdog_action action = watchdog_turn(&s->watchdog, clocks_mono(), has_engine(s));

    if (action == WATCHDOG_TELL)
        notify_alive();
    else if (action == WATCHDOG_ASK)
        control(s, CONTROL_SHOW_LIFE);
}

/* The engine has said something, or is gone. */
static void hear_engine(struct service *s)
{
    if (!orders_handle(s->orders)) {
        lost(s);
        return;
    }
    watchdog_heard(&s->watchdog);
    switch (s->orders->state) {
    case ORDERS_OPEN:
    case ORDERS_DENIED:
        break;
    case ORDERS_DONE: /* and nobody has asked it to end */
        lost(s);
        break;
    case ORDERS_DONE_DENIED: /* it cannot go on, and has logged why */
        event(s, SERVICE_EV_DENIED);
        break;
    }
}

static void look_at_files(struct service *s)
{
    if (file_quota_turn() || !has_engine(s))
        return;
    log_warning("the engine has made more files in its directories than it needs, and is not "
                "trusted any more");
    lost(s);
}

static void look_at_starters(struct service *s, const struct pollfd fds[STARTER_KINDS])
{
    for (unsigned i = 0; i < STARTER_KINDS; i++)
        if ((fds[i].revents & POLLIN) != 0)
            hear_of_ends(s);
    if (((fds[STARTER_OF_ENGINES].revents | fds[STARTER_OF_KE].revents) & ~POLLIN) != 0)
        starter_gone(s);
}

/* Waits for whatever comes first, and handles it. */
static void turn(struct service *s)
{
    struct orders *o = s->orders;
    const int *reports = o->starter->reports, *starters = o->starter->sockets;
    struct pollfd fds[] = {{.fd = s->signals, .events = POLLIN},
                           {.fd = has_engine(s) ? o->socket : -1, .events = POLLIN},
                           {.fd = starters[STARTER_OF_ENGINES], .events = POLLIN},
                           {.fd = starters[STARTER_OF_KE], .events = POLLIN},
                           {.fd = reports[REPORTS_OWN], .events = POLLIN},
                           {.fd = reports[REPORTS_ENGINE], .events = POLLIN},
                           {.fd = reports[REPORTS_KE], .events = POLLIN},
                           {.fd = file_quota_fd(), .events = POLLIN}};

    if (poll(fds, sizeof fds / sizeof *fds, wait_ms(s)) < 0)
        return;
    notice_sleep(s);
    if (has_engine(s) && clock_keeper_wait_ms(&o->clock) == 0 && !orders_look(o)) {
        lost(s);
        return;
    }
    if (fds[4].revents != 0 || fds[5].revents != 0 || fds[6].revents != 0)
        s->reported += starter_log_reports(o->starter);
    if (fds[0].revents != 0)
        take_signals(s);
    look_at_starters(s, &fds[2]);
    if (fds[1].revents != 0 && has_engine(s))
        hear_engine(s);
    if (fds[7].revents != 0)
        look_at_files(s);
}

int service_run(struct orders *o, struct plan *plan)
{
    struct service s = {.orders = o, .plan = plan, .pause_s = PAUSE_FIRST_S};

    s.signals = open_signals();
    if (s.signals < 0) {
        log_warning("signalfd: %s", strerror(errno));
        return EXIT_BROKE;
    }
    s.slept_ns = clocks_slept_ns();
    log_notice("ntsc " NTSC_VERSION " started: %u servers%s", plan->conf.n_servers,
               plan->options.monitor_only ? "; the clock is not touched (-x)" : "");
    start(&s);
    notify_ready();
    watchdog_init(&s.watchdog, notify_watchdog_ns(), clocks_mono());
    spare_pages_release();
    while (service_goes_on(s.state)) {
        if (!has_engine(&s) && s.restart_at.ns <= clocks_mono().ns) {
            start(&s);
            continue;
        }
        show(&s);
        show_life(&s);
        turn(&s);
    }
    return s.state == SERVICE_DENIED ? o->status : stop(&s);
}
