/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits are those of a particle filter with the exact likelihood, or of a Gaussian filter with
 * exact moments of the box; chronyd is git of 2026-06 with NTS and 10 seeds in a common clock
 * simulator with the same noise, clock and polls.
 */
#include "world.h"

#define CELL(label, base_s, jitter, walk, best, other)                                             \
    {                                                                                              \
        .name = label, .base = base_s, .up = jitter, .down = jitter, .wander = walk, .poll = 64,   \
        .seconds = 100000, .settle = 20000, .frequency = 1e-5, .limit = best, .chronyd = other     \
    }

const struct world_setting world_cells[] = {
    CELL("j10us-w10", 1e-3, 1e-5, 1e-10, 1.007e-6, 2.376e-6),
    CELL("j10us-w9", 1e-3, 1e-5, 1e-9, 2.552e-6, 5.693e-6),
    CELL("j10us-w8", 1e-3, 1e-5, 1e-8, 6.727e-6, 1.419e-5),
    CELL("j100us-w10", 1e-3, 1e-4, 1e-10, 3.957e-6, 1.073e-5),
    CELL("j100us-w9", 1e-3, 1e-4, 1e-9, 1.003e-5, 2.378e-5),
    CELL("j100us-w8", 1e-3, 1e-4, 1e-8, 2.560e-5, 5.695e-5),
    CELL("j1ms-w10", 20e-3, 1e-3, 1e-10, 1.599e-5, 9.905e-5),
    CELL("j1ms-w9", 20e-3, 1e-3, 1e-9, 3.938e-5, 1.072e-4),
    CELL("j1ms-w8", 20e-3, 1e-3, 1e-8, 1.011e-4, 2.365e-4),
    CELL("j10ms-w10", 20e-3, 1e-2, 1e-10, 6.437e-5, 9.830e-4),
    CELL("j10ms-w9", 20e-3, 1e-2, 1e-9, 1.570e-4, 9.900e-4),
    CELL("j10ms-w8", 20e-3, 1e-2, 1e-8, 3.942e-4, 1.071e-3),
};
const int world_cell_count = sizeof world_cells / sizeof *world_cells;

/* Wander 1e-9, poll 64 s, 50000 s of which 40000 count, unless it says otherwise. */
#define EXTRA(label, base_s, up_s, down_s, ...)                                                    \
    {                                                                                              \
        .name = label, .base = base_s, .up = up_s, .down = down_s, .wander = 1e-9,                 \
        .frequency = 1e-5, __VA_ARGS__                                                             \
    }
#define USUAL .poll = 64, .seconds = 50000, .settle = 10000

