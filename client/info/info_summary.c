/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "client/info/info.h"
#include "client/info/info_parts.h"
#include "client/shared/format.h"
#include "common/nts/ntp_packet.h"

#define INDENT          15
#define LINE_MAX_OCTETS 512

void info_colour(FILE *to, const struct info_view *v, enum info_colour c)
{
    /* ECMA-48 section 8.3.117 (SGR): the terminal's own green, yellow and red. */
    static const char *const codes[] = {
        [INFO_PLAIN] = "\033[0m",
        [INFO_GOOD] = "\033[32m",
        [INFO_DOUBTFUL] = "\033[33m",
        [INFO_BAD] = "\033[31m",
    };

    if (v->colour)
        fputs(codes[c], to);
}

void info_wrap(FILE *to, const char *head, const char *text, unsigned indent, unsigned width)
{
    size_t used = strlen(head);

    fputs(head, to);
    while (*text != 0) {
        size_t n = strcspn(text, " ");

        if (used + 1 + n > width && used > indent) {
            fprintf(to, "\n%*s", (int)indent, "");
            used = indent;
        } else if (used < indent) {
            fprintf(to, "%*s", (int)(indent - used), "");
            used = indent;
        } else if (used > indent) {
            fputs(" ", to);
            used++;
        }
        fwrite(text, 1, n, to);
        used += n;
        text += n;
        text += strspn(text, " ");
    }
    fputs("\n", to);
}

static void say(FILE *to, const char *label, const char *text, unsigned width)
{
    info_wrap(to, label, text, INDENT, width);
}

static void synchronized(FILE *to, const struct status *s, const struct info_view *v)
{
    char text[LINE_MAX_OCTETS];

    if (s->reason[0] != 0)
        snprintf(text, sizeof text, "%s%s", s->synchronized ? "yes, but " : "NO: ", s->reason);
    else
        snprintf(text, sizeof text, "%s; %u of %u servers agree", s->synchronized ? "yes" : "NO",
                 s->agreeing, s->servers);
    info_colour(to, v, !s->synchronized ? INFO_BAD : s->reason[0] != 0 ? INFO_DOUBTFUL : INFO_GOOD);
    say(to, "synchronized", text, v->width);
    info_colour(to, v, INFO_PLAIN);
    if (s->monitor_only)
        say(to, "clock", "is only watched, never touched (-x)", v->width);
}

static void offset(FILE *to, const struct status *s, unsigned width)
{
    char off[REPORT_TIME], bound[REPORT_TIME], sd[REPORT_TIME], text[LINE_MAX_OCTETS];
    /* Below the bound the sign may be chance, but which way it points helps to read it. */
    const char *way = s->offset_ns > 0   ? ", the clock is behind"
                      : s->offset_ns < 0 ? ", the clock is ahead"
                                         : "";

    if (s->bound_ns < 0) {
        say(to, "offset", "not known", width);
        return;
    }
    report_time(s->offset_ns, true, off);
    report_time(s->bound_ns, false, bound);
    if (s->sd_s > 0 && s->sd_s < 1e9) {
        format_time((int64_t)(s->sd_s * 1e9), false, 2, sd);
        snprintf(text, sizeof text, "%s +/- %s, likely within %s%s", off, bound, sd, way);
    } else {
        snprintf(text, sizeof text, "%s +/- %s%s", off, bound, way);
    }
    say(to, "offset", text, width);
}

static void frequency(FILE *to, const struct status *s, unsigned width)
{
    char text[LINE_MAX_OCTETS];

    if (s->wander > 0)
        snprintf(text, sizeof text, "%+.3f ppm, wander %.2g", s->frequency_ppm, s->wander);
    else
        snprintf(text, sizeof text, "%+.3f ppm", s->frequency_ppm);
    say(to, "frequency", text, width);
}

static const char *leap_words(uint8_t leap)
{
    switch (leap) {
    case NTP_LEAP_NONE:
        return "none announced";
    case NTP_LEAP_INSERT:
        return "one will be INSERTED at the end of the month (UTC)";
    case NTP_LEAP_DELETE:
        return "one will be LEFT OUT at the end of the month (UTC)";
    default:
        return "not known";
    }
}

static void last_step(FILE *to, const struct status *s, struct wall now, unsigned width)
{
    char size[REPORT_TIME], past[INFO_AGO], date[REPORT_TIME], text[LINE_MAX_OCTETS];

    if (s->last_step_by == STATUS_STEP_NONE) {
        say(to, "last step", "none since the start", width);
        return;
    }
    report_time(s->last_step_ns, true, size);
    format_date(s->last_step_at, date);
    snprintf(text, sizeof text, "%s by %s%s%s (%s)", size,
             s->last_step_by == STATUS_STEP_NTSC ? "ntsc" : "ANOTHER PROGRAM",
             info_ago(s->last_step_at, now, past) ? ", " : "", past, date);
    say(to, "last step", text, width);
}

void info_summary(FILE *to, const struct status *s, const struct info_view *v)
{
    char since[REPORT_TIME], past[INFO_AGO], text[LINE_MAX_OCTETS];

    synchronized(to, s, v);
    offset(to, s, v->width);
    frequency(to, s, v->width);
    say(to, "leap second", leap_words(s->leap), v->width);
    last_step(to, s, v->now, v->width);
    format_date(s->started, since);
    snprintf(text, sizeof text, "pid %u, started%s%s (%s)", s->pid,
             info_ago(s->started, v->now, past) ? " " : "", past, since);
    say(to, "daemon", text, v->width);
    if (info_ago(s->at, v->now, past))
        say(to, "written", past, v->width);
}
