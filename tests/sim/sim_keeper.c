/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/sim/sim_keeper.h"

#include <math.h>
#include <stdlib.h>

double sim_keeper_rate(const struct sim_host *h)
{
    const struct kernel_clock *k = &h->world->kernel;

    return clock_order_rate((int32_t)(k->time_freq / INT64_C(65536000)), k->tick_us);
}

void sim_keeper_look(struct sim_host *h)
{
    const struct kernel_clock *k = &h->world->kernel;
    struct witness_look look = {.wall = k->wall,
                                .raw = {h->world->osc.raw_ns},
                                .rate_ppb = llrint(sim_keeper_rate(h) * 1e9),
                                .synchronized = (k->status & KERNEL_STA_UNSYNC) == 0};

    look.has_battery = sim_world_battery(h->world, &look.battery.lo_ns);
    /* It is read in whole seconds. */
    look.battery.lo_ns -= look.battery.lo_ns % NS_PER_S;
    look.battery.hi_ns = look.battery.lo_ns + NS_PER_S;
    (void)clock_witness_look(&h->limit.witness, &look);
    h->looked = sim_host_now(h);
}

/* As a virtual machine's does. */
bool sim_keeper_looks(const struct sim_host *h)
{
    return h->running &&
           clock_witness_next(&h->limit.witness, h->looked, 64 * NS_PER_S).ns <= sim_host_now(h).ns;
}

/* The clock process does what the limits allow of an order; its answer. */
struct clock_answer sim_keeper_order(struct sim_host *h, const struct clock_order *o)
{
    struct clock_answer r = {.asked = 1};
    bool late = h->limit.synchronized;
    struct clock_order part = *o;

    sim_keeper_look(h);
    r.verdict = (int32_t)clock_limit_take(&h->limit, &part, sim_host_now(h), h->world->kernel.wall,
                                          &h->ensemble.leaps, &r.refused);
    if (part.what != 0 && sim_world_order(h->world, &part) != 0)
        abort(); /* what the limits let pass the kernel takes */
    clock_limit_rates(&h->limit, sim_host_now(h), &r.rate_low, &r.rate_high);
    r.rate = sim_keeper_rate(h);
    h->refused += r.refused != 0;
    if ((part.what & CLOCK_SET_STEP) != 0) {
        h->steps++;
        h->late_steps += late;
        sim_host_trace(h, "step", s_from_ns(part.step_ns), 0);
    }
    return r;
}
