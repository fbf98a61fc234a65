/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/info.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/clocks.h"
#include "client/format.h"
#include "client/info_parts.h"

#define WIDTH_DEFAULT 80
#define WIDTH_MAX     1000
#define STALE_TEXT    256

static unsigned terminal_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    unsigned long n = 0;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        n = size.ws_col;
    else if (columns != NULL && columns[0] >= '0' && columns[0] <= '9')
        n = strtoul(columns, NULL, 10);
    return n > 0 && n <= WIDTH_MAX ? (unsigned)n : WIDTH_DEFAULT;
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

static void show_text(FILE *to, const struct status_copy *c, struct wall now, unsigned width)
{
    char text[STALE_TEXT];

    if (status_age(&c->status, now) != STATUS_FRESH) {
        why_stale(&c->status, now, text, sizeof text);
        info_wrap(to, "STALE STATUS:", text, 4, width);
        fputs("This is what it knew then:\n\n", to);
    }
    info_summary(to, &c->status, now, width);
    fputs("\n", to);
    info_table(to, c, now, width);
}

int info_show(FILE *to, FILE *err, const char *path, enum info_format format, struct wall now,
              unsigned width)
{
    static struct status_copy c; /* too large for the stack */
    int error = status_read(path, &c);
    char text[STALE_TEXT];

    if (error != 0) {
        complain(err, path, error);
        /* The collector shall see that the daemon is down, not its last figures for ever. */
        if (format == INFO_OPENMETRICS)
            info_metrics(to, NULL, now);
        return INFO_NO_STATUS;
    }
    switch (format) {
    case INFO_TEXT:
        show_text(to, &c, now, width);
        break;
    case INFO_JSON:
        fwrite(c.text, 1, c.len, to);
        break;
    case INFO_OPENMETRICS:
        info_metrics(to, &c, now);
        break;
    }
    if (status_age(&c.status, now) != STATUS_FRESH) {
        why_stale(&c.status, now, text, sizeof text);
        if (format != INFO_TEXT)
            fprintf(err, "ntsc: the status is stale: %s\n", text);
        return INFO_NO_STATUS;
    }
    return c.status.synchronized ? INFO_SYNCHRONIZED : INFO_NOT_SYNCHRONIZED;
}

int info_print(const char *path, enum info_format format)
{
    int status = info_show(stdout, stderr, path, format, clocks_wall(), terminal_width());

    if (fflush(stdout) != 0) {
        fprintf(stderr, "ntsc: cannot print: %s\n", strerror(errno));
        return INFO_NO_STATUS;
    }
    return status;
}
