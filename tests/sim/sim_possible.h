/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the estimate of a source can be, by what the simulator knows and no estimator does. Server
 * time less true time is known at each instant, so an exchange confines the estimate's error to
 * [- way down, way up], whatever the network does, and so do the exchanges before it: some rate,
 * give or take what the oscillator may have done unseen, leads from each of them to the estimate.
 */
#ifndef NTSC_SIM_POSSIBLE_H
#define NTSC_SIM_POSSIBLE_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_POSSIBLE = 8 };

struct sim_possible {
    double at[SIM_POSSIBLE], low[SIM_POSSIBLE], high[SIM_POSSIBLE]; /* s */
    unsigned n;
};

/* An exchange that ended at t: what went beyond its delays (noise, precision) is `slack`, s. */
void sim_possible_add(struct sim_possible *p, double t, double low, double high, double slack);

/* How far an error is outside of what is possible at t, s; 0: it is within. */
double sim_possible_beyond(const struct sim_possible *p, double t, double error);

#endif
