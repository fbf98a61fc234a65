/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc-engine: started by ntsc only; what to do comes through MSG_FD. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "client/clocks.h"
#include "client/engine.h"
#include "client/log.h"
#include "client/oneshot.h"
#include "client/parent.h"
#include "client/report.h"

/* How long one answer is waited for before the next query, with the next cookie, goes out. */
#define WINDOW_NS (1 * NS_PER_S)
/* Between several samples of one server. */
#define SAMPLES_APART_NS (1 * NS_PER_S)
/* Stored cookies whose server has stayed silent this often are given up for new keys. */
#define LOSSES_MAX 2

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "ntsc-engine: %s; this program is started by ntsc\n", what);
    _exit(1);
}

static void receive_setup(struct engine *e)
{
    if (parent_receive(&e->setup, sizeof e->setup, NULL) != sizeof e->setup ||
        !msg_setup_valid(&e->setup, sizeof e->setup))
        refuse("bad setup message");
    e->hosts = calloc(e->setup.servers, sizeof *e->hosts);
    if (e->hosts == NULL)
        refuse("out of memory");
    for (unsigned i = 0; i < e->setup.servers; i++) {
        struct msg_server *m = &e->hosts[i].server;

        if (parent_receive(m, sizeof *m, NULL) != sizeof *m || !msg_server_valid(m, sizeof *m) ||
            m->index != i)
            refuse("bad server message");
    }
}

static void prepare(struct engine *e)
{
    struct mono now = clocks_mono();
    int error = state_open(&e->state, e->setup.has_state ? MSG_STATE_FD : -1);

    if (error != 0)
        log_warning("state directory cannot be used, cookies are not kept: %s", strerror(error));
    e->deadline.ns = now.ns + (int64_t)e->setup.timeout_ms * 1000000;
    e->policy = (struct source_policy){.query_window_ns = WINDOW_NS,
                                       .retry_ns = 0,
                                       .poll_ns = SAMPLES_APART_NS,
                                       .losses_max = LOSSES_MAX,
                                       .pivot = clocks_build_date()};
    for (unsigned i = 0; i < e->setup.servers; i++) {
        struct host *h = &e->hosts[i];

        source_init(&h->source, &e->policy, now);
        udp_init(&h->udp);
        h->ke_fd = -1;
        h->memory_only = e->state.dir < 0;
    }
}

/* Stores once more, durably: after a power cut no cookie comes back that has been used. */
static void keep_cookies(struct engine *e)
{
    for (unsigned i = 0; i < e->setup.servers; i++) {
        struct host *h = &e->hosts[i];
        struct nts_session s;

        if (h->memory_only)
            continue;
        state_lock(&e->state);
        if (state_load(&e->state, h->server.host, h->server.id, &s) == STATE_FOUND)
            (void)state_store(&e->state, h->server.host, h->server.id, &s, true);
        state_unlock(&e->state);
        nts_session_clear(&s);
    }
}

static void set_clock(struct conclusion *c)
{
    struct msg_step m = {.type = MSG_STEP, .offset_ns = c->offset_ns, .bound_ns = c->bound_ns};
    struct msg_step_result r;
    size_t n;

    parent_send(&m, sizeof m);
    n = parent_receive(&r, sizeof r, NULL);
    if (!msg_step_result_valid(&r, n))
        refuse("bad answer to a step");
    c->verdict = r.error == 0 ? VERDICT_SET : VERDICT_SET_FAILED;
    c->set_errno = r.error;
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

int main(void)
{
    static struct oneshot oneshot;
    struct engine *e = &oneshot.engine;
    int status;

    (void)prctl(PR_SET_DUMPABLE, 0);
    receive_setup(e);
    prepare(e);
    status = run_oneshot(&oneshot);
    keep_cookies(e);
    for (unsigned i = 0; i < e->setup.servers; i++)
        nts_session_clear(&e->hosts[i].source.session);
    parent_done(status);
}
