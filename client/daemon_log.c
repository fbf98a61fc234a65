/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/daemon_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client/clocks.h"
#include "client/log.h"
#include "client/report.h"

#define TEXT_MAX 512

void daemon_log_failure(struct daemon *d, unsigned i)
{
    const struct failure *f = &d->engine.hosts[i].source.fail;
    char text[TEXT_MAX];

    if (d->logged[i].stage == f->stage && d->logged[i].reason == f->reason)
        return;
    /* Who changed the clock is told where it is noticed; this server has not failed. */
    if (f->reason == REASON_LOCAL_TIMES)
        return;
    /* One lost packet is no change of state. */
    if (f->stage == STAGE_NTP_TIMEOUT && d->sources[i].reachable &&
        (d->engine.hosts[i].source.reach & 7) != 0)
        return;
    d->logged[i].stage = f->stage;
    d->logged[i].reason = f->reason;
    failure_text(f, clocks_wall(), text, sizeof text);
    log_warning("%s: %s: %s", d->engine.hosts[i].server.host, failure_stage_name(f->stage), text);
}

void daemon_log_answer(struct daemon *d, unsigned i)
{
    char address[NET_ADDR_TEXT];

    if (d->logged[i].answered && d->logged[i].stage == STAGE_OK)
        return;
    net_addr_text(&d->engine.hosts[i].ntp, address);
    log_notice("%s: answers from %s", d->engine.hosts[i].server.host, address);
    d->logged[i] = (struct host_log){.stage = STAGE_OK, .answered = true};
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

void daemon_reason(const struct daemon *d, char *buf, size_t n)
{
    const struct select_result *r = &d->ensemble.result;
    char offset[REPORT_TIME];

    buf[0] = 0;
    switch (d->ensemble.discipline.state) {
    case DISCIPLINE_SYNCHRONIZED:
        if (d->halted)
            snprintf(buf, n, "another program steers the clock");
        break;
    case DISCIPLINE_WAITING:
        snprintf(buf, n,
                 r->voices == 0 ? "no server has answered yet"
                                : "%u of %u answering servers agree, %u are needed",
                 r->agreeing, r->voices, r->needed);
        break;
    case DISCIPLINE_COASTING:
    case DISCIPLINE_UNSYNCHRONIZED:
        if (r->majority &&
            d->ensemble.discipline.bound_s <= d->ensemble.discipline.config.bound_max_s) {
            snprintf(buf, n, "%u of %u answering servers agree; the frequency is being measured",
                     r->agreeing, r->voices);
            break;
        }
        if (r->majority) {
            report_time(r->offset_ns, true, offset);
            snprintf(buf, n, "the clock is off by %s, which %s", offset,
                     d->engine.setup.monitor_only ? "nobody corrects (-x)"
                                                  : "is corrected gradually");
            break;
        }
        snprintf(buf, n, "no majority any more: %u of %u answering servers agree, %u are needed",
                 r->agreeing, r->voices, r->needed);
        break;
    case DISCIPLINE_PANIC:
        snprintf(buf, n, "the servers are %+.3f s off, beyond what may be corrected (panic)",
                 s_from_ns(r->offset_ns));
        break;
    case DISCIPLINE_OUT_OF_RANGE:
        snprintf(buf, n, "the oscillator is %+.0f ppm off, beyond what the kernel can correct",
                 r->rate * 1e6);
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
                   d->ensemble.discipline.rate * 1e6, d->ensemble.result.agreeing,
                   d->engine.setup.servers);
        return;
    }
    daemon_reason(d, reason, sizeof reason);
    log_warning("%s: %s", discipline_state_name(s), reason);
}

void daemon_log_verdicts(struct daemon *d)
{
    for (unsigned i = 0; i < d->engine.setup.servers; i++)
        log_verdict(d, i);
    log_state(d);
}
