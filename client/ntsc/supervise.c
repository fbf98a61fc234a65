/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/supervise.h"

#include <limits.h>
#include <poll.h>
#include <string.h>

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

int supervise(struct orders *o)
{
    struct mono end = end_of_run(o);
    int error;
    bool good, stepped = false;

    (void)file_quota_begin();
    error = orders_start(o);
    good = error == 0;

    if (error != 0) {
        log_warning("cannot start the engine: %s", strerror(error));
        return EXIT_NO_ANSWER;
    }
    while (good && !orders_are_done(o)) {
        struct pollfd fds[] = {{.fd = o->socket, .events = POLLIN},
                               {.fd = file_quota_fd(), .events = POLLIN}};

        if (poll(fds, sizeof fds / sizeof *fds, mono_ms_until(end, clocks_mono(), INT_MAX)) == 0)
            break;
        good = fds[1].revents == 0 || file_quota_turn();
        good = good && (fds[0].revents == 0 || orders_handle(o));
        /* A first step may have to be confirmed, which takes as long again. */
        if (o->clock.limit.steps > 0 && !stepped)
            end = end_of_run(o);
        stepped = o->clock.limit.steps > 0;
    }
    starter_log_reports(o->starter);
    if (orders_are_done(o)) {
        plugin_unknown_end();
        return o->status;
    }
    starter_kill_engine(o->starter);
    log_warning("the engine %s; the clock was %s",
                good ? "did not end in time" : "ended without an answer or sent nonsense",
                o->clock.limit.steps > 0 ? "set before that" : "left alone");
    return EXIT_NO_ANSWER;
}
