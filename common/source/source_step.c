/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source/source_step.h"

#include <string.h>

#include "common/base/invariant.h"
#include "common/nts/nts_ke_backoff.h"

/*
 * A failure that reached no key-establishment server: the network may come back any moment, and is
 * tried soon; when it stays away, more and more seldom.
 */
#define KE_RETRY_LOCAL_NS      (15 * NS_PER_S)
#define KE_RETRY_LOCAL_LOG2MAX 6 /* 16 minutes */

/*
 * Pauses are longer by up to a half, at random: a city that boots while a server is down would
 * otherwise come back to it in the same minute again and again (tests/sim/crowd.c).
 */
#define KE_SPREAD_SHARE 2

/* Every transition there is; an event that is not listed means nothing in that state. */
static const struct {
    enum source_state from;
    enum source_event event;
    enum source_state to;
} transitions[] = {
    {SOURCE_WAITING, SOURCE_EV_KE_DUE, SOURCE_KE},
    {SOURCE_WAITING, SOURCE_EV_POLL_DUE, SOURCE_POLLING},
    {SOURCE_KE, SOURCE_EV_KE_DONE, SOURCE_WAITING},
    {SOURCE_KE, SOURCE_EV_KE_FAILED, SOURCE_WAITING},
    {SOURCE_POLLING, SOURCE_EV_VALID, SOURCE_WAITING},
    {SOURCE_POLLING, SOURCE_EV_STAY_AWAY, SOURCE_REFUSED},
    {SOURCE_POLLING, SOURCE_EV_NAK, SOURCE_NAK_PENDING},
    {SOURCE_POLLING, SOURCE_EV_WINDOW_END, SOURCE_WAITING},
    {SOURCE_NAK_PENDING, SOURCE_EV_VALID, SOURCE_WAITING},
    {SOURCE_NAK_PENDING, SOURCE_EV_STAY_AWAY, SOURCE_REFUSED},
    {SOURCE_NAK_PENDING, SOURCE_EV_WINDOW_END, SOURCE_WAITING},
};

bool source_step(struct source *s, enum source_event e)
{
    INVARIANT((unsigned)s->state < SOURCE_STATES);
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
        if (transitions[i].from != s->state || transitions[i].event != e)
            continue;
        s->state = transitions[i].to;
        return true;
    }
    return false;
}

void source_out_add(struct source_out *out, enum source_action a)
{
    INVARIANT(out->n < SOURCE_ACTIONS_MAX);
    if (out->n < sizeof out->act / sizeof out->act[0])
        out->act[out->n++] = a;
}

static struct mono latest(struct mono a, struct mono b)
{
    return a.ns > b.ns ? a : b;
}

void source_init(struct source *s, const struct source_policy *policy, struct mono now)
{
    memset(s, 0, sizeof *s);
    s->policy = policy;
    s->poll_at = SOURCE_NEVER;
    s->ke_at = now;
    s->ke_not_before = now;
}

void source_resume(struct source *s, const struct nts_session *session, struct mono now)
{
    s->session = *session;
    s->has_session = true;
    s->session_at = now;
    s->elsewhere = 0;
    s->address = 0;
    s->poll_at = now;
    s->ke_at = session->cookies.count > 0 ? SOURCE_NEVER : now;
}

static struct mono after_pause(const struct source *s, struct mono now, int64_t pause_ns)
{
    return source_later(now, pause_ns + pause_ns / KE_SPREAD_SHARE / UINT8_MAX * s->ke_spread);
}

void source_want_ke(struct source *s, struct mono now)
{
    if (s->ke_at.ns == SOURCE_NEVER.ns)
        s->ke_at = latest(now, s->ke_not_before);
}

unsigned source_cookies_left(const struct source *s)
{
    INVARIANT(s->session.cookies.count <= NTS_POOL_MAX && s->elsewhere <= NTS_POOL_MAX);
    return (unsigned)s->session.cookies.count + s->elsewhere;
}

void source_sync(struct source *s, const struct nts_session *stored, struct mono now)
{
    s->elsewhere = 0;
    if (stored == NULL) {
        cookie_pool_clear(&s->session.cookies);
    } else if (s->has_session && stored->made.ns == s->session.made.ns) {
        s->session.cookies = stored->cookies;
    } else {
        s->session = *stored;
        s->has_session = true;
        s->keys_newest = s->state != SOURCE_KE; /* another process has exchanged them meanwhile */
        s->session_at = now;
        s->address = 0;
        if (s->state == SOURCE_WAITING)
            s->poll_at = now;
        if (stored->cookies.count > 0 && s->ke_tries == 0)
            s->ke_at = SOURCE_NEVER;
    }
    if (s->session.cookies.count == 0)
        source_want_ke(s, now);
}

struct mono source_next(const struct source *s)
{
    switch (s->state) {
    case SOURCE_WAITING:
        if (s->session.cookies.count > 0 && s->poll_at.ns < s->ke_at.ns)
            return s->poll_at;
        return s->ke_at;
    case SOURCE_POLLING:
    case SOURCE_NAK_PENDING:
        return s->window_end;
    case SOURCE_KE:
    case SOURCE_REFUSED:
    case SOURCE_STATES:
        break;
    }
    return SOURCE_NEVER;
}

/*
 * The store judges what it holds by the clock (client/engine/state.c), what lives in memory only is
 * judged here. Its cookies are used until there are new keys: who cannot get any, since only key
 * establishment is down, keeps the time (RFC 8915 section 5.7).
 */
