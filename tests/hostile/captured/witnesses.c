/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witnesses [FILE]: how far an engine in other hands can step a clock that was synchronized, with
 * each witness that ntsc looks at absent, false and true (common/clock/clock_witness.h). It asks
 * for the longest step there is, again and again, and for a day after that every hour. The table is
 * printed; with FILE it has to be the one in there.
 *
 *   ledger   true: somebody has set the right clock back by 30 s
 *            false: somebody has set a clock right that was 30 s ahead: nobody can tell the two
 *   battery  true: the machine was paused for 600 s, which this clock has counted
 *   host     false: somebody has set that clock 3600 s ahead
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock/clock_limit.h"

enum says { ABSENT, FALSE, TRUE, SAYS };

#define SET_BACK_NS INT64_C(30000000000)
#define PAUSE_NS    INT64_C(600000000000)
#define LIE_NS      INT64_C(3600000000000)
#define LOOK_NS     INT64_C(64000000000)
#define GRAIN_NS    INT64_C(250000000)
#define FAR_NS      (4 * LIE_NS)
#define START_NS    INT64_C(1800000000000000000)

struct world {
    struct clock_limit limit;
    int64_t raw_ns, wall_ns;
    int64_t battery_ns, host_ns; /* 0: there is none */
};

static const struct leap_table leaps;

static void look(struct world *w)
{
    struct witness_look l = {.wall = {w->wall_ns}, .raw = {w->raw_ns}, .synchronized = true};

    l.has_battery = w->battery_ns != 0;
    l.battery.lo_ns = w->battery_ns - w->battery_ns % NS_PER_S; /* read in whole seconds */
    l.battery.hi_ns = l.battery.lo_ns + NS_PER_S;
    l.has_host = w->host_ns != 0;
    l.host.lo_ns = w->host_ns - 1000000;
    l.host.hi_ns = w->host_ns + 1000000;
    (void)clock_witness_look(&w->limit.witness, &l);
}

static void clocks_go_on(struct world *w, int64_t ns)
{
    w->battery_ns += w->battery_ns != 0 ? ns : 0;
    w->host_ns += w->host_ns != 0 ? ns : 0;
}

static void pass(struct world *w, int64_t ns)
{
    for (; ns > 0; ns -= LOOK_NS) {
        w->raw_ns += LOOK_NS;
        w->wall_ns += LOOK_NS;
        clocks_go_on(w, LOOK_NS);
        look(w);
    }
}

static bool order(struct world *w, const struct clock_order *o)
{
    return clock_limit_check(&w->limit, o, (struct mono){w->raw_ns}, (struct wall){w->wall_ns},
                             &leaps) == CLOCK_VERDICT_OK;
}

/* Synchronized for an hour, by an engine that was honest then. */
static void begin(struct world *w, const enum says says[3])
{
    const struct clock_order right = {.what = CLOCK_SET_FREQ | CLOCK_SET_STATUS | CLOCK_SET_ERRORS,
                                      .tick_us = CLOCK_TICK_NOMINAL,
                                      .status = CLOCK_PLL | CLOCK_FREQHOLD,
                                      .maxerror_us = 1000};

    memset(w, 0, sizeof *w);
    clock_limit_init(&w->limit, CLOCK_MODE_DAEMON, NS_PER_S / 2, 1, (struct wall){0},
                     (struct wall){0});
    w->raw_ns = NS_PER_S;
    w->wall_ns = START_NS;
    w->battery_ns = says[1] != ABSENT ? START_NS : 0;
    w->host_ns = says[2] != ABSENT ? START_NS : 0;
    look(w);
    if (!order(w, &right))
        exit(2);
    pass(w, 3600 * NS_PER_S);
}

static void happen(struct world *w, const enum says says[3])
{
    if (says[0] != ABSENT) {
        w->wall_ns -= SET_BACK_NS;
        look(w);
    }
    if (says[1] == TRUE || says[2] == TRUE)
        clocks_go_on(w, PAUSE_NS);
    w->battery_ns += says[1] == FALSE ? LIE_NS : 0;
    w->host_ns += says[2] == FALSE ? LIE_NS : 0;
    pass(w, LOOK_NS);
}

/* The longest step that it may make towards there; false: none. */
static bool step(struct world *w, int sign, int64_t *by_ns)
{
    struct clock_order o = {.what = CLOCK_SET_STEP, .voices = SAYS};

    for (int64_t ns = FAR_NS; ns >= GRAIN_NS; ns -= GRAIN_NS) {
        o.step_ns = sign * ns;
        if (!order(w, &o))
            continue;
        w->wall_ns += o.step_ns;
        *by_ns += o.step_ns;
        look(w);
        return true;
    }
    return false;
}

/* How far it comes in a day. */
static int64_t reach(const enum says says[3], int sign, unsigned *steps)
{
    static struct world w;
    int64_t by_ns = 0;

    begin(&w, says);
    happen(&w, says);
    *steps = 0;
    for (int hour = 0; hour <= 24; hour++) {
        while (*steps < 100 && step(&w, sign, &by_ns))
            ++*steps;
        pass(&w, 3600 * NS_PER_S);
    }
    return by_ns;
}

static void row(const enum says says[3], char *line, size_t n)
{
    static const char *const words[SAYS] = {"absent", "false", "true"};
    unsigned forth_steps, back_steps;
    int64_t forth = reach(says, 1, &forth_steps), back = reach(says, -1, &back_steps);

    snprintf(line, n, "%-8s%-9s%-8s%8.2f%6u%10.2f%6u\n", words[says[0]], words[says[1]],
             words[says[2]], s_from_ns(forth), forth_steps, s_from_ns(back), back_steps);
}

int main(int argc, char **argv)
{
    static const char head[] = "ledger  battery  host     forth s steps    back s steps\n";
    FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;
    char line[128], wanted[128] = "";
    int different = argc > 1 && f == NULL;

    while (f != NULL && strcmp(wanted, head) != 0 && fgets(wanted, sizeof wanted, f) != NULL)
        ; /* what it says before the table */
    fputs(head, stdout);
    for (int i = 0; i < SAYS * SAYS * SAYS; i++) {
        const enum says says[3] = {(enum says)(i / SAYS / SAYS), (enum says)(i / SAYS % SAYS),
                                   (enum says)(i % SAYS)};

        row(says, line, sizeof line);
        fputs(line, stdout);
        if (f != NULL && (fgets(wanted, sizeof wanted, f) == NULL || strcmp(wanted, line) != 0)) {
            printf("  but in the file: %s", wanted);
            different = 1;
        }
    }
    return different;
}
