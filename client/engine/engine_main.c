/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc-engine: started by ntsc only; what to do comes through MSG_FD. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "client/engine/daemon.h"
#include "client/engine/engine.h"
#include "client/engine/oneshot.h"
#include "client/engine/parent.h"
#include "client/engine/report.h"
#include "client/engine/sandbox_engine.h"
#include "client/shared/exit_status.h"
#include "client/shared/log.h"
#include "client/shared/sandbox.h"

/* Returns errno. What comes of a key exchange that was asked for before is wanted no more. */
static int change_clock(const struct clock_order *order)
{
    const struct msg_clock m = {.type = MSG_CLOCK, .order = *order};
    union {
        struct msg_ke_socket ke_socket;
        struct msg_clock_result result;
    } r;
    size_t n;
    int fd;

    parent_send(&m, sizeof m);
    do {
        n = parent_receive(&r, sizeof r, &fd);
        if (fd >= 0)
            close(fd);
    } while (msg_ke_socket_valid(&r, n, SERVERS_MAX));
    if (!msg_clock_result_valid(&r, n))
        parent_refuse(&r, n);
    return r.result.answer.verdict == CLOCK_VERDICT_OK ? r.result.answer.error : EPERM;
}

/*
 * A step and the bound within which the clock is right afterwards: with it the kernel counts the
 * clock as synchronized, until the bound, which it lets grow, is too large.
 */
static void set_clock(struct conclusion *c, int64_t step_ns, int64_t bound_ns)
{
    struct clock_order order = {.what = step_ns != 0 ? CLOCK_SET_STEP : 0, .step_ns = step_ns};

    if (bound_ns / NS_PER_US + 1 < CLOCK_ERROR_MAX_US) {
        order.what |= CLOCK_SET_STATUS | CLOCK_SET_ERRORS;
        order.maxerror_us = order.esterror_us = (int32_t)(bound_ns / NS_PER_US + 1);
    }
    if (order.what != 0)
        c->set_errno = change_clock(&order);
    c->verdict = c->set_errno == 0 ? VERDICT_SET : VERDICT_SET_FAILED;
}

/*
 * Certificates do not fit the clock, but the time that the servers agree on: the clock is stepped
 * to that without a bound, and gets one when all has been done again by the new clock.
 */
static void set_in_two_steps(struct oneshot *o, struct conclusion *c)
{
    const struct clock_order step = {.what = CLOCK_SET_STEP, .step_ns = c->offset_ns};
    struct conclusion second;
    int64_t off;

    c->set_errno = change_clock(&step);
    if (c->set_errno != 0) {
        c->verdict = VERDICT_SET_FAILED;
        return;
    }
    log_notice("clock stepped by %+.6f s: nobody vouched for it, %u of %u servers agree, and their "
               "certificates are valid then; all keys are exchanged again",
               s_from_ns(step.step_ns), c->agreeing, o->engine.setup.servers);
    oneshot_confirm(o);
    second = oneshot_conclude(o);
    if (second.verdict != VERDICT_OK) {
        log_warning("the clock was stepped, but now that certificates are judged by it this was "
                    "not confirmed: it may be wrong");
        *c = second;
        return;
    }
    off = second.offset_ns < 0 ? -second.offset_ns : second.offset_ns;
    second.bound_ns = ns_add_sat(second.bound_ns, off);
    set_clock(&second, 0, second.bound_ns);
    second.offset_ns = step.step_ns;
    *c = second;
}

static int run_oneshot(struct oneshot *o)
{
    static void (*const reports[RUN_FORMS])(FILE *, const struct oneshot *,
                                            const struct conclusion *) = {
        [RUN_TEXT] = report_text, [RUN_JSON] = report_json, [RUN_PLUGIN] = report_plugin};
    const struct msg_setup *setup = &o->engine.setup;
    struct conclusion c;
    FILE *output;

    o->print = report_host;
    oneshot_run(o);
    c = oneshot_conclude(o);
    if (setup->mode == RUN_SET && c.verdict == VERDICT_OK && !o->interrupted) {
        if (c.provisional)
            set_in_two_steps(o, &c);
        else
            set_clock(&c, c.offset_ns, c.bound_ns);
    }
    output = parent_output();
    if (output == NULL)
        parent_end("out of memory");
    if (!setup->quiet || (c.verdict != VERDICT_OK && c.verdict != VERDICT_SET))
        reports[setup->form](output, o, &c);
    fclose(output);
    if (o->interrupted)
        return EXIT_NO_ANSWER;
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
    log_open_relay(parent_log);
    engine_receive_setup(e);
    engine_prepare(e, e->setup.mode == RUN_DAEMON ? &pilot_policy : &oneshot_policy);
    if (e->setup.mode == RUN_DAEMON) {
        leave_signals_to_ntsc();
        net_watch_open(&e->net);
    } else if (e->setup.live) {
        oneshot_mind_interrupts();
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
