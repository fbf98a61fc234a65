/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/source/pilot.h"

#include <math.h>
#include <string.h>

#include "common/base/invariant.h"
#include "common/nts/cert_span.h"

/* CLOCK_REALTIME may run away from the raw clock by what slewing allows, and by reading errors. */
#define JUMP_PPM    1100
#define PER_MILLION 1000000
#define JUMP_NS     (10 * NS_PER_MS)
/* and, in so long after the first order, by what the discipline may slew in its first seconds. */
#define JUMP_FAST_NS   (20 * NS_PER_S)
#define JUMP_FAST_PART 100 /* of the time: DISCIPLINE_FAST_SLEW, rounded up */

/* A leap second is recognized so long after it. */
#define LEAP_LATE_S 600

/* A stored frequency was true when it was stored; oscillators age, and temperatures change. */
#define STORED_SD    1e-6
#define STORED_UNITS 1e12 /* of a rate of 1, in the file (clock_file.h) */

/* What the kernel has, nobody vouches for. */
#define KERNEL_SD 20e-6

const struct source_policy pilot_policy = {.query_window_ns = 2 * NS_PER_S,
                                           .retry_ns = 64 * NS_PER_S,
                                           .poll_ns = 64 * NS_PER_S,
                                           .losses_max = 8};

/* Who answers at one address is one source; who has left it is its own again. */
static void note_address(struct ensemble *e, unsigned i, const struct net_addr *from)
{
    e->sources[i].ntp = *from;
    for (unsigned j = 0; j < e->n; j++)
        if (e->sources[j].ntp.family != 0)
            e->sources[j].address = 1 + net_addr_first(&e->sources[0].ntp, sizeof *e->sources, j);
}

bool pilot_sample(struct ensemble *e, unsigned i, const struct net_addr *from,
                  const struct sample *s)
{
    note_address(e, i, from);
    e->sources[i].reachable = e->sources[i].heard = true;
    poll_answered(&e->sources[i].poll);
    return ensemble_sample(e, i, s);
}

bool pilot_failed(struct ensemble *e, unsigned i, struct source *s)
{
    INVARIANT(i < e->n && s->fail.stage < STAGE_COUNT);
    e->sources[i].reachable = s->reach != 0 && s->state != SOURCE_REFUSED;
    e->sources[i].heard = true;
    if (s->rate)
        poll_rate(&e->sources[i].poll);
    s->rate = false;
    switch ((enum stage)s->fail.stage) {
    case STAGE_NTP_TIMEOUT:
    case STAGE_NTP_AUTH:
    case STAGE_NAK:
    case STAGE_KISS:
    case STAGE_NTP_SANITY:
        return true;
    default:
        return false;
    }
}

/* Its answer took longer than it may. */
static void delay_beyond(struct ensemble *e, unsigned i, struct source *s, struct mono now)
{
    struct ensemble_source *source = &e->sources[i];
    int64_t delay_ns = s->fail.code * NS_PER_MS;

    if (e->discipline.state == DISCIPLINE_UNSYNCHRONIZED && !e->result.majority) {
        ensemble_moved(e, i);
        source_limit_delay(s, &source->ntp, 0);
    } else if (way_beyond(&source->way, now, &delay_ns, e->maxdelay_ns)) {
        source_limit_delay(s, &source->ntp, ns_add_sat(delay_ns, e->maxdelay_ns));
    }
}

/* How long the round trip of its next answer may take: see pilot.h. */
static void limit_delay(struct ensemble *e, unsigned i, struct source *s, struct mono now)
{
    struct ensemble_source *source = &e->sources[i];
    int64_t limit = ns_add_sat(source->last.delay_ns, e->maxdelay_ns);

    if (s->fail.reason == REASON_DELAY)
        delay_beyond(e, i, s, now);
    if (s->fail.stage != STAGE_OK || !source->has_sample || e->maxdelay_ns == 0)
        return;
    way_fits(&source->way, source->last.delay_ns, s->delay_max_ns == 0);
    /* What nothing limited, or came by a shorter way, is what the next are held against. */
    if (s->delay_max_ns == 0 || limit < s->delay_max_ns ||
        !net_addr_equal(&s->delay_of, &source->ntp))
        source_limit_delay(s, &source->ntp, limit);
}

