/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs scenarios of the whole core in virtual time and prints what came of it.
 *
 *   sim [--seeds N] [--first N] [--check] [--row] [--trace FILE] SCENARIO...
 *   sim --worlds N [--seed-from S]
 *   sim --show S
 *
 * The second runs N random worlds and fails when one of them does, or when more than K do in which
 * nothing but an estimate was where it cannot be; the third prints the world of
 * seed S as a scenario (run it with --first S to see the same).
 *
 * --check: the exit code tells whether all that the scenarios hold did hold. --row: one line a
 * scenario with name=value, for programs. --trace: of the first seed, for scripts/plot-trace.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_draw.h"
#include "tests/sim/sim_run.h"
#include "tests/sim/sim_worlds.h"

struct options {
    int seeds, first, worlds;
    uint64_t from, show;
    bool check, row;
    const char *trace;
};

static bool at_least(enum sim_metric m)
{
    return m == SIM_INSIDE || m == SIM_BOUNDED || m == SIM_PANIC || m == SIM_CAPPED ||
           m == SIM_COASTING;
}

static int check(const struct sim_scenario *s, const struct sim_result *r)
{
    int failures = 0;

    for (unsigned i = 0; i < s->n_holds; i++) {
        enum sim_metric m = s->holds[i].metric;
        double v = r->value[m], limit = s->holds[i].value;

        if (at_least(m) ? v >= limit : v <= limit)
            continue;
        printf("FAILED: %s: %s is %.9g, has to be at %s %.9g\n", s->name, sim_metric_names[m], v,
               at_least(m) ? "least" : "most", limit);
        failures++;
    }
    return failures;
}

static void print_row(const struct sim_scenario *s, const struct sim_result *r)
{
    printf("%s limit=%.6g chronyd-rms=%.6g chronyd-freq-rms=%.6g chronyd-packets=%.6g "
           "chronyd-t1ms60=%.6g",
           s->name, s->limit, s->chronyd[0], s->chronyd[1], s->chronyd[2], s->chronyd[3]);
    for (int m = 0; m < SIM_METRICS; m++)
        printf(" %s=%.9g", sim_metric_names[m], r->value[m]);
    printf(" worst-over-bound=%.6g\n", r->worst_over);
}

static void print_text(const struct sim_scenario *s, const struct sim_result *r)
{
    const double *v = r->value;

    printf("%s\n", s->name);
    printf("  time error       RMS %.3g s, 95 %% within %.3g s, worst %.3g s, mean %+.3g s\n",
           v[SIM_RMS], v[SIM_P95], v[SIM_MAX], v[SIM_MEAN]);
    if (s->limit > 0)
        printf("                   %.2f x the limit\n", v[SIM_RMS] / s->limit);
    if (s->chronyd[0] > 0)
        printf("                   %.2f x chronyd's, frequency %.2f x, packets %.2f x\n",
               v[SIM_RMS] / s->chronyd[0], v[SIM_FREQ_RMS] / s->chronyd[1],
               v[SIM_PACKETS] / s->chronyd[2]);
    if (s->window[1] > 0)
        printf("  in the window    RMS %.3g s, worst %.3g s\n", v[SIM_WIN_RMS], v[SIM_WIN_MAX]);
    printf("  frequency error  RMS %.3g\n", v[SIM_FREQ_RMS]);
    printf("  within 1 ms      after %.0f s, for 60 s from %.0f s on\n", v[SIM_T1MS],
           v[SIM_T1MS60]);
    printf("  bound            held in %.5f %% of the seconds, mean %.3g s, %.2f x the least\n",
           v[SIM_INSIDE] * 100, v[SIM_BOUND], v[SIM_BOUND_RATIO]);
    printf("                   there was one in %.2f %%; worst error / bound %.3f\n",
           v[SIM_BOUNDED] * 100, r->worst_over);
    printf("  packets %.0f, key exchanges %.0f, wake-ups %.0f, cookies used twice %.0f, NAK %.0f\n",
           v[SIM_PACKETS], v[SIM_KES], v[SIM_WAKEUPS], v[SIM_REUSED], v[SIM_NAKS]);
    printf("  steps %.0f, late ones %.0f, orders refused %.0f\n", v[SIM_STEPS], v[SIM_LATE_STEPS],
           v[SIM_REFUSED]);
    if (v[SIM_IMPOSSIBLE] + v[SIM_AWAY] > 0)
        printf("  IMPOSSIBLE       estimates after %.0f samples, by up to %.3g s; ran away for "
               "%.0f s\n",
               v[SIM_IMPOSSIBLE], v[SIM_BEYOND], v[SIM_AWAY]);
    if (v[SIM_PANIC] + v[SIM_CAPPED] + v[SIM_COASTING] + v[SIM_UNSYNC] > 0)
        printf("  said             refused for %.0f s, pulled too hard for %.0f s, coasting for "
               "%.0f s, unsynchronized for %.0f s\n",
               v[SIM_PANIC], v[SIM_CAPPED], v[SIM_COASTING], v[SIM_UNSYNC]);
}

