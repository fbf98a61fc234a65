/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_worlds.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim_draw.h"
#include "tests/sim/sim_run.h"

struct tally {
    int failed, impossible, away, unbound;
};

static void judge(struct tally *t, uint64_t seed, const struct sim_result *r)
{
    const double *v = r->value;
    bool impossible = v[SIM_IMPOSSIBLE] > 0, away = v[SIM_AWAY] > 0, unbound = v[SIM_INSIDE] < 1;

    t->impossible += impossible;
    t->away += away;
    t->unbound += unbound;
    if (!impossible && !away && !unbound)
        return;
    t->failed++;
    printf("world %llu:", (unsigned long long)seed);
    if (impossible)
        printf(" impossible after %.0f samples, by up to %.3g s;", v[SIM_IMPOSSIBLE],
               v[SIM_BEYOND]);
    if (away)
        printf(" ran away for %.0f s, up to %.3g s;", v[SIM_AWAY], v[SIM_MAX]);
    if (unbound)
        printf(" bound held in %.4f %% of the seconds, error / bound up to %.3g;",
               v[SIM_INSIDE] * 100, r->worst_over);
    printf(" RMS %.3g s\n", v[SIM_RMS]);
    fflush(stdout);
}

bool sim_worlds(uint64_t first, int n)
{
    struct sim_scenario *s = calloc(1, sizeof *s);
    struct sim_result *r = calloc(1, sizeof *r);
    struct tally t = {0};

    if (s == NULL || r == NULL)
        abort();
    for (int i = 0; i < n; i++) {
        sim_draw(s, first + (uint64_t)i);
        sim_run(s, first + (uint64_t)i, NULL, r);
        judge(&t, first + (uint64_t)i, r);
    }
    printf(
        "%d worlds from seed %llu on: %d failed (estimate impossible in %d, clock ran away in %d, "
        "bound broken in %d)\n",
        n, (unsigned long long)first, t.failed, t.impossible, t.away, t.unbound);
    free(r);
    free(s);
    return t.failed == 0;
}
