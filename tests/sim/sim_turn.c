/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_turn.h"

#include "tests/sim/sim_keeper.h"

void sim_turn_store(struct sim_host *h, bool at_once)
{
    struct turn_clocks clocks = sim_host_clocks(h);

    if (turn_store(&h->turn, &clocks, at_once, &h->stored))
        h->has_stored = true;
}

/* As the daemon does with what was decided; what comes of an order is known at once. */
static void updated(struct sim_host *h, enum turn_verdict verdict, const struct clock_order *first)
{
    struct clock_order o = *first;

    while (verdict == TURN_ORDER) {
        struct clock_answer r = sim_keeper_order(h, &o);
        struct turn_clocks clocks = sim_host_clocks(h);
        struct turn_answer answer;

        turn_answered(&h->turn, &r, &clocks, &answer);
        verdict = TURN_UPDATED;
        if (answer.update)
            verdict = turn_update(&h->turn, &clocks, &o);
    }
    if (verdict == TURN_UPDATED)
        sim_turn_store(h, false);
}

void sim_turn_update(struct sim_host *h)
{
    struct turn_clocks clocks = sim_host_clocks(h);
    struct clock_order o = {0};
    enum turn_verdict verdict = turn_update(&h->turn, &clocks, &o);

    updated(h, verdict, &o);
}

/* As the daemon does before each wait. */
void sim_turn_take(struct sim_host *h)
{
    struct turn_clocks clocks = sim_host_clocks(h);
    struct turn_out out;

    turn_take(&h->turn, &clocks, &out);
    updated(h, out.verdict, &out.order);
}
