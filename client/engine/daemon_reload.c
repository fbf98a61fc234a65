/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A new configuration while the daemon runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/engine/daemon.h"
#include "client/engine/parent.h"
#include "client/engine/share.h"
#include "client/engine/udp.h"
#include "client/shared/clocks.h"
#include "client/shared/log.h"

/* Everything that belongs to one server, by its place in the three arrays. */
struct belongings {
    struct host *hosts;
    struct ensemble_source *sources;
    struct host_log *logged;
};

static unsigned find(const struct belongings *old, unsigned n, const char *id)
{
    unsigned i = 0;

    while (i < n && (old->hosts[i].server.id[0] == 0 || strcmp(old->hosts[i].server.id, id) != 0))
        i++;
    return i;
}

/* A key exchange that ntsc has not begun for us is asked for again under the new numbers. */
static void renew_question(struct host *h)
{
    const struct failure f = failure_make(STAGE_LOCAL, REASON_SYSTEM, ESTALE);
    struct source_out out = {.n = 0};

    if (h->source.state != SOURCE_KE || h->ke_fd >= 0)
        return;
    source_ke_failed(&h->source, clocks_mono(), &f, false, &out);
    source_network_changed(&h->source, clocks_mono());
}

static void move(struct belongings *to, unsigned i, struct belongings *from, unsigned k)
{
    struct msg_server server = to->hosts[i].server;

    to->hosts[i] = from->hosts[k];
    to->hosts[i].server = server;
    to->hosts[i].source.xleave = server.xleave != 0;
    to->sources[i] = from->sources[k];
    to->logged[i] = from->logged[k];
    poll_limit(&to->sources[i].poll, server.minpoll, server.maxpoll);
    from->hosts[k].server.id[0] = 0; /* moved */
    renew_question(&to->hosts[i]);
}

static bool is_asked(const struct host *hosts, unsigned n, const char *name)
{
    for (unsigned i = 0; i < n; i++)
        if (strcmp(hosts[i].server.host, name) == 0)
            return true;
    return false;
}

static void drop(struct engine *e, struct host *h, bool anew)
{
    if (h->server.id[0] == 0)
        return;
    log_notice(anew ? "%s: asked for new keys: what is trusted or asked for has changed"
                    : "%s: no longer asked",
               h->server.host);
    share_return(e, h);
    udp_close(&h->udp);
    if (h->ke_fd >= 0)
        close(h->ke_fd);
}

void daemon_reconfigure(struct daemon *d, const struct msg_setup *setup)
{
    struct belongings old = {d->engine.hosts, d->sources, d->logged};
    struct belongings new = {calloc(SERVERS_MAX, sizeof *new.hosts),
                             calloc(SERVERS_MAX, sizeof *new.sources),
                             calloc(SERVERS_MAX, sizeof *new.logged)};
    unsigned n = d->engine.setup.servers;

    if (new.hosts == NULL || new.sources == NULL || new.logged == NULL)
        parent_end("out of memory");
    d->engine.setup = *setup;
    engine_receive_servers(&d->engine, new.hosts);
    for (unsigned i = 0; i < setup->servers; i++) {
        const struct msg_server *server = &new.hosts[i].server;
        unsigned k = find(&old, n, server->id);

        if (k < n) {
            move(&new, i, &old, k);
            new.hosts[i].source.delay_max_ns = 0; /* its measure may be another one now */
        } else {
            engine_prepare_host(&d->engine, &new.hosts[i]);
            daemon_prepare_source(d, &new.sources[i], server);
        }
        new.sources[i].group = server->group;
        /* Numbered anew when it answers. */
        new.sources[i].address = 0;
    }
    for (unsigned k = 0; k < n; k++)
        drop(&d->engine, &old.hosts[k],
             is_asked(new.hosts, setup->servers, old.hosts[k].server.host));
    d->engine.hosts = new.hosts;
    d->sources = new.sources;
    d->logged = new.logged;
    d->ensemble.sources = new.sources;
    d->ensemble.n = setup->servers;
    d->ensemble.policy.minsources = setup->minsources;
    d->ensemble.trust_old = setup->trust_old != 0;
    d->ensemble.leaps = setup->leaps;
    discipline_table_read(&d->ensemble.discipline);
    d->ensemble.trust_single = setup->trust_single != 0;
    d->ensemble.maxdelay_ns = setup->maxdelay_ns;
    d->ensemble.discipline.config.step_ns = setup->step_ns;
    d->ensemble.discipline.config.step_count = setup->step_count;
    d->ensemble.discipline.config.panic_ns = setup->panic_ns;
    explicit_bzero(old.hosts, n * sizeof *old.hosts);
    free(old.hosts);
    free(old.sources);
    free(old.logged);
}
