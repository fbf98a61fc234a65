/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is measured of a run, second by second, and what comes out. */
#ifndef NTSC_SIM_RESULT_H
#define NTSC_SIM_RESULT_H

#include <stdbool.h>
#include <stdint.h>

enum sim_metric {
    SIM_RMS,      /* of the time error after settling, s */
    SIM_MAX,      /* largest time error after settling, s */
    SIM_P95,      /* 95 % of the seconds after settling are within, s (to 1 %) */
    SIM_MEAN,     /* of the time error after settling, s */
    SIM_FREQ_RMS, /* of the frequency error after settling, s/s */
    SIM_WIN_RMS,  /* of the time error in the window, s */
    SIM_WIN_MAX,
    SIM_T1MS,    /* first second within 1 ms, */
    SIM_T1MS60,  /* and the first of 60 in a row; both 1e9: never */
    SIM_PACKETS, /* queries sent */
    SIM_KES,     /* key exchanges begun */
    SIM_WAKEUPS, /* times that the daemon woke */
    SIM_STEPS,
    SIM_LATE_STEPS,  /* after the first synchronization, and not after a sleep */
    SIM_INSIDE,      /* share of the seconds with a bound in which it held */
    SIM_BOUNDED,     /* share of the seconds after settling in which there was a bound */
    SIM_BOUND,       /* mean bound after settling, s */
    SIM_BOUND_RATIO, /* mean of bound / (half the least round trip + root distance) */
    SIM_REUSED,      /* cookies used twice */
    SIM_NAKS,
    SIM_REFUSED,    /* orders that the limiter did not allow */
    SIM_PANIC,      /* seconds in which the daemon said that it refuses to follow */
    SIM_CAPPED,     /* seconds in which it said that a single source pulls too hard */
    SIM_COASTING,   /* seconds in which it said that it has no majority any more */
    SIM_UNSYNC,     /* seconds after settling in which the kernel was told that nobody vouches */
    SIM_IMPOSSIBLE, /* samples after which a source's estimate was where it cannot be, */
    SIM_BEYOND,     /* and by how much at most, s (sim_possible.h) */
    SIM_AWAY,       /* seconds after settling with a bound in which the clock had run away */
    SIM_ACTED,      /* s from the first sample after the first server's jump until it is followed */
    SIM_SYNC,       /* seconds after settling in which it was told that it is synchronized, */
    SIM_UNTRUE,     /* and in which the time was farther off than the kernel then said */
    SIM_METRICS
};

extern const char *const sim_metric_names[SIM_METRICS];

/* Bins of the histogram of |error|, 1 % wide from 1 ns on. */
enum { SIM_BINS = 3500 };

struct sim_result {
    double value[SIM_METRICS];
    /* While it runs: */
    double settle, window[2];
    double n, sum, square, freq_square, window_n, window_square;
    double bounded_n, inside_n, bounds_n, bound_sum, ratio_sum;
    int run;
    uint32_t bins[SIM_BINS];
    double worst_over; /* largest |error| / bound */
};

void sim_result_init(struct sim_result *r, double settle, double window_from, double window_to);

/*
 * A second `t` in which the daemon runs: error of time and frequency, the daemon's bound (infinite:
 * none), and what a bound cannot be below, half the round trip and root distance.
 */
void sim_result_second(struct sim_result *r, double t, double error, double freq_error,
                       double bound, double least);

/* All seconds are seen: fills what follows from them. */
void sim_result_end(struct sim_result *r);

/* Over several runs: root mean square, largest, median or mean, as fits each. */
void sim_result_merge(const struct sim_result *runs, int n, struct sim_result *out);

#endif