void pilot_plan(struct ensemble *e, unsigned i, struct source *s, struct mono sent, uint32_t random)
{
    INVARIANT(i < e->n);
    limit_delay(e, i, s, sent);
    poll_spare(&e->sources[i].poll, source_cookies_left(s));
    source_poll_at(s, (struct mono){ns_add_sat(sent.ns, ensemble_next_poll_ns(e, i, random))});
}

void pilot_hurry(const struct ensemble *e, unsigned i, struct source *s)
{
    /* The discipline was told of the doubt when it was updated last. */
    struct mono soon = {ns_add_sat(e->discipline.updated.ns, PILOT_HURRY_NS)};
    unsigned fresh = e->sources[i].fresh;

    if (e->discipline.doubting && fresh > 0 && fresh < DISCIPLINE_ROUNDS && s->poll_at.ns > soon.ns)
        source_poll_at(s, soon);
}

void pilot_ask(struct ensemble *e, unsigned i, struct source *s, struct mono now,
               enum pilot_ask how)
{
    unsigned cookies = source_cookies_left(s);

    if (how == PILOT_ASK_AGAIN && (s->state != SOURCE_WAITING || cookies == 0))
        return;
    poll_burst(&e->sources[i].poll, cookies, how == PILOT_ASK_RESTART);
    if (how == PILOT_ASK_RESTART)
        source_limit_delay(s, &e->sources[i].ntp, 0);
    if (how == PILOT_ASK_AGAIN)
        source_poll_at(s, now);
    else
        source_network_changed(s, now);
}

bool pilot_renew(struct ensemble *e, unsigned i, struct source *s, const struct instant *now)
{
    struct cert_span span = {s->session.not_before_s, s->session.not_after_s};

    if (!s->session.provisional ||
        !(e->discipline.synchronized_once || cert_span_holds(&span, now->wall.ns / NS_PER_S)))
        return false;
    if (!source_renew(s, now->mono))
        return false;
    ensemble_forget(e, i);
    poll_burst(&e->sources[i].poll, NTS_POOL_MAX, true);
    return true;
}

int64_t pilot_jump_ns(const struct ensemble *e, const struct instant *last,
                      const struct instant *now)
{
    int64_t raw = ns_sub_sat(now->raw.ns, last->raw.ns);
    int64_t wall = ns_sub_sat(now->wall.ns, last->wall.ns);
    int64_t jump = ns_sub_sat(wall, raw) - (int64_t)((double)raw * e->discipline.rate);

    int64_t limit = raw / PER_MILLION * JUMP_PPM + JUMP_NS;

    /* Our own fast slews of the first seconds are nobody's steps. */
    if (e->discipline.began && ns_sub_sat(last->mono.ns, e->discipline.first.ns) < JUMP_FAST_NS)
        limit = ns_add_sat(limit, raw / JUMP_FAST_PART);
    return (jump < 0 ? -jump : jump) > limit ? jump : 0;
}

int64_t pilot_leap_ns(const struct ensemble *e, int64_t jump_ns, const struct instant *now)
{
    const struct discipline *d = &e->discipline;
    int64_t leap = (d->leap_bits & CLOCK_INS) != 0   ? -NS_PER_S
                   : (d->leap_bits & CLOCK_DEL) != 0 ? NS_PER_S
                                                     : 0;
    int64_t off = ns_sub_sat(jump_ns, leap);
    int64_t since = now->wall.ns / NS_PER_S - d->leap_midnight_s;

    /* 23:59:59 comes twice, or not at all. It is noticed at once, or late by some held-up turns. */
    return since >= -1 && since < LEAP_LATE_S && (off < 0 ? -off : off) < JUMP_NS * 10 ? leap : 0;
}

