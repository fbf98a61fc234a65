/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "client/info/info.h"
#include "client/info/info_parts.h"
#include "client/shared/format.h"

#define CELL_MAX       INFO_NAME
#define NAME_WIDTH_MIN 12
#define FAILURE_TEXT   512
#define TABLE_DIGITS   3

enum column_id {
    COLUMN_NAME,
    COLUMN_STATE,
    COLUMN_OFFSET,
    COLUMN_BOUND,
    COLUMN_DELAY,
    COLUMN_STRATUM,
    COLUMN_POLL,
    COLUMN_REACH,
    COLUMN_COOKIES,
    COLUMN_NEXT,
    COLUMN_LAST,
    COLUMN_FREQUENCY,
    COLUMN_DEVIATION,
    COLUMN_SAMPLES,
    COLUMN_SPAN,
    COLUMN_ADDRESS,
    COLUMNS
};

/* A header that does not speak for itself has its meaning in the legend. */
static const struct {
    const char *header;
    bool left;
    const char *meaning;
} columns[COLUMNS] = {
    [COLUMN_NAME] = {"server", true, NULL},
    [COLUMN_STATE] = {"state", true, NULL},
    [COLUMN_OFFSET] = {"offset", false, NULL},
    [COLUMN_BOUND] = {"+/-", false, "bound"},
    [COLUMN_DELAY] = {"delay", false, NULL},
    [COLUMN_STRATUM] = {"st", false, "stratum"},
    [COLUMN_POLL] = {"poll", false, "in s"},
    [COLUMN_REACH] = {"reach", false, "octal of 8"},
    [COLUMN_COOKIES] = {"ck", false, "cookies"},
    [COLUMN_NEXT] = {"next", false, NULL},
    [COLUMN_LAST] = {"last", false, "answer's age"},
    [COLUMN_FREQUENCY] = {"ppm", false, "frequency"},
    [COLUMN_DEVIATION] = {"sd", false, "its deviation"},
    [COLUMN_SAMPLES] = {"n", false, "samples"},
    [COLUMN_SPAN] = {"span", false, NULL},
    [COLUMN_ADDRESS] = {"address", true, NULL},
};

/*
 * What is left out first where the terminal is too narrow, as the first of these are already where
 * names would have to be shortened; name and state always stay.
 */
static const uint8_t least_important[] = {
    COLUMN_ADDRESS, COLUMN_SPAN,    COLUMN_SAMPLES, COLUMN_DEVIATION, COLUMN_FREQUENCY,
    COLUMN_LAST,    COLUMN_COOKIES, COLUMN_DELAY,   COLUMN_STRATUM,   COLUMN_REACH,
    COLUMN_NEXT,    COLUMN_POLL,    COLUMN_BOUND,   COLUMN_OFFSET,
};
#define LUXURIES 6

struct table {
    const struct status_copy *c;
    struct wall now;
    bool fresh;
    unsigned width[COLUMNS]; /* 0: left out */
    unsigned gap;
};

static void next_cell(const struct table *t, const struct status_source *s, char buf[CELL_MAX])
{
    char span[REPORT_TIME];

    if (s->next_poll.ns == 0 || !t->fresh) {
        snprintf(buf, CELL_MAX, "-");
    } else if (s->next_poll.ns < t->now.ns + NS_PER_S) {
        snprintf(buf, CELL_MAX, "now");
    } else {
        format_span(ns_sub_sat(s->next_poll.ns, t->now.ns), span);
        snprintf(buf, CELL_MAX, "%s", span);
    }
}

static void last_cell(const struct table *t, const struct status_source *s, char buf[CELL_MAX])
{
    char span[REPORT_TIME] = "-";

    if (s->answered_at.ns != 0 && s->answered_at.ns <= t->now.ns)
        format_span(ns_sub_sat(t->now.ns, s->answered_at.ns), span);
    snprintf(buf, CELL_MAX, "%s", span);
}

static void span_cell(const struct status_source *s, char buf[CELL_MAX])
{
    char span[REPORT_TIME] = "-";

    if (s->span_ns > 0)
        format_span(s->span_ns, span);
    snprintf(buf, CELL_MAX, "%s", span);
}

static void frequency_cell(const struct status_source *s, char buf[CELL_MAX])
{
    snprintf(buf, CELL_MAX, s->frequency_sd_ppm > 0 ? "%+.3f" : "-", s->frequency_ppm);
}

