/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_recording.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDINGS = 32 };

static struct sim_recording all[RECORDINGS];
static size_t n_all;

/* The number of the column with that name; -1: there is none. */
static int column(char *head, const char *name)
{
    char *at = head;

    for (int i = 0; at != NULL; i++) {
        const char *word = strsep(&at, ",\r\n");

        if (strcmp(word, name) == 0)
            return i;
    }
    return -1;
}

static int column_of(const char *head, const char *name)
{
    char copy[512];

    snprintf(copy, sizeof copy, "%s", head);
    return column(copy, name);
}

static double field(const char *line, int i)
{
    while (i-- > 0 && line != NULL) {
        line = strchr(line, ',');
        line = line != NULL ? line + 1 : NULL;
    }
    return line != NULL ? strtod(line, NULL) : NAN;
}

static void add_row(struct sim_recording *r, double a, double b)
{
    if ((r->n & (r->n - 1)) == 0) { /* room doubles at each power of two */
        void *more = realloc(r->rows, (r->n * 2 + 1) * sizeof *r->rows);

        if (more == NULL)
            abort();
        r->rows = more;
    }
    r->rows[r->n][0] = a;
    r->rows[r->n++][1] = b;
}

static bool read_rows(struct sim_recording *r, FILE *f, const char *first, const char *second)
{
    char line[512];
    int at[2], bad;

    if (fgets(line, sizeof line, f) == NULL)
        return false;
    at[0] = column_of(line, first);
    at[1] = column_of(line, second);
    bad = column_of(line, "bad_clock");
    if (at[0] < 0 || at[1] < 0)
        return false;
    while (fgets(line, sizeof line, f) != NULL) {
        double a = field(line, at[0]), b = field(line, at[1]);

        if (isfinite(a) && isfinite(b) && (bad < 0 || fabs(field(line, bad)) < 0.5))
            add_row(r, a, b);
    }
    return r->n > 1;
}

/* NULL: not to be read; *fresh: it was not known before. */
static struct sim_recording *get(const char *path, const char *first, const char *second,
                                 bool *fresh)
{
    struct sim_recording *r = all;
    FILE *f;
    bool good;

    for (*fresh = false; r < all + n_all; r++)
        if (strcmp(r->path, path) == 0)
            return r;
    *fresh = true;
    f = n_all < RECORDINGS ? fopen(path, "r") : NULL;
    good = f != NULL && read_rows(r, f, first, second);
    if (f != NULL)
        fclose(f);
    if (!good) {
        fprintf(stderr, "%s: no recording with the columns %s and %s\n", path, first, second);
        free(r->rows);
        *r = (struct sim_recording){.n = 0};
        return NULL;
    }
    snprintf(r->path, sizeof r->path, "%s", path);
    n_all++;
    return r;
}

const struct sim_recording *sim_recording_delays(const char *path)
{
    bool fresh;

    return get(path, "d_forward_s", "d_backward_s", &fresh);
}

const struct sim_recording *sim_recording_rates(const char *path)
{
    bool fresh;
    struct sim_recording *r = get(path, "t_s", "frequency_ppm", &fresh);
    double mean = 0, first;

    if (r == NULL || !fresh)
        return r;
    first = r->rows[0][0];
    for (size_t i = 0; i < r->n; i++)
        mean += r->rows[i][1] / (double)r->n;
    for (size_t i = 0; i < r->n; i++) {
        r->rows[i][0] -= first;
        r->rows[i][1] = (r->rows[i][1] - mean) * 1e-6;
    }
    return r;
}

double sim_recording_rate(const struct sim_recording *r, double t)
{
    double length = r->rows[r->n - 1][0];
    size_t low = 0, high = r->n - 1;
    double share;

    t = fmod(t, 2 * length);
    t = t > length ? 2 * length - t : t;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (r->rows[middle][0] <= t)
            low = middle;
        else
            high = middle;
    }
    share = (t - r->rows[low][0]) / (r->rows[high][0] - r->rows[low][0]);
    return r->rows[low][1] + share * (r->rows[high][1] - r->rows[low][1]);
}
