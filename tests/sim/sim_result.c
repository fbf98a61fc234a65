/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEVER 1e9

const char *const sim_metric_names[SIM_METRICS] = {
    [SIM_RMS] = "rms",
    [SIM_MAX] = "max",
    [SIM_P95] = "p95",
    [SIM_MEAN] = "mean",
    [SIM_FREQ_RMS] = "freq-rms",
    [SIM_WIN_RMS] = "window-rms",
    [SIM_WIN_MAX] = "window-max",
    [SIM_T1MS] = "t1ms",
    [SIM_T1MS60] = "t1ms60",
    [SIM_PACKETS] = "packets",
    [SIM_KES] = "key-exchanges",
    [SIM_WAKEUPS] = "wake-ups",
    [SIM_STEPS] = "steps",
    [SIM_LATE_STEPS] = "late-steps",
    [SIM_INSIDE] = "inside",
    [SIM_BOUNDED] = "bounded",
    [SIM_BOUND] = "bound",
    [SIM_BOUND_RATIO] = "bound-ratio",
    [SIM_REUSED] = "cookies-reused",
    [SIM_NAKS] = "naks",
    [SIM_REFUSED] = "orders-refused",
    [SIM_PANIC] = "panic-seconds",
    [SIM_CAPPED] = "capped-seconds",
    [SIM_COASTING] = "coasting-seconds",
    [SIM_UNSYNC] = "unsync-seconds",
    [SIM_SYNC] = "sync-seconds",
    [SIM_UNTRUE] = "untrue-seconds",
    [SIM_IMPOSSIBLE] = "impossible",
    [SIM_BEYOND] = "beyond",
    [SIM_AWAY] = "away-seconds",
    [SIM_ACTED] = "acted",
};

void sim_result_init(struct sim_result *r, double settle, double window_from, double window_to)
{
    memset(r, 0, sizeof *r);
    r->settle = settle;
    r->window[0] = window_from;
    r->window[1] = window_to;
    r->value[SIM_T1MS] = r->value[SIM_T1MS60] = NEVER;
}

static void count_start(struct sim_result *r, double t, double error)
{
    r->run = fabs(error) < 1e-3 ? r->run + 1 : 0;
    if (r->run == 1 && r->value[SIM_T1MS] >= NEVER)
        r->value[SIM_T1MS] = t;
    if (r->run == 60 && r->value[SIM_T1MS60] >= NEVER)
        r->value[SIM_T1MS60] = rint(t) - 59;
}

static void count_bound(struct sim_result *r, double error, double bound)
{
    if (!isfinite(bound))
        return;
    r->bounded_n++;
    r->inside_n += fabs(error) <= bound;
    if (fabs(error) / bound > r->worst_over)
        r->worst_over = fabs(error) / bound;
}

static int bin_of(double error)
{
    double b = fabs(error) > 1e-9 ? log(fabs(error) * 1e9) * 100 : 0;

    return b < SIM_BINS - 1 ? (int)b : SIM_BINS - 1;
}

void sim_result_second(struct sim_result *r, double t, double error, double freq_error,
                       double bound, double least)
{
    if (r->value[SIM_T1MS60] >= NEVER)
        count_start(r, t, error);
    count_bound(r, error, bound);
    if (t >= r->window[0] && t < r->window[1]) {
        r->window_n++;
        r->window_square += error * error;
        r->value[SIM_WIN_MAX] = fmax(r->value[SIM_WIN_MAX], fabs(error));
    }
    if (t < r->settle)
        return;
    r->n++;
    r->sum += error;
    r->square += error * error;
    r->freq_square += freq_error * freq_error;
    r->value[SIM_MAX] = fmax(r->value[SIM_MAX], fabs(error));
    r->bins[bin_of(error)]++;
    if (isfinite(bound)) {
        r->bounds_n++;
        r->bound_sum += bound;
        r->ratio_sum += bound / least;
    }
}

static double p95(const struct sim_result *r)
{
    double left = r->n * 0.05;
    int i = SIM_BINS - 1;

    while (i > 0 && left >= r->bins[i])
        left -= r->bins[i--];
    return exp((i + 1) / 100.0) * 1e-9;
}

void sim_result_end(struct sim_result *r)
{
    double *v = r->value;

    if (r->n > 0) {
        v[SIM_RMS] = sqrt(r->square / r->n);
        v[SIM_MEAN] = r->sum / r->n;
        v[SIM_FREQ_RMS] = sqrt(r->freq_square / r->n);
        v[SIM_P95] = p95(r);
        v[SIM_BOUNDED] = r->bounds_n / r->n;
    }
    if (r->window_n > 0)
        v[SIM_WIN_RMS] = sqrt(r->window_square / r->window_n);
    v[SIM_INSIDE] = r->bounded_n > 0 ? r->inside_n / r->bounded_n : 1;
    if (r->bounds_n > 0) {
        v[SIM_BOUND] = r->bound_sum / r->bounds_n;
        v[SIM_BOUND_RATIO] = r->ratio_sum / r->bounds_n;
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double merged(enum sim_metric m, double *v, int n)
{
    double sum = 0, square = 0;

    qsort(v, (size_t)n, sizeof *v, compare);
    for (int i = 0; i < n; i++) {
        sum += v[i];
        square += v[i] * v[i];
    }
    switch (m) {
    case SIM_RMS:
    case SIM_FREQ_RMS:
    case SIM_WIN_RMS:
        return sqrt(square / n);
    case SIM_MAX:
    case SIM_WIN_MAX:
    case SIM_LATE_STEPS:
    case SIM_REUSED:
    case SIM_REFUSED:
    case SIM_IMPOSSIBLE:
    case SIM_BEYOND:
    case SIM_AWAY:
    case SIM_ACTED:
        return v[n - 1];
    case SIM_INSIDE:
    case SIM_BOUNDED:
        return v[0];
    case SIM_T1MS:
    case SIM_T1MS60:
        return v[n / 2];
    default:
        return sum / n;
    }
}

void sim_result_merge(const struct sim_result *runs, int n, struct sim_result *out)
{
    double *v = calloc((size_t)n, sizeof *v);

    if (v == NULL)
        abort();
    memset(out, 0, sizeof *out);
    for (int m = 0; m < SIM_METRICS; m++) {
        for (int i = 0; i < n; i++)
            v[i] = runs[i].value[m];
        out->value[m] = merged((enum sim_metric)m, v, n);
    }
    for (int i = 0; i < n; i++)
        out->worst_over = fmax(out->worst_over, runs[i].worst_over);
    free(v);
}
