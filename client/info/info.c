/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/info/info.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/info/info_parts.h"
#include "client/shared/clocks.h"
#include "client/shared/format.h"
#include "client/shared/terminal.h"

#define STALE_TEXT 256

/* Never in pipes and files; whoever sets NO_COLOR to anything wants none (no-color.org). */
static bool terminal_colour(void)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && (none == NULL || none[0] == 0) && term != NULL &&
           strcmp(term, "dumb") != 0;
}

/* As the locale says. */
static bool terminal_utf8(void)
{
    (void)setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void complain(FILE *err, const char *path, int error)
{
    if (error == ENOENT)
        fprintf(err, "ntsc: %s is not there: the daemon does not run\n", path);
    else if (error == EBADMSG)
        fprintf(err, "ntsc: %s is not the status of an ntsc that this one understands\n", path);
    else
        fprintf(err, "ntsc: %s: %s\n", path, strerror(error));
}

static void why_stale(const struct status *s, struct wall now, char *text, size_t n)
{
    char since[REPORT_TIME], span[REPORT_TIME];

    if (status_age(s, now) == STATUS_FUTURE) {
        format_date(s->at, since);
        snprintf(text, n,
                 "it was written at %s, which is later than now: the clock was set back since",
                 since);
    } else {
        format_date(s->next, since);
        format_span(ns_sub_sat(now.ns, s->next.ns), span);
        snprintf(text, n,
                 "a new one was due at %s, %s ago: the daemon (pid %u) hangs or was killed", since,
                 span, s->pid);
    }
}

static void show_text(FILE *to, const struct status_copy *c, const struct info_view *v)
{
    char text[STALE_TEXT];

    if (status_age(&c->status, v->now) != STATUS_FRESH) {
        why_stale(&c->status, v->now, text, sizeof text);
        info_wrap(to, "STALE STATUS:", text, 4, v->width);
        fputs("This is what it knew then:\n\n", to);
    }
    info_summary(to, &c->status, v);
    fputs("\n", to);
}

int info_show(FILE *to, FILE *err, const char *path, const struct info_view *v)
{
    static struct status_copy c; /* too large for the stack */
    int error = status_read(path, &c);
    char text[STALE_TEXT];

    if (error != 0) {
        complain(err, path, error);
        /* The collector shall see that the daemon is down, not its last figures for ever. */
        if (v->format == INFO_OPENMETRICS) {
            info_metrics(to, NULL, v->now);
            return INFO_PRINTED;
        }
        if (v->format == INFO_PLOT)
            info_plot(to, err, path, v);
        return INFO_NO_STATUS;
    }
    switch (v->format) {
    case INFO_TEXT:
        show_text(to, &c, v);
        info_table(to, &c, v);
        break;
    case INFO_PLOT:
        show_text(to, &c, v);
        info_plot(to, err, path, v);
        break;
    case INFO_JSON:
        fwrite(c.text, 1, c.len, to);
        break;
    case INFO_OPENMETRICS:
        info_metrics(to, &c, v->now);
        break;
    }
    if (status_age(&c.status, v->now) != STATUS_FRESH) {
        why_stale(&c.status, v->now, text, sizeof text);
        if (v->format == INFO_JSON || v->format == INFO_OPENMETRICS)
            fprintf(err, "ntsc: the status is stale: %s\n", text);
        return v->format == INFO_OPENMETRICS ? INFO_PRINTED : INFO_NO_STATUS;
    }
    if (v->format == INFO_OPENMETRICS)
        return INFO_PRINTED;
    return c.status.synchronized ? INFO_SYNCHRONIZED : INFO_NOT_SYNCHRONIZED;
}

int info_print(const char *path, enum info_format format, bool verbose)
{
    const struct info_view v = {.format = format,
                                .now = clocks_wall(),
                                .width = terminal_width(),
                                .verbose = verbose,
                                .colour = terminal_colour(),
                                .utf8 = terminal_utf8()};
    int status = info_show(stdout, stderr, path, &v);

    if (fflush(stdout) != 0) {
        fprintf(stderr, "ntsc: cannot print: %s\n", strerror(errno));
        return INFO_NO_STATUS;
    }
    return status;
}
