/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock process in the simulated world, as client/ntsc/clock_keeper.c: it holds the limits,
 * looks at the clocks and does what is allowed of an order.
 */
#ifndef NTSC_SIM_KEEPER_H
#define NTSC_SIM_KEEPER_H

#include "tests/sim/sim_host.h"

/* Looks at the clocks. */
void sim_keeper_look(struct sim_host *h);

/* Time has come for it to look by itself. */
bool sim_keeper_looks(const struct sim_host *h);

/* Does what the limits allow of an order; its answer. */
struct clock_answer sim_keeper_order(struct sim_host *h, const struct clock_order *o);

/* The rate at which the kernel runs the clock, 1 is 1 s/s beside the raw one. */
double sim_keeper_rate(const struct sim_host *h);

#endif
