/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source/source_step.h"

#include <stdio.h>
#include <string.h>

/* After a loss the packet is kept small: large ones are dropped on some ways. */
#define REQUEST_MAX_AFTER_LOSS 512

/*
 * Asks in interleaved mode where the server has answered before. What comes back as origin has to
 * be unpredictable and another number than the transmit timestamp: octets of the Unique Identifier,
 * which is as random and travels in the same packet.
 */
static void interleave(struct source *s, const struct net_addr *to, struct nts_request *q)
{
    if (q->random.transmit == 0)
        q->random.transmit = 1;
    s->receive = 0;
    if (!s->xleave || s->exchange.receive == 0 || !net_addr_equal(&s->exchange.server, to))
        return;
    memcpy(&s->receive, q->random.uid, sizeof s->receive);
    if (s->receive == 0 || s->receive == q->random.transmit)
        s->receive = ~q->random.transmit;
    q->origin = s->exchange.receive;
    q->receive = s->receive;
}

void source_query_start(struct source *s, struct mono now, const struct source_tools *tools,
                        struct source_out *out)
{
    uint8_t cookie[NTS_COOKIE_MAX];
    size_t len = cookie_pool_take(&s->session.cookies, cookie);
    unsigned left = source_cookies_left(s);
    unsigned missing = left < NTS_POOL_MAX ? NTS_POOL_MAX - left : 0;
    struct nts_request q = {
        .c2s = &s->session.c2s,
        .cookie = cookie,
        .cookie_len = len,
        /* The answer brings one cookie in any case. */
        .placeholders = s->losses == 0 && missing > 1 ? missing - 1 : 0,
        .max_len = s->losses == 0 ? NTS_REQUEST_MAX : REQUEST_MAX_AFTER_LOSS,
        .random = tools->random,
    };

    if (s->session.n_ntp > 0)
        out->to = s->session.ntp[s->address % s->session.n_ntp];
    interleave(s, &out->to, &q);
    if (q.max_len < len + 256)
        q.max_len = NTS_REQUEST_MAX;
    memcpy(s->uid, q.random.uid, sizeof s->uid);
    s->transmit = q.random.transmit;
    s->s2c = s->session.s2c;
    s->session_made = s->session.made;
    s->not_before_s = s->session.not_before_s;
    s->not_after_s = s->session.not_after_s;
    s->provisional = s->session.provisional;
    s->saw_forged = s->saw_plain = false;
    s->window_end =
        source_later(now, s->policy->query_window_ns << (s->losses < 2 ? s->losses : 2));
    s->poll_at = SOURCE_NEVER;
    s->reach = (uint8_t)(s->reach << 1);

    out->packet_len = nts_request_build(&q, tools->aead, out->packet, sizeof out->packet);
    explicit_bzero(cookie, sizeof cookie);
    explicit_bzero(&q.random, sizeof q.random);
    source_out_add(out, SOURCE_SAVE);
    source_out_add(out, SOURCE_SEND);
}

static int32_t ms_of(int64_t ns)
{
    return ns / NS_PER_MS < INT32_MAX ? (int32_t)(ns / NS_PER_MS) : INT32_MAX;
}

static void query_end(struct source *s, struct source_out *out)
{
    explicit_bzero(&s->s2c, sizeof s->s2c);
    explicit_bzero(s->uid, sizeof s->uid);
    s->transmit = s->receive = 0;
    source_out_add(out, SOURCE_CLOSE);
}

void source_name_redirect(const struct source *s, const struct net_addr *ntp, struct failure *f)
{
    char address[NET_ADDR_TEXT];

    if (ntp->family == 0 || s->session.ke.family == 0 ||
        (ntp->family == s->session.ke.family &&
         memcmp(ntp->addr, s->session.ke.addr, sizeof ntp->addr) == 0))
        return;
    net_addr_text(ntp, address);
    snprintf(f->detail, sizeof f->detail, "NTP server %.39s port %u, named by key establishment",
             address, ntp->port);
}

struct failure source_no_answer(const struct source *s)
{
    struct failure f = failure_make(STAGE_NTP_TIMEOUT, REASON_TIMEOUT, 0);

