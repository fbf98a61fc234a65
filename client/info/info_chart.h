/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chart of letters: panels above each other over one axis of time. */
#ifndef NTSC_INFO_CHART_H
#define NTSC_INFO_CHART_H

#include <stdbool.h>
#include <stdio.h>

#define CHART_COLUMNS_MAX 288
#define CHART_MARGIN      10 /* for labels, and the axis */

struct chart {
    FILE *to;
    unsigned columns; /* at most CHART_COLUMNS_MAX */
    bool utf8;        /* else plain ASCII */
};

/* For each column the lowest and the highest value; lo > hi: none. */
struct chart_range {
    double lo, hi;
};

/* A chart as wide as that terminal. */
struct chart chart_in(FILE *to, unsigned width, bool utf8);

/*
 * Draws `rows` lines of values in nanoseconds. `signed_values`: zero is in the middle, `rows` is
 * odd, and a mark covers what lies between lo and hi; else zero is below, and bars stand on it. A
 * few values far beyond the others leave the picture, with a mark at its edge.
 */
void chart_panel(const struct chart *c, const struct chart_range *v, unsigned rows,
                 bool signed_values);

/* The axis below them: the day until now. */
void chart_axis(const struct chart *c);

#endif
