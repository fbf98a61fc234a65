/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random world for a seed: any number of servers, any ways to them, any oscillator that the bound
 * has to hold for (common/clock/README). Fewer than half of the servers are wrong. Nothing in it is
 * taken from the estimator's models.
 */
#ifndef NTSC_SIM_DRAW_H
#define NTSC_SIM_DRAW_H

#include "tests/sim/sim_scenario.h"

void sim_draw(struct sim_scenario *s, uint64_t seed);

#endif
