/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/supervise.h"

#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "client/ntsc/children.h"
#include "client/ntsc/file_quota.h"
#include "client/ntsc/plugin_unknown.h"
#include "client/shared/clocks.h"
#include "client/shared/log.h"

/* The engine keeps the deadline itself; this long after it, it is taken for stuck. */
#define GRACE_MS 5000

static struct mono end_of_run(const struct orders *o)
{
    return (struct mono){clocks_mono().ns + (o->plan->options.timeout_ms + GRACE_MS) * NS_PER_MS};
}

/* What is true at its end: the engine has said its exit status, or why there is none. */
enum ending { END_DONE, END_STOPPED, END_LATE, END_LOST };

/* One wait for whatever comes first. */
static enum ending turn(struct orders *o, struct children_fds children, int wait_ms)
{
    struct pollfd fds[] = {{.fd = o->socket, .events = POLLIN},
                           {.fd = file_quota_fd(), .events = POLLIN},
                           {.fd = children.ended, .events = POLLIN},
                           {.fd = children.ending, .events = POLLIN}};

    if (poll(fds, sizeof fds / sizeof *fds, wait_ms) == 0)
        return END_LATE;
    if (fds[2].revents != 0)
        children_turn(o->starter, children);
    if (fds[3].revents != 0)
        return END_STOPPED;
    if (fds[1].revents != 0 && !file_quota_turn())
        return END_LOST;
    return fds[0].revents == 0 || orders_handle(o) ? END_DONE : END_LOST;
}

static enum ending follow(struct orders *o)
{
    const struct children_fds children = children_open();
    struct mono end = end_of_run(o);
    enum ending e = END_DONE;
    bool stepped = false;

    while (e == END_DONE && !orders_are_done(o)) {
        e = turn(o, children, mono_ms_until(end, clocks_mono(), INT_MAX));
        /* A first step may have to be confirmed, which takes as long again. */
        if (o->clock.limit.steps > 0 && !stepped)
            end = end_of_run(o);
        stepped = o->clock.limit.steps > 0;
    }
    return e;
}

int supervise(struct orders *o)
{
    enum ending e;
    int error;

    (void)file_quota_begin();
    error = orders_start(o);
    if (error != 0) {
        log_warning("cannot start the engine: %s", strerror(error));
        return EXIT_NO_ANSWER;
    }
    e = follow(o);
    starter_log_reports(o->starter);
    if (!orders_are_done(o))
        starter_kill_engine(o->starter);
    close(o->socket);
    if (orders_are_done(o)) {
        plugin_unknown_end();
        return o->status;
    }
    if (e == END_STOPPED)
        plugin_unknown_because("stopped by a signal");
    else
        log_warning("the engine %s; the clock was %s",
                    e == END_LATE ? "did not end in time"
                                  : "ended without an answer or sent nonsense",
                    o->clock.limit.steps > 0 ? "set before that" : "left alone");
    return EXIT_NO_ANSWER;
}
