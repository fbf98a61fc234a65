/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source.h"

#include <string.h>

/* RFC 8915 section 4.2. */
#define KE_BACKOFF_FIRST_NS (10 * NS_PER_S)
#define KE_BACKOFF_MAX_NS   (432000 * NS_PER_S)

/*
 * A failure that reached no key-establishment server: the network may come back any moment, and is
 * tried soon; when it stays away, more and more seldom.
 */
#define KE_RETRY_LOCAL_NS      (15 * NS_PER_S)
#define KE_RETRY_LOCAL_LOG2MAX 6 /* 16 minutes */

/* Kiss codes, RFC 5905 section 7.4. */
#define KISS_DENY UINT32_C(0x44454e59)
#define KISS_RSTR UINT32_C(0x52535452)
#define KISS_RATE UINT32_C(0x52415445)

/* After a loss the packet is kept small: large ones are dropped on some ways. */
#define REQUEST_MAX_AFTER_LOSS 512

enum event {
    EV_KE_DUE,
    EV_POLL_DUE,
    EV_KE_DONE,
    EV_KE_FAILED,
    EV_VALID,     /* authenticated answer, whatever it says, that lets us go on */
    EV_STAY_AWAY, /* authenticated DENY or RSTR */
    EV_NAK,
    EV_WINDOW_END, /* no valid answer in time, or the request could not be sent */
};

/* Every transition there is; an event that is not listed means nothing in that state. */
static const struct {
    enum source_state from;
    enum event event;
    enum source_state to;
} transitions[] = {
    {SOURCE_WAITING, EV_KE_DUE, SOURCE_KE},
    {SOURCE_WAITING, EV_POLL_DUE, SOURCE_POLLING},
    {SOURCE_KE, EV_KE_DONE, SOURCE_WAITING},
    {SOURCE_KE, EV_KE_FAILED, SOURCE_WAITING},
    {SOURCE_POLLING, EV_VALID, SOURCE_WAITING},
    {SOURCE_POLLING, EV_STAY_AWAY, SOURCE_REFUSED},
    {SOURCE_POLLING, EV_NAK, SOURCE_NAK_PENDING},
    {SOURCE_POLLING, EV_WINDOW_END, SOURCE_WAITING},
    {SOURCE_NAK_PENDING, EV_VALID, SOURCE_WAITING},
    {SOURCE_NAK_PENDING, EV_STAY_AWAY, SOURCE_REFUSED},
    {SOURCE_NAK_PENDING, EV_WINDOW_END, SOURCE_WAITING},
};

/* Takes the transition; false when there is none. */
static bool step(struct source *s, enum event e)
{
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++) {
        if (transitions[i].from != s->state || transitions[i].event != e)
            continue;
        s->state = transitions[i].to;
        return true;
    }
    return false;
}

static void out_add(struct source_out *out, enum source_action a)
{
    if (out->n < sizeof out->act / sizeof out->act[0])
        out->act[out->n++] = a;
}

static struct mono later(struct mono t, int64_t ns)
{
    return (struct mono){ns_add_sat(t.ns, ns)};
}

static struct mono latest(struct mono a, struct mono b)
{
    return a.ns > b.ns ? a : b;
}

int64_t source_ke_backoff_ns(unsigned tries)
{
    int64_t pause = KE_BACKOFF_FIRST_NS;

    for (unsigned i = 1; i < tries && pause < KE_BACKOFF_MAX_NS; i++)
        pause += pause / 2;
    return pause < KE_BACKOFF_MAX_NS ? pause : KE_BACKOFF_MAX_NS;
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
    s->address = 0;
    s->poll_at = now;
    s->ke_at = session->cookies.count > 0 ? SOURCE_NEVER : now;
}

static void want_ke(struct source *s, struct mono now)
{
    if (s->ke_at.ns == SOURCE_NEVER.ns)
        s->ke_at = latest(now, s->ke_not_before);
}

void source_sync(struct source *s, const struct nts_session *stored, struct mono now)
{
    if (stored == NULL) {
        cookie_pool_clear(&s->session.cookies);
    } else if (s->has_session && stored->made.ns == s->session.made.ns) {
        s->session.cookies = stored->cookies;
    } else {
        s->session = *stored;
        s->has_session = true;
        s->address = 0;
        if (s->state == SOURCE_WAITING)
            s->poll_at = now;
        if (stored->cookies.count > 0 && s->ke_tries == 0)
            s->ke_at = SOURCE_NEVER;
    }
    if (s->session.cookies.count == 0)
        want_ke(s, now);
}

