/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's oscillator: what CLOCK_MONOTONIC_RAW counts while true time goes on. Its rate is
 * constant within a second of true time and changes from one to the next.
 */
#ifndef NTSC_SIM_OSC_H
#define NTSC_SIM_OSC_H

#include <stdint.h>

#include "tests/sim/sim_rand.h"
#include "tests/sim/sim_recording.h"

struct sim_osc_setting {
    double frequency;                  /* constant error, s/s; positive: fast */
    double wander;                     /* random walk of the frequency, s^-1/2 */
    double sine, sine_period;          /* temperature: amplitude s/s and period s */
    double sine2, sine2_period;        /* another */
    double jump, jump_at;              /* s/s from a time in s on */
    double aging;                      /* s/s a day */
    const struct sim_recording *rates; /* a recorded oscillator on top; NULL: none */
};

struct sim_osc {
    const struct sim_osc_setting *set;
    struct sim_rand random;
    double walk, rate; /* rate: of this second, s/s */
    int64_t t;         /* true ns since the start */
    int64_t raw_ns;
    double rest; /* of raw_ns, below 1 ns */
    double from; /* of the recording, s */
};

void sim_osc_init(struct sim_osc *o, const struct sim_osc_setting *set, uint64_t seed);

/* Counts until `t`, within the second; returns by how many ns raw_ns grew. */
int64_t sim_osc_advance(struct sim_osc *o, int64_t t);

/* A second of true time is over. */
void sim_osc_second(struct sim_osc *o);

/* Stands still until `t` (sleep). */
void sim_osc_skip(struct sim_osc *o, int64_t t);

#endif
