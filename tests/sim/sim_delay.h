/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a packet's way adds to its least delay. None of it is the model of an estimator: the shapes
 * are those of textbooks, of radio links and of queues, and some remember what was before.
 */
#ifndef NTSC_SIM_DELAY_H
#define NTSC_SIM_DELAY_H

#include <stdbool.h>

#include "tests/sim/sim_rand.h"

enum sim_shape {
    SIM_EXPONENTIAL,
    SIM_LOGNORMAL,
    SIM_PARETO,
    SIM_GAMMA,
    SIM_GAUSSIAN, /* its absolute value */
    SIM_UNIFORM,  /* 0 to twice the scale */
    SIM_BIMODAL,  /* a radio link: at once, or after being sent again */
    SIM_SHAPES
};

extern const char *const sim_shape_names[SIM_SHAPES];

/* Whatever comes and goes: for a share of the time, for so many seconds in the mean. */
struct sim_spell_setting {
    double size, share, length;
};

struct sim_spell {
    bool on, began;
    double since, until;
};

/* One number of the shape, s; `gamma` is the parameter of SIM_GAMMA, 0: 2. */
double sim_delay_draw(struct sim_rand *r, enum sim_shape shape, double scale, double gamma);

/* Whether it is there at t; t does not go back. */
bool sim_spell_at(struct sim_spell *s, struct sim_rand *r, double t, double share, double length);

/* A queue in heavy traffic: exponential with a mean, forgotten after about `memory` seconds. */
struct sim_queue {
    double waiting, at;
};

double sim_queue_at(struct sim_queue *q, struct sim_rand *r, double t, double mean, double memory);

#endif