    if (s->saw_forged)
        return failure_make(STAGE_NTP_AUTH, REASON_FORGED, 0);
    if (s->saw_plain)
        return failure_make(STAGE_NTP_AUTH, REASON_PLAIN, 0);
    if (s->session.n_ntp > 0)
        source_name_redirect(s, &s->session.ntp[s->address % s->session.n_ntp], &f);
    return f;
}

void source_query_lost(struct source *s, struct mono now, bool nak, struct source_out *out)
{
    query_end(s, out);
    s->fail = nak ? failure_make(STAGE_NAK, REASON_NONE, 0) : source_no_answer(s);
    s->losses = (uint8_t)(s->losses < UINT8_MAX ? s->losses + 1 : s->losses);
    if (s->session.n_ntp > 0)
        s->address = (uint8_t)((s->address + 1) % s->session.n_ntp);
    s->poll_at = source_later(now, s->policy->retry_ns);
    source_fell_silent(s, now);
    if (nak || s->session.cookies.count == 0 || s->losses >= s->policy->losses_max)
        source_want_ke(s, now);
    source_out_add(out, SOURCE_FAILED);
}

bool source_will_ask(const struct source *s, struct mono now, struct net_addr *to)
{
    if (s->state != SOURCE_WAITING || s->session.cookies.count == 0 || s->session.n_ntp == 0 ||
        s->poll_at.ns > now.ns || s->ke_at.ns <= now.ns)
        return false;
    *to = s->session.ntp[s->address % s->session.n_ntp];
    return true;
}

void source_no_way(struct source *s, struct mono now, const struct failure *f,
                   struct source_out *out)
{
    out->n = 0;
    s->address = (uint8_t)((s->address + 1) % s->session.n_ntp);
    if (s->address != 0)
        return;
    s->reach = (uint8_t)(s->reach << 1);
    s->poll_at = source_later(now, s->policy->retry_ns);
    source_fell_silent(s, now);
    s->fail = *f;
    source_out_add(out, SOURCE_FAILED);
}

/* Whether it answers the query under way in interleaved mode. */
static bool is_interleaved(const struct source *s, const struct ntp_packet *p)
{
    return s->receive != 0 && p->origin.u == s->receive;
}

bool source_expects(const struct source *s, const uint8_t *data, size_t len)
{
    struct ntp_packet p;

    return (s->state == SOURCE_POLLING || s->state == SOURCE_NAK_PENDING) &&
           ntp_packet_decode(&p, data, len) && (p.origin.u == s->transmit || is_interleaved(s, &p));
}

/*
 * The kiss codes that ask for something. The others, and a code of zeros, come from a server that
 * has no time yet (RFC 5905 section 7.4): nobody is told to stay away.
 */
static bool is_order(const struct ntp_packet *p)
{
    uint32_t code = p->reference_id;

    return p->stratum == 0 &&
           (code == NTP_KISS_DENY || code == NTP_KISS_RSTR || code == NTP_KISS_RATE);
}

