/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/share.h"
#include "client/engine/tell.h"

#include <string.h>

#include "client/shared/clocks.h"
#include "client/shared/log.h"

/* Cookies that the store is to have while a daemon runs. */
#define STORED_GOAL (NTS_POOL_MAX / 2)

/* How long they get old there. A server remembers its keys for some days at least. */
#define AGE_NS (3600 * NS_PER_S)

/* At least so long between two times that the goal is aimed at: it may be out of reach. */
#define AIM_PAUSE_NS (600 * NS_PER_S)

/* Whether the store may know the session that this source lives on. */
static bool is_stored(const struct host *h)
{
    return h->store != HOST_MEMORY_ONLY && !h->source.session.provisional;
}

static bool is_daemon(const struct engine *e)
{
    return e->setup.mode == RUN_DAEMON;
}

/* The lock of the store. Where it cannot be had, what the store holds belongs to others. */
static bool lock(struct engine *e, struct host *h)
{
    if (state_lock(&e->state))
        return true;
    log_warning("%s: another process holds the stored cookies: they are left to it",
                h->server.host);
    h->store = HOST_MEMORY_ONLY;
    h->source.elsewhere = 0;
    return false;
}

static enum state_load_result load(struct engine *e, struct host *h, struct nts_session *stored)
{
    enum state_load_result found = state_load(&e->state, h->server.host, h->server.id, stored);

    if (found == STATE_FOUND)
        h->plain_aead = stored->plain_aead;
    if (found == STATE_UNUSABLE)
        log_detail("%s: stored cookies are unusable or expired: ignored", h->server.host);
    return found;
}

static bool store(struct engine *e, struct host *h, const struct nts_session *s, bool durable)
{
    int error = state_store(&e->state, h->server.host, h->server.id, s, durable);

    if (error == 0)
        return true;
    log_warning("%s: cookies are not kept: %s", h->server.host, strerror(error));
    h->store = HOST_MEMORY_ONLY;
    return false;
}

/*
 * Of all cookies of *s, with the store locked, the older half becomes ours, once the store has the
 * rest and nothing else. When it cannot be written it is emptied, and all are ours; when even that
 * fails only `own` are, which the store has not had since we hold them.
 */
static void deal(struct engine *e, struct host *h, struct nts_session *s,
                 const struct cookie_pool *own)
{
    struct cookie_pool ours = {.count = 0}, all = s->cookies;

    cookie_pool_move(&ours, &s->cookies, (all.count + 1U) / 2);
    if (!store(e, h, s, is_daemon(e))) {
        ours = state_forget(&e->state, h->server.host, h->server.id) ? all : *own;
        cookie_pool_clear(&s->cookies);
    }
    h->shared_made = s->made;
    h->share_at.ns = ns_add_sat(clocks_mono().ns, AGE_NS);
    if (h->store == HOST_STORED_NO_ADDRESS)
        h->store = HOST_STORED;
    e->rare_work = true;
    all = s->cookies;
    s->cookies = ours;
    source_sync(&h->source, s, clocks_mono());
    h->source.elsewhere = all.count;
    cookie_pool_clear(&ours);
    cookie_pool_clear(&all);
}

/* Our own session again, with what others have done to it meanwhile. */
static void deal_again(struct engine *e, struct host *h)
{
    struct nts_session s;
    struct source *source = &h->source;
    struct cookie_pool own = source->session.cookies, stored;

    if (load(e, h, &s) != STATE_FOUND || s.made.ns == source->session.made.ns) {
        const struct net_addr theirs[] = {s.local[0], s.local[1]};

        stored = s.cookies;
        s = source->session;
        cookie_pool_join(&s.cookies, &stored, &source->session.cookies);
        for (int i = 0; i < 2; i++)
            if (s.local[i].family == 0)
                s.local[i] = source->session.local[i] = theirs[i];
        cookie_pool_clear(&stored);
    } else {
        cookie_pool_clear(&own);
    }
    h->aim_at.ns = ns_add_sat(clocks_mono().ns, AIM_PAUSE_NS);
    deal(e, h, &s, &own);
    cookie_pool_clear(&own);
    nts_session_clear(&s);
}

void share_look(struct engine *e, struct host *h)
{
    const struct cookie_pool none = {.count = 0};
    struct nts_session stored;

    if (!is_stored(h) || !lock(e, h))
        return;
    if (load(e, h, &stored) == STATE_FOUND && stored.made.ns != h->source.session.made.ns) {
        deal(e, h, &stored, &none);
        tell_stored(h);
    }
    state_unlock(&e->state);
    nts_session_clear(&stored);
}

void share_expire(struct host *h)
{
    if (!h->source.session.provisional && h->source.has_session &&
        state_expired(&h->source.session))
        source_outlived(&h->source, clocks_mono());
}

static bool is_due(const struct engine *e, const struct host *h)
{
    const struct source *s = &h->source;
    struct mono now = clocks_mono();

    if ((s->session.cookies.count == 0 && s->elsewhere > 0) || h->store == HOST_STORED_NO_ADDRESS)
        return true;
    if (!is_daemon(e))
        return false;
    return now.ns >= h->share_at.ns || (s->session.cookies.count > STORED_GOAL &&
                                        s->elsewhere < STORED_GOAL && now.ns >= h->aim_at.ns);
}

void share_save(struct engine *e, struct host *h)
{
    bool is_new = h->source.session.made.ns != h->shared_made.ns;
    struct nts_session s;

    if (!is_stored(h) || (!is_new && !is_due(e, h)) || !lock(e, h))
        return;
    if (is_new) {
        s = h->source.session;
        deal(e, h, &s, &h->source.session.cookies);
        nts_session_clear(&s);
    } else {
        deal_again(e, h);
    }
    state_unlock(&e->state);
}

void share_forget(struct engine *e, struct host *h)
{
    if (h->store == HOST_MEMORY_ONLY || !lock(e, h))
        return;
    (void)state_forget(&e->state, h->server.host, h->server.id);
    state_unlock(&e->state);
}

void share_return(struct engine *e, struct host *h)
{
    struct nts_session s, *session = &h->source.session;
    struct cookie_pool stored;

    if (!is_stored(h) || session->cookies.count == 0 || !state_lock(&e->state))
        return;
    /* Newer keys of others are the better ones. */
    if (load(e, h, &s) != STATE_FOUND || s.made.ns == session->made.ns) {
        stored = s.cookies;
        s = *session;
        cookie_pool_join(&s.cookies, &stored, &session->cookies);
        (void)store(e, h, &s, true);
        cookie_pool_clear(&stored);
    }
    state_unlock(&e->state);
    nts_session_clear(&s);
    nts_session_clear(session);
}
