/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/daemon_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client/engine/report.h"
#include "client/shared/clocks.h"
#include "client/shared/log.h"
#include "common/base/calendar.h"

#define TEXT_MAX 512

/* Bits of the last three polls: one answer among them, and the server is there. */
#define RECENT_POLLS 7

void daemon_log_failure(struct daemon *d, unsigned i)
{
    const struct failure *f = &d->engine.hosts[i].source.fail;
    char text[TEXT_MAX];

    if (d->logged[i].stage == f->stage && d->logged[i].reason == f->reason)
        return;
    /* Who changed the clock is told where it is noticed; this server has not failed. */
    if (f->reason == REASON_LOCAL_TIMES)
        return;
    /* One lost or late packet is no change of state. */
    if ((f->stage == STAGE_NTP_TIMEOUT || f->reason == REASON_DELAY) && d->sources[i].reachable &&
        (d->engine.hosts[i].source.reach & RECENT_POLLS) != 0)
        return;
    d->logged[i].stage = f->stage;
    d->logged[i].reason = f->reason;
    failure_text(f, clocks_wall(), text, sizeof text);
    log_warning("%s: %s: %s", d->engine.hosts[i].server.host, failure_stage_name(f->stage), text);
}

/* Its certificates do not fit the clock: that it is believed at all has its conditions. */
static void log_unfit(struct daemon *d, unsigned i)
{
    const struct source *s = &d->engine.hosts[i].source;
    char from[CALENDAR_TEXT], to[CALENDAR_TEXT], now[CALENDAR_TEXT];

    if (s->provisional && !d->logged[i].is_unfit) {
        calendar_date_text(s->not_before_s, from);
        calendar_date_text(s->not_after_s, to);
        calendar_date_text(clocks_wall().ns / NS_PER_S, now);
        log_notice("%s: certificate valid from %s to %s, but this clock, for which nobody vouches, "
                   "says %s: it is not believed without a majority",
                   d->engine.hosts[i].server.host, from, to, now);
    }
    d->logged[i].is_unfit = s->provisional;
}

void daemon_log_answer(struct daemon *d, unsigned i)
{
    char address[NET_ADDR_TEXT];

    log_unfit(d, i);
    if (d->logged[i].answered && d->logged[i].stage == STAGE_OK)
        return;
    net_addr_text(&d->engine.hosts[i].ntp, address);
    log_notice("%s: answers from %s", d->engine.hosts[i].server.host, address);
    d->logged[i].stage = STAGE_OK;
    d->logged[i].reason = REASON_NONE;
    d->logged[i].answered = true;
}

static void log_verdict(struct daemon *d, unsigned i)
{
    const struct select_output *v = &d->sources[i].verdict;
    const char *name = d->engine.hosts[i].server.host;
    bool is_false = v->state == SELECT_FALSETICKER;
    char off[REPORT_TIME];

    if (is_false == d->logged[i].is_false || v->state == SELECT_UNDECIDED ||
        v->state == SELECT_UNREACHABLE)
        return;
    d->logged[i].is_false = is_false;
    report_time(v->off_ns, true, off);
    if (is_false)
        log_warning("%s contradicts the majority by %s: not believed", name, off);
    else
        log_notice("%s agrees with the majority again", name);
}

void daemon_log_step(const struct daemon *d, int64_t step_ns)
{
    const struct select_result *r = &d->ensemble.result;
    char to[CALENDAR_TEXT];

    if (!d->ensemble.provisional) {
        log_notice("stepping the clock by %+.6f s", s_from_ns(step_ns));
        return;
    }
    calendar_date_text(ns_add_sat(clocks_wall().ns, step_ns) / NS_PER_S, to);
    log_warning("stepping the clock by %+.6f s, to %s: nobody vouched for it, %u of %u servers "
                "agree, and their certificates are valid then; all keys are exchanged again",
                s_from_ns(step_ns), to, r->agreeing, r->voices);
}

/* Why certificates that do not fit the clock do not move it. */
static void reason_unfit(const struct daemon *d, char *buf, size_t n)
{
    const struct select_result *r = &d->ensemble.result;

    if (r->majority)
        snprintf(buf, n, "certificates are not valid at this clock, and it may not be stepped");
    else if (r->voices < 2)
        snprintf(buf, n,
                 "the certificate is not valid at this clock, and one server alone may not set "
                 "it (trust-single)");
    else
        snprintf(buf, n,
                 "certificates are not valid at this clock: %u of %u servers agree, %u are needed",
                 r->agreeing, r->voices, r->needed);
}

