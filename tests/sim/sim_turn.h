/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon decides between two waits, and what comes of it: orders to the clock process and
 * the frequency on disk, as client/engine/daemon_run.c.
 */
#ifndef NTSC_SIM_TURN_H
#define NTSC_SIM_TURN_H

#include "tests/sim/sim_host.h"

/* As the daemon does before each wait. */
void sim_turn_take(struct sim_host *h);

/* The selection is made anew, and the clock ordered. */
void sim_turn_update(struct sim_host *h);

/* The frequency goes to disk: when it is time, or at once. */
void sim_turn_store(struct sim_host *h, bool at_once);

#endif