static int run(const struct options *o, const char *path)
{
    struct sim_result *results = calloc((size_t)o->seeds, sizeof *results);
    struct sim_result *all = calloc(1, sizeof *all);
    struct sim_scenario *s = calloc(1, sizeof *s);
    FILE *trace = o->trace != NULL ? fopen(o->trace, "w") : NULL;
    int failures = 1;

    if (results != NULL && all != NULL && s != NULL && sim_scenario_read(s, path) &&
        (o->trace == NULL || trace != NULL)) {
        for (int i = 0; i < o->seeds; i++)
            sim_run(s, (uint64_t)(o->first + i), i == 0 ? trace : NULL, &results[i]);
        sim_result_merge(results, o->seeds, all);
        if (o->row)
            print_row(s, all);
        else
            print_text(s, all);
        failures = o->check ? check(s, all) : 0;
        fflush(stdout);
    }
    if (trace != NULL)
        fclose(trace);
    free(s);
    free(all);
    free(results);
    return failures;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: sim [--seeds N] [--first N] [--check] [--row] [--trace FILE] SCENARIO...\n"
            "       sim --worlds N [--seed-from S]\n"
            "       sim --show S\n");
    return 2;
}

static int show(uint64_t seed)
{
    struct sim_scenario *s = calloc(1, sizeof *s);

    if (s == NULL)
        return 1;
    sim_draw(s, seed);
    sim_scenario_print(stdout, s);
    free(s);
    return 0;
}

/* Takes argv[*i] and its value; false: no such option. */
static bool option(struct options *o, int argc, char **argv, int *i)
{
    const char *word = argv[*i], *value = *i + 1 < argc ? argv[*i + 1] : NULL;

    if (strcmp(word, "--check") == 0)
        return o->check = true;
    if (strcmp(word, "--row") == 0)
        return o->row = true;
    if (value == NULL)
        return false;
    ++*i;
    if (strcmp(word, "--seeds") == 0)
        o->seeds = atoi(value);
    else if (strcmp(word, "--first") == 0)
        o->first = atoi(value);
    else if (strcmp(word, "--trace") == 0)
        o->trace = value;
    else if (strcmp(word, "--worlds") == 0)
        o->worlds = atoi(value);
    else if (strcmp(word, "--seed-from") == 0)
        o->from = strtoull(value, NULL, 10);
    else if (strcmp(word, "--show") == 0)
        o->show = strtoull(value, NULL, 10);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.seeds = 1, .first = 1, .from = 1};
    int failures = 0, i = 1;

    for (; i < argc && argv[i][0] == '-'; i++)
        if (!option(&o, argc, argv, &i))
            return usage();
    if (o.worlds > 0)
        return !sim_worlds(o.from, o.worlds);
    if (o.show > 0)
        return show(o.show);
    if (i == argc || o.seeds < 1)
        return usage();
    for (; i < argc; i++)
        failures += run(&o, argv[i]);
    return failures > 0;
}