/* Servers whose answers are refused for their delay. */
static unsigned count_late(const struct daemon *d)
{
    unsigned n = 0;

    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        n += d->engine.hosts[i].source.fail.reason == REASON_DELAY;
    return n;
}

/* Since when, and until when. */
static void reason_rival(const struct daemon *d, char *buf, size_t n)
{
    struct mono now = clocks_mono();
    char since[REPORT_TIME], left[REPORT_TIME];

    format_span(ns_sub_sat(now.ns, d->turn.rival.from.ns), since);
    format_span(ns_sub_sat(d->turn.rival.until.ns, now.ns), left);
    snprintf(buf, n,
             "another program steers the clock: ntsc has stood back for %s and tries again in %s",
             since, left);
}

/* What is served lies before what is known. */
static void reason_old(const struct daemon *d, char *buf, size_t n)
{
    char served[CALENDAR_TEXT], known[CALENDAR_TEXT];

    calendar_date_text(ns_add_sat(clocks_wall().ns, d->ensemble.result.offset_ns) / NS_PER_S,
                       served);
    calendar_date_text(d->ensemble.floor.ns / NS_PER_S, known);
    snprintf(buf, n,
             "the servers say %s, but it was %s when this program was built or the clock was right "
             "last: not believed (trust-old)",
             served, known);
}

static unsigned count_answering(const struct daemon *d)
{
    unsigned n = 0;

    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        n += d->sources[i].claim.reachable;
    return n;
}

static void reason_off(const struct daemon *d, char *buf, size_t n)
{
    const struct discipline *c = &d->ensemble.discipline;
    const struct select_result *r = &d->ensemble.result;
    char offset[REPORT_TIME], words[128];

    report_time(r->offset_ns, true, offset);
    daemon_slew_words(d, r->offset_ns, words, sizeof words);
    if (d->engine.setup.monitor_only)
        snprintf(buf, n, "the clock is off by %s, which nobody corrects (-x)", offset);
    else if (c->capped)
        snprintf(buf, n,
                 "the clock is off by %s, and the only server runs %+.1f ppm off what the "
                 "oscillator was like: it is not followed until it has been steady for a day",
                 offset, ppm_from_rate(r->rate - c->reference));
    else if (discipline_slew_takes_s(c, r->offset_ns) == 0)
        snprintf(buf, n, "the clock is off by %s, which is corrected gradually", offset);
    else
        snprintf(buf, n, "the clock is off by %s, which is corrected gradually, %s", offset, words);
}

/* Where the most agree there are two camps: a majority each, with those who are in both. */
static void reason_tie(const struct daemon *d, char *buf, size_t n)
{
    const struct select_result *r = &d->ensemble.result;

    snprintf(buf, n,
             "%u of %u answering servers agree, and as many with those who contradict them%s",
             r->agreeing, r->voices, r->majority ? ": those who agree with all are followed" : "");
}

/* Answers do not always count: before the first majority those who are silent do as well. */
static void reason_few(const struct daemon *d, const char *first, char *buf, size_t n)
{
    const struct select_result *r = &d->ensemble.result;
    unsigned answering = count_answering(d);

    if (answering > r->voices)
        snprintf(buf, n,
                 "%s%u servers answer, but those at one address or of one group count once: %u "
                 "of %u agree, %u are needed",
                 first, answering, r->agreeing, r->voices, r->needed);
    else
        snprintf(buf, n, "%s%u of %u %sservers agree, %u are needed", first, r->agreeing, r->voices,
                 answering == r->voices ? "answering " : "", r->needed);
}

/* Why it is not right any more, or not yet. */
static void reason_lost(const struct daemon *d, char *buf, size_t n)
{
    const struct select_result *r = &d->ensemble.result;
    unsigned late = count_late(d);

    if (d->ensemble.old)
        reason_old(d, buf, n);
    else if (r->majority &&
             d->ensemble.discipline.bound_s <= d->ensemble.discipline.config.bound_max_s)
        snprintf(buf, n, "%u of %u answering servers agree; the frequency is being measured",
                 r->agreeing, r->voices);
    else if (r->majority)
        reason_off(d, buf, n);
    else if (r->tie)
        reason_tie(d, buf, n);
    else if (late > 0)
        snprintf(buf, n, "no majority any more: round trips to %u of %u servers take too long",
                 late, d->engine.setup.servers);
    else
        reason_few(d, "no majority any more: ", buf, n);
}