bool source_expects(const struct source *s, const uint8_t *data, size_t len)
{
    struct ntp_packet p;

    return (s->state == SOURCE_POLLING || s->state == SOURCE_NAK_PENDING) &&
           ntp_packet_decode(&p, data, len) && p.origin.u == s->transmit;
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

static void query_end(struct source *s, struct source_out *out)
{
    explicit_bzero(&s->s2c, sizeof s->s2c);
    explicit_bzero(s->uid, sizeof s->uid);
    s->transmit = 0;
    out_add(out, SOURCE_CLOSE);
}

static void query_start(struct source *s, struct mono now, const struct source_tools *tools,
                        struct source_out *out)
{
    uint8_t cookie[NTS_COOKIE_MAX];
    size_t len = cookie_pool_take(&s->session.cookies, cookie);
    unsigned missing = NTS_POOL_MAX - s->session.cookies.count;
    struct nts_request q = {
        .c2s = &s->session.c2s,
        .cookie = cookie,
        .cookie_len = len,
        /* The answer brings one cookie in any case. */
        .placeholders = s->losses == 0 && missing > 1 ? missing - 1 : 0,
        .max_len = s->losses == 0 ? NTS_REQUEST_MAX : REQUEST_MAX_AFTER_LOSS,
        .random = tools->random,
    };

    if (q.max_len < len + 256)
        q.max_len = NTS_REQUEST_MAX;
    if (q.random.transmit == 0)
        q.random.transmit = 1;
    memcpy(s->uid, q.random.uid, sizeof s->uid);
    s->transmit = q.random.transmit;
    s->s2c = s->session.s2c;
    s->session_made = s->session.made;
    s->not_before_s = s->session.not_before_s;
    s->not_after_s = s->session.not_after_s;
    s->saw_forged = false;
    s->window_end = later(now, s->policy->query_window_ns << (s->losses < 2 ? s->losses : 2));
    s->poll_at = SOURCE_NEVER;
    s->reach = (uint8_t)(s->reach << 1);

    if (s->session.n_ntp > 0)
        out->to = s->session.ntp[s->address % s->session.n_ntp];
    out->packet_len = nts_request_build(&q, tools->aead, out->packet, sizeof out->packet);
    explicit_bzero(cookie, sizeof cookie);
    explicit_bzero(&q.random, sizeof q.random);
    out_add(out, SOURCE_SAVE);
    out_add(out, SOURCE_SEND);
}

/* The window is over: what it showed decides how to go on. */
static void query_lost(struct source *s, struct mono now, bool nak, struct source_out *out)
{
    query_end(s, out);
    s->losses = (uint8_t)(s->losses < UINT8_MAX ? s->losses + 1 : s->losses);
    if (s->session.n_ntp > 0)
        s->address = (uint8_t)((s->address + 1) % s->session.n_ntp);
    s->poll_at = later(now, s->policy->retry_ns);
    if (nak)
        s->fail = failure_make(STAGE_NAK, REASON_NONE, 0);
    else if (s->saw_forged)
        s->fail = failure_make(STAGE_NTP_AUTH, REASON_FORGED, 0);
    else
        s->fail = failure_make(STAGE_NTP_TIMEOUT, REASON_TIMEOUT, 0);
    if (nak || s->session.cookies.count == 0 || s->losses >= s->policy->losses_max)
        want_ke(s, now);
    out_add(out, SOURCE_FAILED);
}

void source_timer(struct source *s, struct mono now, const struct source_tools *tools,
                  struct source_out *out)
{
    bool nak = s->state == SOURCE_NAK_PENDING;

    out->n = 0;
    if (source_next(s).ns > now.ns)
        return;
    if (s->state != SOURCE_WAITING) {
        if (step(s, EV_WINDOW_END))
            query_lost(s, now, nak, out);
    } else if (s->ke_at.ns <= now.ns) {
        if (step(s, EV_KE_DUE)) {
            s->ke_tries++;
            s->ke_at = SOURCE_NEVER;
            s->ke_not_before = later(now, source_ke_backoff_ns(s->ke_tries));
            out_add(out, SOURCE_START_KE);
        }
    } else if (step(s, EV_POLL_DUE)) {
        query_start(s, now, tools, out);
    }
}

void source_ke_done(struct source *s, struct mono now, const struct nts_session *session,
                    struct source_out *out)
{
    out->n = 0;
    if (!step(s, EV_KE_DONE))
        return;
    nts_session_clear(&s->session);
    source_resume(s, session, now);
    s->losses = 0;
    s->ke_unreached = 0;
    s->key_exchange_made = true;
    out_add(out, SOURCE_SAVE);
}

void source_ke_failed(struct source *s, struct mono now, const struct failure *f, bool reached,
                      struct source_out *out)
{
    out->n = 0;
    if (!step(s, EV_KE_FAILED))
        return;
    s->fail = *f;
    if (!reached) {
        s->ke_tries--;
        s->ke_not_before = later(now, KE_RETRY_LOCAL_NS << s->ke_unreached);
        if (s->ke_unreached < KE_RETRY_LOCAL_LOG2MAX)
            s->ke_unreached++;
    } else {
        s->ke_unreached = 0;
    }
    s->ke_at = latest(now, s->ke_not_before);
    if (s->poll_at.ns == SOURCE_NEVER.ns)
        s->poll_at = now;
    out_add(out, SOURCE_FAILED);
}

/*
 * The kiss codes that ask for something. The others, and a code of zeros, come from a server that
 * has no time yet (RFC 5905 section 7.4): nobody is told to stay away.
 */
static bool is_order(const struct ntp_packet *p)
{
    uint32_t code = p->reference_id;

    return p->stratum == 0 && (code == KISS_DENY || code == KISS_RSTR || code == KISS_RATE);
}

/* An authenticated kiss-o'-death (RFC 5905 section 7.4). */
static void kissed(struct source *s, struct mono now, uint32_t code, struct source_out *out)
{
    bool away = code == KISS_DENY || code == KISS_RSTR;

    if (!step(s, away ? EV_STAY_AWAY : EV_VALID))
        return;
    query_end(s, out);
    s->fail = failure_make(STAGE_KISS, REASON_NONE, (int32_t)code);
    s->poll_at = later(now, s->policy->poll_ns);
    if (code == KISS_RATE)
        s->rate = true;
    if (s->session.cookies.count == 0)
        want_ke(s, now);
    out_add(out, SOURCE_SAVE);
    out_add(out, SOURCE_FAILED);
}

/*
 * A server tells no time at which its own certificate is not valid (RFC 8915 section 8.5): either
 * the time is wrong or whoever tells it is no longer entitled to.
 */
static bool certified(const struct source *s, struct wall served)
{
    return s->not_after_s == 0 ||
           (served.ns / NS_PER_S >= s->not_before_s && served.ns / NS_PER_S <= s->not_after_s);
}

static void answered(struct source *s, struct mono now, const struct ntp_packet *p,
                     const struct local_stamps *local, struct source_out *out)
{
    struct failure f;
    bool within = certified(s, wall_from_ntp(p->transmit, s->policy->pivot));
    bool good;

    if (!step(s, EV_VALID))
        return;
    query_end(s, out);
    s->losses = 0;
    /* Outside the validity of its certificate the key exchange has not proved itself. */
    if (within) {
        s->ke_tries = 0;
        s->ke_at = SOURCE_NEVER;
    }
    s->poll_at = later(now, s->policy->poll_ns);
    if (s->session.cookies.count == 0 || !within)
        want_ke(s, now);
    out_add(out, SOURCE_SAVE);
    good = sample_make(&out->sample, p, local, s->policy->pivot, &f);
    if (good && !within) {
        good = false;
        f = failure_make(STAGE_NTP_SANITY, REASON_UNCERTIFIED, 0);
        f.not_before_s = s->not_before_s;
        f.not_after_s = s->not_after_s;
    }
    if (good)
        s->reach |= 1;
    s->fail = good ? failure_make(STAGE_OK, REASON_NONE, 0) : f;
    out_add(out, good ? SOURCE_SAMPLE : SOURCE_FAILED);
}

void source_datagram(struct source *s, struct mono now, const uint8_t *data, size_t len,
                     const struct local_stamps *local, const struct aead *aead,
                     struct source_out *out)
{
    struct cookie_pool none = {.count = 0};
    struct ntp_packet p;
    /* New cookies belong to the session they were asked with. */
    bool same = s->session.made.ns == s->session_made.ns;

    out->n = 0;
    if (s->state != SOURCE_POLLING && s->state != SOURCE_NAK_PENDING)
        return;
    switch (nts_response_open(data, len, s->uid, s->transmit, &s->s2c, aead, &p,
                              same ? &s->session.cookies : &none)) {
    case NTS_OPEN_OK:
        if (is_order(&p))
            kissed(s, now, p.reference_id, out);
        else
            answered(s, now, &p, local, out);
        break;
    case NTS_OPEN_NAK:
        s->nak = true;
        step(s, EV_NAK);
        break;
    case NTS_OPEN_FORGED:
        s->saw_forged = true;
        break;
    case NTS_OPEN_JUNK:
        break;
    }
    cookie_pool_clear(&none);
}

void source_send_failed(struct source *s, struct mono now, struct source_out *out)
{
    out->n = 0;
    if (step(s, EV_WINDOW_END))
        query_lost(s, now, false, out);
}

void source_network_changed(struct source *s, struct mono now)
{
    s->ke_unreached = 0;
    if (s->state != SOURCE_WAITING)
        return;
    if (s->session.cookies.count > 0)
        s->poll_at = now;
    /* What the back-off counts is kept; a pause for want of a network ends here. */
    if (s->ke_tries == 0 && s->ke_at.ns != SOURCE_NEVER.ns)
        s->ke_at = now;
}

void source_poll_at(struct source *s, struct mono at)
{
    s->poll_at = at;
}