void pilot_round_want(struct pilot_rounds *r, enum pilot_ask how)
{
    if (how > r->wanted)
        r->wanted = how;
}

struct mono pilot_round_next(const struct pilot_rounds *r)
{
    struct mono next = {INT64_MIN};

    if (r->wanted == PILOT_ASK_NOTHING)
        return SOURCE_NEVER;
    if (r->n > 0)
        next.ns = ns_add_sat(r->at[0].ns, PILOT_ROUND_NS);
    if (r->n == PILOT_ROUNDS_MAX && r->at[PILOT_ROUNDS_MAX - 1].ns > next.ns - PILOT_ROUNDS_NS)
        next.ns = ns_add_sat(r->at[PILOT_ROUNDS_MAX - 1].ns, PILOT_ROUNDS_NS);
    return next;
}

bool pilot_round_take(struct pilot_rounds *r, struct mono now, enum pilot_ask *how)
{
    if (r->wanted == PILOT_ASK_NOTHING || pilot_round_next(r).ns > now.ns)
        return false;
    *how = r->wanted;
    r->wanted = PILOT_ASK_NOTHING;
    memmove(&r->at[1], &r->at[0], sizeof r->at - sizeof r->at[0]);
    r->at[0] = now;
    if (r->n < PILOT_ROUNDS_MAX)
        r->n++;
    return true;
}

bool pilot_rival_changed(struct pilot_rival *r, struct mono now)
{
    if (pilot_rival_reigns(r, now) ||
        (r->n > 0 && ns_sub_sat(now.ns, r->at[0].ns) < PILOT_RIVAL_ONE_NS))
        return false;
    memmove(&r->at[1], &r->at[0], sizeof r->at - sizeof r->at[0]);
    r->at[0] = now;
    if (r->n <= PILOT_RIVAL_MAX)
        r->n++;
    if (r->n <= PILOT_RIVAL_MAX || ns_sub_sat(now.ns, r->at[PILOT_RIVAL_MAX].ns) > PILOT_RIVAL_NS)
        return false;
    if (r->pause_ns == 0 || ns_sub_sat(now.ns, r->until.ns) > PILOT_RIVAL_LAST_NS)
        r->pause_ns = PILOT_RIVAL_FIRST_NS;
    else
        r->pause_ns = r->pause_ns * 2 < PILOT_RIVAL_LAST_NS ? r->pause_ns * 2 : PILOT_RIVAL_LAST_NS;
    r->from = now;
    r->until.ns = ns_add_sat(now.ns, r->pause_ns);
    r->n = 0;
    return true;
}

bool pilot_rival_reigns(const struct pilot_rival *r, struct mono now)
{
    return r->pause_ns > 0 && now.ns < r->until.ns;
}

bool pilot_store_clock(const struct ensemble *e, struct wall now, struct clock_file *c)
{
    if (!e->result.majority || e->discipline.state != DISCIPLINE_SYNCHRONIZED)
        return false;
    *c = (struct clock_file){.frequency_ppt = (int64_t)(e->result.rate * STORED_UNITS),
                             .sd_ppt = (int64_t)(e->result.rate_sd * STORED_UNITS) + 1,
                             .last_good_s = now.ns / NS_PER_S};
    return true;
}

double pilot_start_clock(struct ensemble *e, const struct clock_file *stored, double kernel_rate,
                         double *sd)
{
    double rate = kernel_rate;

    *sd = KERNEL_SD;
    if (stored != NULL) {
        rate = (double)stored->frequency_ppt / STORED_UNITS;
        *sd = hypot((double)stored->sd_ppt / STORED_UNITS, STORED_SD);
        discipline_start_rate(&e->discipline, rate);
    }
    if (rate == 0)
        *sd = 0;
    return rate;
}