void daemon_reason(const struct daemon *d, char *buf, size_t n)
{
    const struct select_result *r = &d->ensemble.result;

    buf[0] = 0;
    if (d->turn.steering == TURN_STANDS_BACK) {
        reason_rival(d, buf, n);
        return;
    }
    switch (d->ensemble.discipline.state) {
    case DISCIPLINE_SYNCHRONIZED:
        if (d->ensemble.discipline.capped)
            snprintf(buf, n,
                     "the only server runs %+.1f ppm off what the oscillator was like: followed "
                     "by %.0f ppm at most until it has been steady for a day",
                     ppm_from_rate(r->rate - d->ensemble.discipline.reference),
                     ppm_from_rate(DISCIPLINE_DRIFT_CAP));
        else if (r->tie)
            reason_tie(d, buf, n);
        break;
    case DISCIPLINE_WAITING:
        if (d->ensemble.old) {
            reason_old(d, buf, n);
            break;
        }
        if (d->ensemble.unfit) {
            reason_unfit(d, buf, n);
            break;
        }
        if (r->tie) {
            reason_tie(d, buf, n);
            break;
        }
        if (r->voices == 0)
            snprintf(buf, n, "no server has answered yet");
        else
            reason_few(d, "", buf, n);
        break;
    case DISCIPLINE_COASTING:
    case DISCIPLINE_UNSYNCHRONIZED:
        reason_lost(d, buf, n);
        break;
    case DISCIPLINE_PANIC:
        snprintf(buf, n,
                 "the servers are %+.3f s off, beyond what may be corrected (panic): ntsc -s "
                 "corrects it now",
                 s_from_ns(r->offset_ns));
        break;
    case DISCIPLINE_OUT_OF_RANGE:
        snprintf(buf, n, "the oscillator is %+.0f ppm off, beyond what the kernel can correct",
                 ppm_from_rate(r->rate));
        break;
    }
}

static void log_state(struct daemon *d)
{
    enum discipline_state s = d->ensemble.discipline.state;
    char offset[REPORT_TIME], bound[REPORT_TIME], reason[TEXT_MAX];

    if (s == d->logged_state)
        return;
    d->logged_state = s;
    if (s == DISCIPLINE_SYNCHRONIZED) {
        report_time(d->ensemble.result.offset_ns, true, offset);
        report_time(d->ensemble.result.bound_ns, false, bound);
        log_notice("%s: offset %s +/- %s, frequency %+.3f ppm, %u of %u servers agree",
                   d->engine.setup.monitor_only ? "measured" : "synchronized", offset, bound,
                   ppm_from_rate(d->ensemble.discipline.rate), d->ensemble.result.agreeing,
                   d->engine.setup.servers);
        return;
    }
    daemon_reason(d, reason, sizeof reason);
    log_warning("%s: %s", discipline_state_name(s), reason);
}

/* Once everybody was asked: what is missing for a step? */
static void log_why_not(struct daemon *d)
{
    char reason[TEXT_MAX];

    if (!d->ensemble.unfit || d->ensemble.result.majority || d->logged_unfit)
        return;
    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        if (!d->sources[i].heard)
            return;
    d->logged_unfit = true;
    reason_unfit(d, reason, sizeof reason);
    log_warning("the clock is left alone: %s", reason);
}

/* A server that drags the frequency farther than one may alone. */
static void log_capped(struct daemon *d)
{
    char reason[TEXT_MAX];

    if (d->ensemble.discipline.capped == d->logged_capped)
        return;
    d->logged_capped = d->ensemble.discipline.capped;
    if (d->logged_capped)
        d->capped_from = d->ensemble.discipline.reference;
    daemon_reason(d, reason, sizeof reason);
    if (!d->logged_capped && d->ensemble.discipline.believed)
        log_notice("the only server has been steady for a day: the oscillator is believed to run "
                   "%+.1f ppm otherwise than it did, and the clock follows",
                   ppm_from_rate(d->ensemble.discipline.rate - d->capped_from));
    else if (!d->logged_capped)
        log_notice("the frequency is again within what an oscillator does");
    else if (d->ensemble.discipline.state == DISCIPLINE_SYNCHRONIZED)
        log_warning("%s", reason);
}

void daemon_log_verdicts(struct daemon *d)
{
    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        log_verdict(d, i);
    log_why_not(d);
    log_state(d);
    log_capped(d);
}
