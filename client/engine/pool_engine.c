/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/pool_engine.h"

#include <string.h>
#include <unistd.h>

#include "client/engine/share.h"
#include "client/shared/clocks.h"

static bool is_other(const struct host *h, const struct host *other)
{
    return h->server.pool != 0 && other != h && other->server.pool == h->server.pool;
}

static bool has_server(const struct host *h)
{
    return h->source.has_session && h->source.session.n_ntp > 0;
}

static struct pool_member member(const struct host *h)
{
    return (struct pool_member){.name = h->member, .ntp = h->source.session.ntp[h->source.address]};
}

void pool_tell(const struct engine *e, const struct host *h, struct msg_ke_start *m)
{
    if (h->server.pool == 0)
        return;
    m->wanted = h->member;
    if (h->left.ntp.family != 0)
        m->taken[m->n_taken++] = h->left;
    for (unsigned i = 0; i < e->setup.servers && m->n_taken < POOL_MAX; i++)
        if (is_other(h, &e->hosts[i]) && has_server(&e->hosts[i]))
            m->taken[m->n_taken++] = member(&e->hosts[i]);
}

bool pool_waits(const struct engine *e, const struct host *h)
{
    if (h->server.pool == 0 || h->source.state != SOURCE_WAITING ||
        h->source.ke_at.ns > clocks_mono().ns)
        return false;
    for (unsigned i = 0; i < e->setup.servers; i++)
        if (is_other(h, &e->hosts[i]) && e->hosts[i].source.state == SOURCE_KE)
            return true;
    return false;
}

bool pool_has(const struct engine *e, const struct host *h, const struct msg_ke_answer *a)
{
    for (unsigned i = 0; i < e->setup.servers; i++) {
        struct pool_member theirs;

        if (!is_other(h, &e->hosts[i]) || !has_server(&e->hosts[i]))
            continue;
        theirs = member(&e->hosts[i]);
        if (theirs.name != 0 && theirs.name == a->member)
            return true;
        for (unsigned k = 0; k < a->n_ntp; k++)
            if (net_addr_equal(&theirs.ntp, &a->ntp[k]))
                return true;
    }
    return false;
}

const struct host *pool_other(const struct engine *e, const struct host *h)
{
    for (unsigned i = 0; i < e->setup.servers; i++)
        if (is_other(h, &e->hosts[i]) && has_server(&e->hosts[i]))
            return &e->hosts[i];
    return NULL;
}

bool pool_is_spent(const struct host *h, struct mono now)
{
    return h->server.pool != 0 && has_server(h) && h->source.state != SOURCE_KE &&
           ns_sub_sat(now.ns, h->good_at.ns) > POOL_PATIENCE_NS;
}

void pool_replace(struct engine *e, struct host *h)
{
    const struct pool_member left = member(h);
    const struct msg_server server = h->server;

    share_forget(e, h);
    udp_close(&h->udp);
    nts_session_clear(&h->source.session);
    memset(h, 0, sizeof *h);
    h->server = server;
    engine_prepare_host(e, h);
    h->left = left;
}
