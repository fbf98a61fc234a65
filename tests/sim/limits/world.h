/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A free oscillator and one network path, second by second: what a filter is judged by, without
 * any engine or kernel clock in between.
 */
#ifndef NTSC_WORLD_H
#define NTSC_WORLD_H

#include "common/clock/filter.h"

enum world_event {
    WORLD_QUIET,
    WORLD_FREQUENCY_STEP, /* 1 ppm at half time */
    WORLD_DAILY,          /* +-0.5 ppm sine of a day */
    WORLD_HOURLY,         /* +-0.1 ppm sine of an hour */
    WORLD_ROUTE_UP,       /* +20 ms one way from half time on */
    WORLD_ROUTE_HOUR,     /* +20 ms one way for an hour */
    WORLD_ROUTE_BOTH,     /* +20 ms both ways from half time on */
    WORLD_CONGESTED,      /* half of each 4000 s: 10 ms of exponential queue one way */
    WORLD_SPIKES,         /* 5 % of packets 50 ms of exponential delay more, each way */
    WORLD_SLEEP,          /* nothing for 8 hours at half time */
    WORLD_OFFLINE,        /* nothing for 3 days at half time */
    WORLD_FLOOR,          /* the least delays wander */
};

enum world_delay {
    WORLD_EXPONENTIAL,
    WORLD_LOGNORMAL, /* median `jitter`, shape 1 */
    WORLD_PARETO,    /* Lomax of shape 1.5 */
};

struct world_setting {
    const char *name;
    double base, up, down; /* delay and its jitter each way, s */
    double wander;         /* random walk of the frequency, s^-1/2 */
    int poll, seconds, settle;
    enum world_event event;
    enum world_delay delay;
    double loss;      /* share of packets lost, each way */
    double hidden;    /* noise of the server's clock, s */
    double frequency; /* error at the start, s/s */
    double limit;     /* RMS error of the best estimator that knows the model, s; 0: not known */
    double chronyd;   /* RMS error of chronyd with the same polls, s; 0: not known */
    double hold;      /* a test holds the RMS error to this, s; 0: to a share of the others */
};

struct world_result {
    double square; /* mean square of the time error after settling, s^2 */
    double max;    /* largest error after settling, s */
    double frequency_square;
    double variance; /* mean of what the filter predicts for the square, s^2 */
    double inside;   /* share of seconds with error within 4 standard deviations as predicted */
};

extern const struct world_setting world_cells[], world_extras[];
extern const int world_cell_count, world_extra_count;

/*
 * Runs a filter through one world. With `told`, it is instead a single model that knows wander,
 * base delay and jitter and that there is nothing else: the limit, in a quiet world.
 */
void world_run(const struct world_setting *w, uint64_t seed, bool told, struct world_result *out);

#endif
