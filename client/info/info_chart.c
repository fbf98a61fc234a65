/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/info/info_chart.h"

#include <math.h>
#include <stdlib.h>

#include "client/shared/format.h"

/* Of ten points so many are usual: the scale is theirs. */
#define USUAL_OF_TEN 9
#define COLUMNS_MIN  20
#define TICKS_WIDE   4 /* parts of the day */
#define TICKS_NARROW 2
#define WIDE         48
/* What is so many times larger than nine of ten is left out of the scale. */
#define FAR       8
#define LABEL_MAX (CHART_MARGIN - 1)

enum sign { BLANK, LOWER, UPPER, FULL, ABOVE, BELOW, ZERO, SIDE, CORNER, LINE, TICK, SIGNS };

static const char *const unicode[SIGNS] = {" ", "▄", "▀", "█", "▲", "▼", "·", "│", "└", "─", "┬"};
static const char *const ascii[SIGNS] = {" ", "*", "*", "*", "^", "v", ".", "|", "+", "-", "+"};

struct panel {
    const struct chart *chart;
    const struct chart_range *v;
    unsigned rows;
    bool signed_values;
    double top; /* the scale ends there, and with signed values at its opposite */
};

struct chart chart_in(FILE *to, unsigned width, bool utf8)
{
    unsigned columns = width < CHART_MARGIN + COLUMNS_MIN ? COLUMNS_MIN : width - CHART_MARGIN;

    return (struct chart){to, columns < CHART_COLUMNS_MAX ? columns : CHART_COLUMNS_MAX, utf8};
}

static void put(const struct chart *c, enum sign s)
{
    fputs(c->utf8 ? unicode[s] : ascii[s], c->to);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The first of 1, 2, 5, 10, ... nanoseconds that is not below x. */
static double round_up(double x)
{
    double unit = 1;

    while (unit * 10 < x)
        unit *= 10;
    return x <= unit ? unit : x <= 2 * unit ? 2 * unit : x <= 5 * unit ? 5 * unit : 10 * unit;
}

static double scale(const struct chart *c, const struct chart_range *v)
{
    double size[CHART_COLUMNS_MAX], most;
    unsigned n = 0;

    for (unsigned i = 0; i < c->columns; i++)
        if (v[i].lo <= v[i].hi)
            size[n++] = fmax(fabs(v[i].lo), fabs(v[i].hi));
    if (n == 0)
        return 1;
    qsort(size, n, sizeof *size, compare);
    most = size[(n - 1) * USUAL_OF_TEN / 10];
    return round_up(size[n - 1] > FAR * most ? 2 * most : size[n - 1]);
}

/* In which of so many equal parts of the scale, from below, x lies; -1 and `parts`: beyond it. */
static int part_of(const struct panel *p, double x, int parts)
{
    double bottom = p->signed_values ? -p->top : 0;

    if (x > p->top)
        return parts;
    if (x < bottom)
        return -1;
    x = floor((x - bottom) / (p->top - bottom) * parts);
    return x >= parts ? parts - 1 : (int)x;
}

/* Halves of a line where there are signs for them. */
static enum sign mark(const struct panel *p, unsigned row, const struct chart_range *v)
{
    int halves = p->chart->utf8 ? 2 : 1, parts = (int)p->rows * halves;
    int lower = (int)(p->rows - 1 - row) * halves, upper = lower + halves - 1;
    int lo, hi;

    if (v->lo > v->hi)
        return BLANK;
    lo = part_of(p, v->lo, parts);
    hi = part_of(p, v->hi, parts);
    if (hi == parts && row == 0)
        return ABOVE;
    if (lo == -1 && row == p->rows - 1)
        return BELOW;
    if (lo <= lower && upper <= hi)
        return FULL;
    if (lo <= lower && lower <= hi)
        return LOWER;
    return lo <= upper && upper <= hi ? UPPER : BLANK;
}

static enum sign sign_at(const struct panel *p, unsigned row, unsigned column)
{
    enum sign s = mark(p, row, &p->v[column]);

    return s == BLANK && p->signed_values && row == p->rows / 2 ? ZERO : s;
}

static void label(const struct panel *p, unsigned row, char text[REPORT_TIME])
{
    text[0] = 0;
    if (row == 0)
        format_time((int64_t)fmin(p->top, 9e18), p->signed_values, 2, text);
    else if (p->signed_values && row == p->rows - 1)
        format_time((int64_t)fmax(-p->top, -9e18), true, 2, text);
    else if (p->signed_values && row == p->rows / 2)
        snprintf(text, REPORT_TIME, "0");
}

static void draw_row(const struct panel *p, unsigned row)
{
    char text[REPORT_TIME];
    unsigned end = p->chart->columns;

    label(p, row, text);
    fprintf(p->chart->to, "%*s", LABEL_MAX, text);
    put(p->chart, SIDE);
    while (end > 0 && sign_at(p, row, end - 1) == BLANK)
        end--;
    for (unsigned i = 0; i < end; i++)
        put(p->chart, sign_at(p, row, i));
    fputs("\n", p->chart->to);
}

void chart_panel(const struct chart *c, const struct chart_range *v, unsigned rows,
                 bool signed_values)
{
    const struct panel p = {c, v, rows, signed_values, scale(c, v)};

    for (unsigned row = 0; row < rows; row++)
        draw_row(&p, row);
}

void chart_axis(const struct chart *c)
{
    unsigned ticks = c->columns < WIDE ? TICKS_NARROW : TICKS_WIDE, at = 0;
    char text[LABEL_MAX];

    fprintf(c->to, "%*s", LABEL_MAX, "0");
    put(c, CORNER);
    for (unsigned i = 0, k = 1; i < c->columns; i++) {
        bool tick = k <= ticks && i == c->columns * k / ticks - 1;

        put(c, tick ? TICK : LINE);
        k += tick;
    }
    fprintf(c->to, "\n%*s-24 h", LABEL_MAX, "");
    at = 5;
    for (unsigned k = 1; k <= ticks; k++) {
        int len = snprintf(text, sizeof text, k < ticks ? "-%u h" : "now", 24 - 24 * k / ticks);
        /* In the middle below its tick, the last one to its left. */
        unsigned end = c->columns * k / ticks + (k < ticks ? (unsigned)len / 2 : 1);

        fprintf(c->to, "%*s", (int)(end - at), text);
        at = end;
    }
    fputs("\n", c->to);
}
