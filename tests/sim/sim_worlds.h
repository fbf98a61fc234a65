/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many random worlds (sim_draw.h), each held against what has to be so in every one of them: no
 * estimate is where it cannot be, the clock does not run away, and the bound holds in each second.
 */
#ifndef NTSC_SIM_WORLDS_H
#define NTSC_SIM_WORLDS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Runs `n` worlds from seed `first` on and prints those that fail. True when none does.
 */
bool sim_worlds(uint64_t first, int n);

#endif