static void deviation_cell(const struct status_source *s, char buf[CELL_MAX])
{
    snprintf(buf, CELL_MAX, s->frequency_sd_ppm > 0 ? "%.2g" : "-", s->frequency_sd_ppm);
}

static void time_cell(bool known, int64_t ns, bool sign, char buf[CELL_MAX])
{
    char text[REPORT_TIME] = "-";

    if (known)
        format_time(ns, sign, TABLE_DIGITS, text);
    snprintf(buf, CELL_MAX, "%s", text);
}

static void poll_cell(int8_t log2s, char buf[CELL_MAX])
{
    if (log2s >= 0 && log2s < 63)
        snprintf(buf, CELL_MAX, "%llu", 1ULL << log2s);
    else
        snprintf(buf, CELL_MAX, "2^%d", log2s);
}

static void cell(const struct table *t, const struct status_source *s, enum column_id column,
                 char buf[CELL_MAX])
{
    switch (column) {
    case COLUMN_NAME:
        info_name(s, buf);
        return;
    case COLUMN_STATE:
        info_state_word(s, buf);
        return;
    case COLUMN_OFFSET:
        time_cell(s->bound_ns >= 0, s->offset_ns, true, buf);
        return;
    case COLUMN_BOUND:
        time_cell(s->bound_ns >= 0, s->bound_ns, false, buf);
        return;
    case COLUMN_DELAY:
        time_cell(s->delay_ns != 0, s->delay_ns, false, buf);
        return;
    case COLUMN_STRATUM:
        snprintf(buf, CELL_MAX, s->stratum == 0 ? "-" : "%u", s->stratum);
        return;
    case COLUMN_POLL:
        poll_cell(s->poll_log2s, buf);
        return;
    case COLUMN_REACH:
        snprintf(buf, CELL_MAX, "%03o", s->reach);
        return;
    case COLUMN_COOKIES:
        snprintf(buf, CELL_MAX, "%u", s->cookies);
        return;
    case COLUMN_NEXT:
        next_cell(t, s, buf);
        return;
    case COLUMN_LAST:
        last_cell(t, s, buf);
        return;
    case COLUMN_FREQUENCY:
        frequency_cell(s, buf);
        return;
    case COLUMN_DEVIATION:
        deviation_cell(s, buf);
        return;
    case COLUMN_SAMPLES:
        snprintf(buf, CELL_MAX, "%u", s->samples);
        return;
    case COLUMN_SPAN:
        span_cell(s, buf);
        return;
    case COLUMN_ADDRESS:
        if (s->has_ntp_address)
            net_addr_text(&s->ntp, buf);
        else
            snprintf(buf, CELL_MAX, "-");
        return;
    case COLUMNS:
        break;
    }
    buf[0] = 0;
}

static unsigned wanted_width(const struct table *t, enum column_id column)
{
    size_t width = strlen(columns[column].header);
    char buf[CELL_MAX];

    for (unsigned i = 0; i < t->c->n; i++) {
        cell(t, &t->c->sources[i], column, buf);
        if (strlen(buf) > width)
            width = strlen(buf);
    }
    return (unsigned)width;
}

/* All but the name. */
static unsigned rest_width(const struct table *t)
{
    unsigned sum = 0;

    for (unsigned k = COLUMN_NAME + 1; k < COLUMNS; k++)
        if (t->width[k] > 0)
            sum += t->width[k] + t->gap;
    return sum;
}

static void lay_out(struct table *t, unsigned width)
{
    unsigned name, least, dropped = 0;

    for (unsigned k = 0; k < COLUMNS; k++)
        t->width[k] = wanted_width(t, (enum column_id)k);
    name = t->width[COLUMN_NAME];
    least = name < NAME_WIDTH_MIN ? name : NAME_WIDTH_MIN;
    t->gap = 2;
    while (rest_width(t) + name > width && dropped < LUXURIES)
        t->width[least_important[dropped++]] = 0;
    if (rest_width(t) + name > width)
        t->gap = 1;
    while (rest_width(t) + least > width && dropped < sizeof least_important)
        t->width[least_important[dropped++]] = 0;
    if (rest_width(t) + name > width)
        t->width[COLUMN_NAME] = rest_width(t) + least > width ? least : width - rest_width(t);
}

