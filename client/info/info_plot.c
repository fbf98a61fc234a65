/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc -i --plot: the last day as a chart. */
#include <errno.h>
#include <string.h>

#include "client/info/info.h"
#include "client/info/info_chart.h"
#include "client/info/info_parts.h"
#include "client/shared/history_file.h"

#define PATH_OCTETS 512
#define OFFSET_ROWS 9
#define BOUND_ROWS  5
/* As long as the longest usual interval between polls a record stands for what comes after it. */
#define HOLD_SLOTS 4

static void neighbour(const char *path, const char *name, char buf[PATH_OCTETS])
{
    const char *slash = strrchr(path, '/');

    snprintf(buf, PATH_OCTETS, "%.*s%s", slash == NULL ? 0 : (int)(slash - path + 1), path, name);
}

static int read_history(const char *path, struct wall now, struct history_record *found,
                        unsigned *n, unsigned *torn)
{
    static char data[HISTORY_OCTETS + 1];
    size_t len;
    int error = status_read_file(path, data, sizeof data, &len);

    if (error != 0)
        return error;
    if (len > HISTORY_OCTETS)
        return EBADMSG;
    memset(data + len, 0, sizeof data - len);
    *n = history_read(data, now, found, torn);
    return 0;
}

static void widen(struct chart_range *r, double lo, double hi)
{
    if (r->lo > r->hi)
        *r = (struct chart_range){lo, hi};
    if (lo < r->lo)
        r->lo = lo;
    if (hi > r->hi)
        r->hi = hi;
}

/* Slots become columns, so that each column has as many as the next. */
static void fill(const struct history_record *h, unsigned n, struct wall now, unsigned columns,
                 struct chart_range *offset, struct chart_range *bound)
{
    int64_t first = now.ns / NS_PER_S / HISTORY_STEP_S + 1 - HISTORY_SLOTS;

    for (unsigned i = 0; i < columns; i++)
        offset[i] = bound[i] = (struct chart_range){1, 0};
    for (unsigned i = 0; i < n; i++) {
        int64_t slot = h[i].at_s / HISTORY_STEP_S - first;
        int64_t next = i + 1 < n ? h[i + 1].at_s / HISTORY_STEP_S - first : HISTORY_SLOTS;

        for (int64_t k = slot; k < next && k < slot + HOLD_SLOTS; k++) {
            unsigned column = (unsigned)((uint64_t)k * columns / HISTORY_SLOTS);

            widen(&offset[column], (double)h[i].offset_ns, (double)h[i].offset_ns);
            widen(&bound[column], 0, (double)h[i].bound_ns);
        }
    }
}

static void draw(FILE *to, const struct history_record *h, unsigned n, const struct info_view *v)
{
    static struct chart_range offset[CHART_COLUMNS_MAX], bound[CHART_COLUMNS_MAX];
    const struct chart c = chart_in(to, v->width, v->utf8);

    fill(h, n, v->now, c.columns, offset, bound);
    info_wrap(to, "offset", "of the last day; above 0 the clock is behind", 2, v->width);
    chart_panel(&c, offset, OFFSET_ROWS, true);
    info_wrap(to, "bound", "within which the true offset lies of that one", 2, v->width);
    chart_panel(&c, bound, BOUND_ROWS, false);
    chart_axis(&c);
}

void info_plot(FILE *to, FILE *err, const char *path, const struct info_view *v)
{
    static struct history_record found[HISTORY_SLOTS];
    char history[PATH_OCTETS];
    unsigned n = 0, torn = 0;
    int error;

    neighbour(path, HISTORY_FILE, history);
    error = read_history(history, v->now, found, &n, &torn);
    if (error == EBADMSG)
        fprintf(err, "ntsc: %s is not the history of an ntsc that this one understands\n", history);
    else if (error != 0)
        fprintf(err, "ntsc: %s: %s\n", history, strerror(error));
    else if (n == 0)
        fputs("Nothing is known of the last day yet.\n", to);
    else
        draw(to, found, n, v);
    if (torn > 0)
        fprintf(err, "ntsc: %s: %u of %d lines are torn and left out\n", history, torn,
                HISTORY_SLOTS);
}
