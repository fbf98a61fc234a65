/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to the clock and to the network, in words: once a minute, however often it does. */
#include <math.h>
#include <stdio.h>

#include "client/engine/daemon_log.h"
#include "client/shared/clocks.h"
#include "client/shared/format.h"
#include "client/shared/log.h"

#define PAUSE_NS (60 * NS_PER_S)

bool daemon_log_event(struct daemon *d, enum event_kind kind)
{
    static const char *const what[EVENT_KINDS] = {[EVENT_STEPPED] = "stepped the clock",
                                                  [EVENT_FREQUENCY] =
                                                      "changed its frequency or status",
                                                  [EVENT_NETWORK] = "changed the network",
                                                  [EVENT_SLEPT] = "let the machine sleep"};
    struct daemon_events *e = &d->events[kind];
    struct mono now = clocks_mono();

    if (e->told_at.ns != 0 && now.ns - e->told_at.ns < PAUSE_NS) {
        e->untold++;
        return false;
    }
    if (e->untold > 0)
        log_warning("%u times more somebody has %s", e->untold, what[kind]);
    *e = (struct daemon_events){.told_at = now};
    return true;
}

void daemon_log_moved(struct daemon *d, int64_t ns, bool ours)
{
    if (!daemon_log_event(d, EVENT_STEPPED))
        return;
    if (ours)
        log_notice("ntsc -s has stepped the clock by %+.3f s", s_from_ns(ns));
    else
        log_warning("somebody else has stepped the clock by about %+.3f s", s_from_ns(ns));
}

void daemon_log_leapt(struct daemon *d, unsigned i)
{
    char off[REPORT_TIME];

    report_time(d->sources[i].last.offset_ns, true, off);
    log_notice("%s: off by %s at once: asking all servers again", d->engine.hosts[i].server.host,
               off);
}

void daemon_log_anew(struct daemon *d, unsigned i)
{
    if (d->sources[i].anew == 0 || d->logged[i].anew)
        return;
    d->logged[i].anew = true;
    log_notice("%s: answers contradict what it said before: its estimate begins anew (ntsc -i "
               "counts how often)",
               d->engine.hosts[i].server.host);
}

void daemon_log_rival(const struct daemon *d)
{
    char pause[REPORT_TIME];

    format_span(d->turn.rival.pause_ns, pause);
    log_warning("another program keeps steering the clock: ntsc stands back for %s, then tries "
                "again",
                pause);
}

/* How long it takes to slew what is off, and what does it now. */
void daemon_slew_words(const struct daemon *d, int64_t offset_ns, char *buf, size_t n)
{
    double s = discipline_slew_takes_s(&d->ensemble.discipline, offset_ns);
    char span[REPORT_TIME];

    format_span(s < 1e9 ? (int64_t)(s * 1e9) : INT64_MAX, span);
    snprintf(buf, n, "which takes %s; ntsc -s does it now", span);
}

void daemon_log_refused(struct daemon *d)
{
    const struct discipline *c = &d->ensemble.discipline;
    double off = s_from_ns(c->last_step_ns), panic = s_from_ns(c->config.panic_ns);
    char words[128];

    if (d->logged_refused)
        return;
    d->logged_refused = true;
    daemon_slew_words(d, c->last_step_ns, words, sizeof words);
    if (fabs(off) < panic)
        log_warning("the servers are %+.3f s off, and nothing else speaks for a step, neither "
                    "another clock nor a change by others: corrected gradually, %s",
                    off, words);
    else
        log_warning(
            "the servers are %+.3f s off, beyond what may be corrected (panic), and nothing "
            "else speaks for a step, neither another clock nor a change by others: left "
            "alone; ntsc -s corrects it now",
            off);
}
