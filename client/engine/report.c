/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/engine/report.h"

#include <stdarg.h>
#include <string.h>

#include "client/engine/report_fold.h"
#include "client/shared/clocks.h"

#define TEXT_MAX REPORT_NAME

void report_host_name(const struct host *h, char buf[REPORT_NAME])
{
    addr_with_port(h->server.host, h->server.port, NTS_KE_PORT, buf, TEXT_MAX);
}

/* What the next run finds. */
static unsigned cookies_kept(const struct host *h)
{
    return h->store == HOST_MEMORY_ONLY ? 0 : source_cookies_left(&h->source);
}

/* A line, which on a terminal is made to fit. */
static void __attribute__((format(printf, 3, 4)))
line(FILE *to, const struct oneshot *o, const char *format, ...)
{
    char text[3 * TEXT_MAX];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    report_fold(to, text, o->engine.setup.columns);
}

static void text_host(FILE *to, const struct oneshot *o, const struct host *h,
                      const struct sample *s, const char *name)
{
    char offset[REPORT_TIME], bound[REPORT_TIME], delay[REPORT_TIME], address[TEXT_MAX];

    report_time(s->offset_ns, true, offset);
    report_time(s->bound_ns, false, bound);
    report_time(s->delay_ns, false, delay);
    addr_text_with_port(&h->ntp, address, sizeof address);
    line(to, o, "%s  %s  offset %s +/- %s  round trip %s  stratum %u  %s  %u cookies kept", name,
         address, offset, bound, delay, s->stratum, aead_name(h->source.session.c2s.id),
         cookies_kept(h));
}

static void text_failure(FILE *to, const struct oneshot *o, const struct host *h, const char *name)
{
    char text[TEXT_MAX];

    failure_text(&h->source.fail, clocks_wall(), text, sizeof text);
    line(to, o, "%s  %s: %s", name, failure_stage_name(h->source.fail.stage), text);
}

/* Who contradicts, and by how much: the majority, or, where there is none, the first that answered.
 */
static void text_disagreement(FILE *to, const struct oneshot *o, const struct conclusion *c)
{
    bool majority = c->verdict != VERDICT_NO_AGREEMENT;
    int64_t reference = c->offset_ns, reach = 0;
    char text[REPORT_TIME], name[TEXT_MAX], against[TEXT_MAX] = "";

    if (majority)
        snprintf(against, sizeof against, "the majority");
    for (unsigned i = 0; i < o->engine.setup.servers; i++) {
        const struct host *h = &o->engine.hosts[i];
        const struct result *r = &o->results[i];
        int64_t off;

        if (r->samples == 0 || (c->agree >> i & 1) != 0)
            continue;
        if (against[0] == 0) {
            report_host_name(h, against);
            reference = r->best.offset_ns;
            reach = r->best.bound_ns;
            continue;
        }
        off = ns_sub_sat(r->best.offset_ns, reference);
        /* Without a majority some may still agree with the first. */
        if (!majority && (off < 0 ? -off : off) <= ns_add_sat(reach, r->best.bound_ns))
            continue;
        report_host_name(h, name);
        report_time(off, true, text);
        line(to, o, "%s differs from %s by %s", name, against, text);
    }
}

static void text_sum(FILE *to, const struct oneshot *o, const struct conclusion *c)
{
    const struct msg_setup *setup = &o->engine.setup;
    char offset[REPORT_TIME], bound[REPORT_TIME];

    report_time(c->offset_ns, true, offset);
    report_time(c->bound_ns, false, bound);
    if (o->interrupted && setup->mode == RUN_SET && c->verdict != VERDICT_SET)
        line(to, o, "interrupted: the clock was left alone");
    switch (c->verdict) {
    case VERDICT_OK:
        if (setup->servers == 1)
            return;
        break;
    case VERDICT_WARNING: /* limits make it a plug-in's line */
    case VERDICT_OLD:
    case VERDICT_CRITICAL:
        break;
    case VERDICT_SET:
        line(to, o, "clock set by %s, right within %s", offset, bound);
        return;
    case VERDICT_SET_FAILED:
        line(to, o, "clock NOT set: %s", strerror(c->set_errno));
        return;
    case VERDICT_NO_ANSWER:
        if (setup->servers > 1)
            line(to, o, "no authenticated answer from any of %u servers", setup->servers);
        return;
    case VERDICT_NO_AGREEMENT:
        if (c->unfit && c->voices < 2)
            line(to, o,
                 "the certificate is not valid at this clock, and one server alone may not set "
                 "it (trust-single)");
        line(to, o, "no agreement: %u of %u servers answered, and no majority of all agrees%s",
             c->answered, setup->servers,
             setup->mode == RUN_SET ? "; the clock was left alone" : "");
        return;
    }
    if (c->verdict == VERDICT_OLD)
        line(to, o,
             "this time lies before that when this program was built, or the clock was known to "
             "be right last: not believed (trust-old)");
    line(to, o, "offset %s +/- %s, %u of %u servers agree", offset, bound, c->agreeing,
         setup->servers);
    if (c->provisional)
        line(to, o, "certificates are not valid at this clock, but they are at the servers' time");
}

void report_host(FILE *to, const struct oneshot *o, unsigned i)
{
    const struct host *h = &o->engine.hosts[i];
    char name[TEXT_MAX];

    report_host_name(h, name);
    if (o->results[i].samples > 0)
        text_host(to, o, h, &o->results[i].best, name);
    else if (o->interrupted && !o->results[i].done)
        line(to, o, "%s  not known: interrupted before it answered", name);
    else
        text_failure(to, o, h, name);
}

void report_hosts(FILE *to, const struct oneshot *o, const struct conclusion *c)
{
    for (unsigned i = 0; i < o->engine.setup.servers; i++)
        if (!o->results[i].shown)
            report_host(to, o, i);
    if (c->answered > c->agreeing)
        text_disagreement(to, o, c);
}

void report_text(FILE *to, const struct oneshot *o, const struct conclusion *c)
{
    report_hosts(to, o, c);
    text_sum(to, o, c);
}
