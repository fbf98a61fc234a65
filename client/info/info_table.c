/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "client/info/info_parts.h"
#include "client/shared/format.h"

#define CELL_MAX       INFO_NAME
#define NAME_WIDTH_MIN 12
#define FAILURE_INDENT 4
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
    COLUMN_ADDRESS,
    COLUMNS
};

static const struct {
    const char *header;
    bool left;
} columns[COLUMNS] = {
    [COLUMN_NAME] = {"server", true},     [COLUMN_STATE] = {"state", true},
    [COLUMN_OFFSET] = {"offset", false},  [COLUMN_BOUND] = {"+/-", false},
    [COLUMN_DELAY] = {"delay", false},    [COLUMN_STRATUM] = {"st", false},
    [COLUMN_POLL] = {"poll", false},      [COLUMN_REACH] = {"reach", false},
    [COLUMN_COOKIES] = {"ck", false},     [COLUMN_NEXT] = {"next", false},
    [COLUMN_ADDRESS] = {"address", true},
};

/* What is left out first where the terminal is too narrow; name and state always stay. */
static const uint8_t least_important[] = {
    COLUMN_ADDRESS, COLUMN_COOKIES, COLUMN_DELAY, COLUMN_STRATUM, COLUMN_REACH,
    COLUMN_NEXT,    COLUMN_POLL,    COLUMN_BOUND, COLUMN_OFFSET,
};

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
    /* The address only where every name is whole. */
    if (rest_width(t) + name > width)
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

/* The source's line, or with NULL the header. */
static void print_line(FILE *to, const struct table *t, const struct status_source *s)
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
        print_cell(to, t, (enum column_id)k, text);
    }
    fputs("\n", to);
}

/* That its time has jumped, or its way grew in a manner that no estimate could follow. */
static void print_anew(FILE *to, const struct status_source *s, unsigned width)
{
    char head[INFO_WORD], text[128];

    if (s->anew == 0)
        return;
    snprintf(head, sizeof head, "%*scontradictions:", FAILURE_INDENT, "");
    snprintf(text, sizeof text,
             "%u since the start between its answers and those before, its estimate began anew",
             (unsigned)s->anew);
    info_wrap(to, head, text, FAILURE_INDENT, width);
}

void info_table(FILE *to, const struct status_copy *c, struct wall now, unsigned width)
{
    struct table t = {.c = c, .now = now, .fresh = status_age(&c->status, now) == STATUS_FRESH};
    char text[FAILURE_TEXT], head[64];

    if (c->n == 0) {
        fputs("no servers\n", to);
        return;
    }
    lay_out(&t, width);
    print_line(to, &t, NULL);
    for (unsigned i = 0; i < c->n; i++) {
        const struct failure *f = &c->sources[i].fail;

        print_line(to, &t, &c->sources[i]);
        print_anew(to, &c->sources[i], width);
        if (f->stage == STAGE_OK)
            continue;
        failure_text(f, now, text, sizeof text);
        snprintf(head, sizeof head, "%*s%s:", FAILURE_INDENT, "", failure_stage_name(f->stage));
        info_wrap(to, head, text, FAILURE_INDENT, width);
    }
}
