/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of a scenario. */
#ifndef NTSC_SIM_RUN_H
#define NTSC_SIM_RUN_H

#include <stdio.h>

#include "tests/sim/sim_scenario.h"

/* Runs `set` with a seed; `trace` gets what a plot needs, unless it is NULL. */
void sim_run(const struct sim_scenario *set, uint64_t seed, FILE *trace, struct sim_result *out);

#endif