void source_outlived(struct source *s, struct mono now)
{
    if (s->state == SOURCE_WAITING)
        source_want_ke(s, now);
}

void source_timer(struct source *s, struct mono now, const struct source_tools *tools,
                  struct source_out *out)
{
    bool nak = s->state == SOURCE_NAK_PENDING;

    out->n = 0;
    /* First: new keys come before what was due. */
    if (s->session.cookies.count > 0 && now.ns - s->session_at.ns > SOURCE_SESSION_MAX_NS)
        source_outlived(s, now);
    if (source_next(s).ns > now.ns)
        return;
    if (s->state != SOURCE_WAITING) {
        if (source_step(s, SOURCE_EV_WINDOW_END))
            source_query_lost(s, now, nak, out);
    } else if (s->ke_at.ns <= now.ns) {
        if (source_step(s, SOURCE_EV_KE_DUE)) {
            s->ke_tries++;
            s->keys_newest = false;
            s->ke_at = SOURCE_NEVER;
            s->network_came = false;
            s->ke_spread = tools->random.uid[0]; /* there is no query for which it would be used */
            s->ke_not_before = after_pause(s, now, nts_ke_backoff_ns(s->ke_tries));
            source_out_add(out, SOURCE_START_KE);
        }
    } else if (source_step(s, SOURCE_EV_POLL_DUE)) {
        source_query_start(s, now, tools, out);
    }
}

void source_ke_done(struct source *s, struct mono now, const struct nts_session *session,
                    struct source_out *out)
{
    out->n = 0;
    if (!source_step(s, SOURCE_EV_KE_DONE))
        return;
    nts_session_clear(&s->session);
    source_resume(s, session, now);
    s->keys_newest = true;
    s->losses = 0;
    s->ke_unreached = 0;
    s->key_exchange_made = true;
    source_out_add(out, SOURCE_SAVE);
}

/*
 * Whoever answered is not who was asked: in a hotel's network, until its page has been clicked
 * through, that is nothing the server could be spared.
 */
static bool is_portal(const struct failure *f)
{
    return f->stage == STAGE_TLS_TRUST || f->stage == STAGE_TLS_NAME ||
           f->reason == REASON_NOT_TLS || f->stage == STAGE_ALPN;
}

void source_ke_failed(struct source *s, struct mono now, const struct failure *f, bool reached,
                      struct source_out *out)
{
    out->n = 0;
    if (!source_step(s, SOURCE_EV_KE_FAILED))
        return;
    s->fail = *f;
    source_fell_silent(s, now);
    if (s->network_came && !reached) {
        s->ke_tries--;
        s->ke_not_before = now;
    } else if (!reached || is_portal(f)) {
        s->ke_tries--;
        s->ke_not_before = after_pause(s, now, KE_RETRY_LOCAL_NS << s->ke_unreached);
        if (s->ke_unreached < KE_RETRY_LOCAL_LOG2MAX)
            s->ke_unreached++;
    } else {
        s->ke_unreached = 0;
    }
    s->ke_at = latest(now, s->ke_not_before);
    if (s->poll_at.ns == SOURCE_NEVER.ns)
        s->poll_at = now;
    source_out_add(out, SOURCE_FAILED);
}

void source_ke_held(struct source *s, struct mono now, int64_t wait_ns)
{
    if (!source_step(s, SOURCE_EV_KE_FAILED))
        return;
    s->ke_tries--;
    s->ke_not_before = source_later(now, wait_ns);
    s->ke_at = s->ke_not_before;
    if (s->poll_at.ns == SOURCE_NEVER.ns)
        s->poll_at = now;
}

void source_forget_exchange(struct source *s)
{
    s->exchange.receive = 0;
}

void source_network_changed(struct source *s, struct mono now)
{
    source_forget_exchange(s);
    s->ke_unreached = 0;
    s->network_came = s->state == SOURCE_KE;
    if (s->state != SOURCE_WAITING)
        return;
    if (s->session.cookies.count > 0)
        s->poll_at = now;
    /* What the back-off counts is kept; a pause for want of a network ends here. */
    if (s->ke_tries == 0 && s->ke_at.ns != SOURCE_NEVER.ns)
        s->ke_at = now;
}

static void forget(struct source *s)
{
    source_forget_exchange(s);
    nts_session_clear(&s->session);
    s->has_session = false;
    s->elsewhere = 0;
}

bool source_moved(struct source *s, struct mono now, const struct net_addr *from)
{
    struct net_addr *last = &s->session.local[net_addr_is_v6(from)];

    if (from->family == 0 || s->state != SOURCE_WAITING)
        return false;
    if (last->family == 0)
        *last = *from;
    if (memcmp(last->addr, from->addr, sizeof last->addr) == 0)
        return false;
    forget(s);
    source_elsewhere(s);
    source_want_ke(s, now);
    return true;
}

bool source_renew(struct source *s, struct mono now)
{
    if (s->state != SOURCE_WAITING)
        return false;
    forget(s);
    if (!s->renewed)
        s->ke_not_before = now;
    s->renewed = true;
    s->ke_at = latest(now, s->ke_not_before);
    return true;
}

void source_limit_delay(struct source *s, const struct net_addr *from, int64_t ns)
{
    s->delay_of = *from;
    s->delay_max_ns = ns;
}

void source_elsewhere(struct source *s)
{
    s->delay_max_ns = 0;
}

void source_fell_silent(struct source *s, struct mono now)
{
    if (!s->silent)
        s->silent_since = now;
    s->silent = true;
}

void source_poll_at(struct source *s, struct mono at)
{
    s->poll_at = at;
}
