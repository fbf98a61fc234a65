/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's first and last steps. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/engine/engine.h"
#include "client/engine/parent.h"
#include "client/engine/share.h"
#include "client/shared/clocks.h"
#include "client/shared/log.h"

static _Noreturn void refuse(const char *what)
{
    log_warning("%s; ntsc-engine is started by ntsc only", what);
    _exit(1);
}

void engine_receive_servers(struct engine *e, struct host *hosts)
{
    for (unsigned i = 0; i < e->setup.servers; i++) {
        struct msg_server *m = &hosts[i].server;

        size_t n = parent_receive(m, sizeof *m, NULL);

        if (!msg_server_valid(m, n) || m->index != i)
            parent_refuse(m, n);
    }
}

void engine_prepare_host(struct engine *e, struct host *h)
{
    source_init(&h->source, &e->policy, clocks_mono());
    h->source.xleave = h->server.xleave != 0 && e->setup.mode == RUN_DAEMON;
    udp_init(&h->udp);
    h->ke_fd = -1;
    h->good_at = clocks_mono();
    h->store = e->state.dir < 0 ? HOST_MEMORY_ONLY : HOST_STORED;
}

void engine_receive_setup(struct engine *e)
{
    size_t n = parent_receive(&e->setup, sizeof e->setup, NULL);

    if (!msg_setup_valid(&e->setup, n))
        parent_refuse(&e->setup, n);
    log_open((enum log_to)e->setup.log_to, (enum log_level)e->setup.log_level);
    e->hosts = calloc(SERVERS_MAX, sizeof *e->hosts);
    if (e->hosts == NULL)
        refuse("out of memory");
    engine_receive_servers(e, e->hosts);
}

void engine_prepare(struct engine *e, const struct source_policy *policy)
{
    int error = state_open(&e->state, parent_state_dir(&e->setup));
    struct clock_file clock;

    if (error != 0)
        log_warning("the state directory cannot be used, cookies are not kept: %s",
                    strerror(error));
    e->deadline = SOURCE_NEVER;
    e->two_steps = true;
    if (state_load_clock(&e->state, &clock))
        e->last_good_s = clock.last_good_s;
    e->watch_fd = -1;
    net_watch_init(&e->net);
    if (e->setup.mode != RUN_DAEMON)
        e->deadline.ns = clocks_mono().ns + e->setup.timeout_ms * NS_PER_MS;
    e->policy = *policy;
    e->policy.pivot = clocks_build_date();
    for (unsigned i = 0; i < e->setup.servers; i++)
        engine_prepare_host(e, &e->hosts[i]);
}

void engine_finish(struct engine *e)
{
    for (unsigned i = 0; i < e->setup.servers; i++) {
        share_return(e, &e->hosts[i]);
        nts_session_clear(&e->hosts[i].source.session);
    }
}

bool engine_waits_for_network(const struct engine *e, const struct host *h)
{
    return h->use == HOST_WITHOUT_WAY && h->source.state == SOURCE_WAITING &&
           !net_watch_is_there(&e->net);
}