/* An authenticated kiss-o'-death (RFC 5905 section 7.4). */
static void kissed(struct source *s, struct mono now, uint32_t code, struct source_out *out)
{
    bool away = code == NTP_KISS_DENY || code == NTP_KISS_RSTR;

    if (!source_step(s, away ? SOURCE_EV_STAY_AWAY : SOURCE_EV_VALID))
        return;
    query_end(s, out);
    s->fail = failure_make(STAGE_KISS, REASON_NONE, (int32_t)code);
    s->poll_at = source_later(now, s->policy->poll_ns);
    if (code == NTP_KISS_RATE)
        s->rate = true;
    if (s->session.cookies.count == 0)
        source_want_ke(s, now);
    source_out_add(out, SOURCE_SAVE);
    source_out_add(out, SOURCE_FAILED);
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

/* By certificates that the clock refused, it is the time told that refuses them now. */
static struct failure uncertified(const struct source *s, struct wall served)
{
    struct failure f = failure_make(STAGE_NTP_SANITY, REASON_UNCERTIFIED, 0);
    bool early = served.ns / NS_PER_S < s->not_before_s;

    if (s->provisional)
        f = failure_make(STAGE_TLS_TIME, early ? REASON_NOT_YET_VALID : REASON_EXPIRED, 0);
    f.not_before_s = s->not_before_s;
    f.not_after_s = s->not_after_s;
    return f;
}

/* Somebody else's way may be any length. */
static bool late(const struct source *s, int64_t delay_ns)
{
    return s->delay_max_ns > 0 && delay_ns > s->delay_max_ns && s->session.n_ntp > 0 &&
           net_addr_equal(&s->delay_of, &s->session.ntp[s->address % s->session.n_ntp]);
}

/*
 * The exchange of which the answer tells the times: this one, or in interleaved mode the one before
 * it, whose real transmit timestamp it brings. False when that one has given its sample in basic
 * mode already: so the first interleaved answer is never used. Afterwards this one is the last.
 */
static bool take_exchange(struct source *s, struct ntp_packet *p, struct local_stamps *local)
{
    const struct source_exchange last = s->exchange;
    bool interleaved = is_interleaved(s, p);

    s->exchange = (struct source_exchange){
        .receive = p->receive.u, .local = *local, .interleaved = interleaved};
    if (s->session.n_ntp > 0)
        s->exchange.server = s->session.ntp[s->address % s->session.n_ntp];
    if (!interleaved)
        return true;
    p->receive.u = last.receive;
    *local = last.local;
    return last.interleaved && last.receive != 0;
}

/* A sample of the answer; false with *f when it is none. */
static bool judge(const struct source *s, const struct ntp_packet *p,
                  const struct local_stamps *local, struct sample *sample, struct failure *f)
{
    struct wall served = wall_from_ntp(p->transmit, s->policy->pivot);

    if (!sample_make(sample, p, local, s->policy->pivot, f))
        return false;
    if (!certified(s, served)) {
        *f = uncertified(s, served);
        return false;
    }
    if (late(s, sample->delay_ns)) {
        *f = failure_make(STAGE_NTP_SANITY, REASON_DELAY, ms_of(sample->delay_ns));
        return false;
    }
    sample->provisional = s->provisional;
    return true;
}

static void answered(struct source *s, struct mono now, struct ntp_packet *p,
                     struct local_stamps local, struct source_out *out)
{
    struct failure f = failure_make(STAGE_OK, REASON_NONE, 0);
    bool within = certified(s, wall_from_ntp(p->transmit, s->policy->pivot));
    bool good, usable = take_exchange(s, p, &local);

    if (!source_step(s, SOURCE_EV_VALID))
        return;
    query_end(s, out);
    s->losses = 0;
    if (s->silent && ns_sub_sat(now.ns, s->silent_since.ns) >= SOURCE_ELSEWHERE_NS)
        source_elsewhere(s);
    s->silent = false;
    /*
     * Outside the validity of its certificate the key exchange has not proved itself; nor has a
     * later one when old keys are answered: the pause between them goes on growing (RFC 8915
     * section 4.2).
     */
    if (within && s->keys_newest)
        s->ke_tries = 0;
    if (within)
        s->ke_at = SOURCE_NEVER;
    s->poll_at = source_later(now, s->policy->poll_ns);
    if (s->session.cookies.count == 0 || !within)
        source_want_ke(s, now);
    source_out_add(out, SOURCE_SAVE);
    good = !usable || judge(s, p, &local, &out->sample, &f);
    if (good)
        s->reach |= 1;
    s->fail = f;
    if (!good || usable)
        source_out_add(out, good ? SOURCE_SAMPLE : SOURCE_FAILED);
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
    if (!ntp_packet_decode(&p, data, len))
        return;
    switch (nts_response_open(data, len, s->uid, is_interleaved(s, &p) ? s->receive : s->transmit,
                              &s->s2c, aead, &p, same ? &s->session.cookies : &none)) {
    case NTS_OPEN_OK:
        if (is_order(&p))
            kissed(s, now, p.reference_id, out);
        else
            answered(s, now, &p, *local, out);
        break;
    case NTS_OPEN_NAK:
        s->nak = true;
        source_step(s, SOURCE_EV_NAK);
        break;
    case NTS_OPEN_FORGED:
        s->saw_forged = true;
        break;
    case NTS_OPEN_PLAIN:
        s->saw_plain = true;
        break;
    case NTS_OPEN_JUNK:
        break;
    }
    cookie_pool_clear(&none);
}

void source_send_failed(struct source *s, struct mono now, struct source_out *out)
{
    out->n = 0;
    if (source_step(s, SOURCE_EV_WINDOW_END))
        source_query_lost(s, now, false, out);
}
