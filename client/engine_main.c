/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc-engine: started by ntsc only; what to do comes through MSG_FD. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "client/daemon.h"
#include "client/engine.h"
#include "client/leap_read.h"
#include "client/log.h"
#include "client/oneshot.h"
#include "client/parent.h"
#include "client/report.h"
#include "client/sandbox.h"
#include "client/sandbox_engine.h"

static void set_clock(struct conclusion *c)
{
    int64_t bound_us = c->bound_ns / 1000 + 1;
    struct msg_clock m = {.type = MSG_CLOCK, .order = {.what = CLOCK_SET_STEP}};
    struct msg_clock_result r;
    size_t n;

    m.order.step_ns = c->offset_ns;
    /* With a bound the kernel counts the clock as synchronized, until the bound, which it lets
       grow, is too large. */
    if (bound_us < CLOCK_ERROR_MAX_US) {
        m.order.what |= CLOCK_SET_STATUS | CLOCK_SET_ERRORS;
        m.order.maxerror_us = (int32_t)bound_us;
        m.order.esterror_us = (int32_t)bound_us;
    }
    parent_send(&m, sizeof m);
    n = parent_receive(&r, sizeof r, NULL);
    if (!msg_clock_result_valid(&r, n)) {
        log_warning("bad answer to a step");
        _exit(1);
    }
    c->set_errno = r.verdict == CLOCK_VERDICT_OK ? r.error : EPERM;
    c->verdict = c->set_errno == 0 ? VERDICT_SET : VERDICT_SET_FAILED;
}

static int run_oneshot(struct oneshot *o)
{
    const struct msg_setup *setup = &o->engine.setup;
    struct conclusion c;

    oneshot_run(o);
    c = oneshot_conclude(o);
    if (setup->mode == RUN_SET && c.verdict == VERDICT_OK)
        set_clock(&c);
    (setup->json ? report_json : report_text)(stdout, o, &c);
    fflush(stdout);
    return oneshot_exit_status(c.verdict);
}

/*
 * A terminal or systemd signals the whole group; what to do about it is ntsc's decision, so that
 * the frequency is stored before the end. When ntsc is gone its socket says so.
 */
static void leave_signals_to_ntsc(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_IGN);
}

int main(void)
{
    /* One of the two runs; both begin with the engine. */
    static union {
        struct engine engine;
        struct oneshot oneshot;
        struct daemon daemon;
    } all;
    struct engine *e = &all.engine;
    int status = 0;

    sandbox_close_memory();
    engine_receive_setup(e);
    engine_prepare(e, e->setup.mode == RUN_DAEMON ? &pilot_policy : &oneshot_policy);
    if (e->setup.mode == RUN_DAEMON) {
        leave_signals_to_ntsc();
        leap_read_system(&all.daemon.ensemble.leaps);
    }
    sandbox_engine_enter(parent_state_dir(&e->setup), parent_status_dir(&e->setup));
    if (e->setup.mode == RUN_DAEMON) {
        daemon_run(&all.daemon);
    } else {
        status = run_oneshot(&all.oneshot);
    }
    engine_finish(e);
    parent_done(status);
}