/* Shortens in the middle: the ends of a host name tell more. */
static void shorten(char *s, size_t width)
{
    size_t len = strlen(s), head = (width - 2) / 2, tail = width - 2 - head;

    if (len <= width)
        return;
    s[head] = s[head + 1] = '.';
    memmove(s + head + 2, s + len - tail, tail + 1);
}

static void print_cell(FILE *to, const struct table *t, enum column_id column, const char *text)
{
    bool last = true;
    int width = (int)t->width[column];

    for (unsigned k = column + 1U; k < COLUMNS; k++)
        last = last && t->width[k] == 0;
    if (!columns[column].left)
        fprintf(to, "%*s", width, text);
    else if (last)
        fputs(text, to);
    else
        fprintf(to, "%-*s", width, text);
    fprintf(to, "%*s", last ? 0 : (int)t->gap, "");
}

static enum info_colour colour_of(const struct status_source *s)
{
    if (s->selected == SELECT_FALSETICKER || s->state == SOURCE_REFUSED)
        return INFO_BAD;
    if (s->selected == SELECT_SELECTED || s->selected == SELECT_SHADOWED)
        return s->fail.stage == STAGE_OK ? INFO_GOOD : INFO_DOUBTFUL;
    return s->fail.stage == STAGE_OK ? INFO_DOUBTFUL : INFO_BAD;
}

/* The source's line, or with NULL the header. */
static void print_line(FILE *to, const struct table *t, const struct status_source *s,
                       const struct info_view *v)
{
    char text[CELL_MAX];

    for (unsigned k = 0; k < COLUMNS; k++) {
        if (t->width[k] == 0)
            continue;
        if (s == NULL)
            snprintf(text, sizeof text, "%s", columns[k].header);
        else
            cell(t, s, (enum column_id)k, text);
        if (k == COLUMN_NAME)
            shorten(text, t->width[k]);
        if (k == COLUMN_STATE && s != NULL)
            info_colour(to, v, colour_of(s));
        print_cell(to, t, (enum column_id)k, text);
        if (k == COLUMN_STATE && s != NULL)
            info_colour(to, v, INFO_PLAIN);
    }
    fputs("\n", to);
}

/* That its time has jumped, or its way grew in a manner that no estimate could follow. */
static void print_anew(FILE *to, const struct status_source *s, unsigned width)
{
    char head[INFO_WORD], text[128];

    if (s->anew == 0)
        return;
    snprintf(head, sizeof head, "%*scontradictions:", INFO_INDENT, "");
    snprintf(text, sizeof text,
             "%u since the start between its answers and those before, its estimate began anew",
             (unsigned)s->anew);
    info_wrap(to, head, text, INFO_INDENT, width);
}

static void print_legend(FILE *to, const struct table *t, unsigned width)
{
    char text[256] = "";
    size_t used = 0;

    for (unsigned k = 0; k < COLUMNS; k++)
        if (t->width[k] > 0 && columns[k].meaning != NULL && used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s",
                                     used > 0 ? ", " : "", columns[k].header, columns[k].meaning);
    if (used > 0) {
        fputs("\n", to);
        info_wrap(to, "", text, 0, width);
    }
}

/* What failed last. */
static void print_failure(FILE *to, const struct failure *f, struct wall now, unsigned width)
{
    char text[FAILURE_TEXT], head[64];

    if (f->stage == STAGE_OK)
        return;
    failure_text(f, now, text, sizeof text);
    snprintf(head, sizeof head, "%*s%s:", INFO_INDENT, "", failure_stage_name(f->stage));
    info_wrap(to, head, text, INFO_INDENT, width);
}

void info_table(FILE *to, const struct status_copy *c, const struct info_view *v)
{
    struct table t = {
        .c = c, .now = v->now, .fresh = status_age(&c->status, v->now) == STATUS_FRESH};

    if (c->n == 0) {
        fputs("no servers\n", to);
        return;
    }
    lay_out(&t, v->width);
    print_line(to, &t, NULL, v);
    for (unsigned i = 0; i < c->n; i++) {
        print_line(to, &t, &c->sources[i], v);
        print_anew(to, &c->sources[i], v->width);
        print_failure(to, &c->sources[i].fail, v->now, v->width);
        if (v->verbose)
            info_detail(to, &c->sources[i], v);
    }
    print_legend(to, &t, v->width);
}