const struct world_setting world_extras[] = {
    EXTRA("asym-j1ms", 20e-3, 1e-3, 1e-4, USUAL, .limit = 1.324e-5, .chronyd = 6.943e-5),
    EXTRA("asym-j10ms", 20e-3, 1e-2, 1e-4, USUAL, .limit = 1.439e-5, .chronyd = 1.098e-4),
    EXTRA("loss10", 20e-3, 1e-3, 1e-3, USUAL, .loss = 0.1, .limit = 4.583e-5, .chronyd = 1.191e-4),
    EXTRA("loss50", 20e-3, 1e-3, 1e-3, USUAL, .loss = 0.5, .limit = 9.922e-5, .chronyd = 2.435e-4),
    EXTRA("tstep-j100us", 1e-3, 1e-4, 1e-4, USUAL, .event = WORLD_FREQUENCY_STEP, .limit = 1.307e-5,
          .chronyd = 2.976e-5),
    EXTRA("daily-j100us", 1e-3, 1e-4, 1e-4, .poll = 64, .seconds = 100000, .settle = 13600,
          .event = WORLD_DAILY, .limit = 1.172e-5, .chronyd = 2.773e-5),
    EXTRA("hourly-j100us", 1e-3, 1e-4, 1e-4, USUAL, .event = WORLD_HOURLY, .limit = 1.644e-5,
          .chronyd = 4.636e-5),
    EXTRA("route-perm", 20e-3, 1e-4, 1e-4, USUAL, .event = WORLD_ROUTE_UP, .limit = 1.003e-5,
          .chronyd = 2.108e-3, .hold = 5e-5),
    EXTRA("route-1h", 20e-3, 1e-4, 1e-4, USUAL, .event = WORLD_ROUTE_HOUR, .limit = 1.003e-5,
          .chronyd = 4.621e-5),
    EXTRA("route-both", 20e-3, 1e-4, 1e-4, USUAL, .event = WORLD_ROUTE_BOTH, .limit = 1.003e-5,
          .chronyd = 1.010e-3, .hold = 2e-5),
    EXTRA("congest-up", 20e-3, 1e-4, 1e-4, USUAL, .event = WORLD_CONGESTED, .limit = 1.186e-5,
          .chronyd = 1.104e-4),
    EXTRA("spikes", 20e-3, 1e-4, 1e-4, USUAL, .event = WORLD_SPIKES, .limit = 1.033e-5,
          .chronyd = 2.662e-5),
    EXTRA("lan-p4", 1e-3, 1e-4, 1e-4, .poll = 16, .seconds = 50000, .settle = 10000,
          .limit = 4.414e-6, .chronyd = 1.067e-5),
    EXTRA("wan-j1ms-p4", 20e-3, 1e-3, 1e-3, .poll = 16, .seconds = 50000, .settle = 10000,
          .limit = 1.770e-5, .chronyd = 9.822e-5),
    EXTRA("wan-j10ms-p4", 20e-3, 1e-2, 1e-2, .poll = 16, .seconds = 50000, .settle = 10000,
          .limit = 6.941e-5, .chronyd = 9.798e-4),
    EXTRA("lan-p8", 1e-3, 1e-4, 1e-4, .poll = 256, .seconds = 100000, .settle = 20000,
          .limit = 2.351e-5),
    EXTRA("lan-p10", 1e-3, 1e-4, 1e-4, .poll = 1024, .seconds = 200000, .settle = 50000,
          .limit = 5.447e-5),
    EXTRA("wan-j1ms-p10", 20e-3, 1e-3, 1e-3, .poll = 1024, .seconds = 200000, .settle = 50000,
          .limit = 2.118e-4),
    EXTRA("tstep-p10", 1e-3, 1e-4, 1e-4, .poll = 1024, .seconds = 100000, .settle = 20000,
          .event = WORLD_FREQUENCY_STEP, .hold = 3e-4),
    EXTRA("hidden-100us", 20e-3, 1e-4, 1e-4, USUAL, .hidden = 1e-4, .hold = 5.5e-5),
    EXTRA("hidden-1ms", 20e-3, 1e-4, 1e-4, USUAL, .hidden = 1e-3, .hold = 2.8e-4),
    EXTRA("hidden-100us-j10us", 20e-3, 1e-5, 1e-5, USUAL, .hidden = 1e-4, .hold = 4.8e-5),
    EXTRA("hidden-30us", 20e-3, 1e-4, 1e-4, USUAL, .hidden = 3e-5, .hold = 3.5e-5),
    EXTRA("lognormal-100us", 20e-3, 1e-4, 1e-4, USUAL, .delay = WORLD_LOGNORMAL, .hold = 1.8e-5),
    EXTRA("lognormal-1ms", 20e-3, 1e-3, 1e-3, USUAL, .delay = WORLD_LOGNORMAL, .hold = 9e-5),
    EXTRA("pareto-100us", 20e-3, 1e-4, 1e-4, USUAL, .delay = WORLD_PARETO, .hold = 1.3e-5),
    EXTRA("pareto-1ms", 20e-3, 1e-3, 1e-3, USUAL, .delay = WORLD_PARETO, .hold = 5e-5),
    EXTRA("floor-wander", 20e-3, 1e-4, 1e-4, USUAL, .event = WORLD_FLOOR, .hold = 1.5e-4),
    EXTRA("sleep-8h", 1e-3, 1e-4, 1e-4, .poll = 64, .seconds = 100000, .settle = 83200,
          .event = WORLD_SLEEP, .hold = 1.7e-5),
    EXTRA("offline-3d", 1e-3, 1e-4, 1e-4, .poll = 64, .seconds = 600000, .settle = 565000,
          .event = WORLD_OFFLINE, .hold = 1.7e-5),
    {.name = "start-100ppm",
     .base = 20e-3,
     .up = 1e-4,
     .down = 1e-4,
     .wander = 1e-9,
     .poll = 64,
     .seconds = 1000,
     .settle = 60,
     .frequency = -1e-4,
     .hold = 2.5e-4},
    {.name = "start-5percent",
     .base = 20e-3,
     .up = 1e-3,
     .down = 1e-3,
     .wander = 1e-9,
     .poll = 64,
     .seconds = 20000,
     .settle = 2000,
     .frequency = 5e-2,
     .hold = 1e-4},
};
const int world_extra_count = sizeof world_extras / sizeof *world_extras;
