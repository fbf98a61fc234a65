/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock estimator of one source: what server time is, as a function of CLOCK_MONOTONIC_RAW.
 *
 * It is told nothing about the oscillator or the network and learns both: a bank of hypotheses
 * (filter_bank.h) sees the phase as the middle of each exchange (filter_noise.h), weighed by what
 * its round trip is above the least of the route (filter_route.h), and always within what packets
 * that do not travel back in time allow (filter_fence.h).
 *
 * What was tried is in filter.c; tests/sim/limits measures.
 */
#ifndef NTSC_FILTER_H
#define NTSC_FILTER_H

#include "common/base/time.h"
#include "common/clock/filter_bank.h"
#include "common/clock/filter_fence.h"
#include "common/clock/filter_route.h"
#include "common/clock/filter_split.h"
#include "common/clock/rate_range.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * One exchange. T1r and T4r are the client's send and receive instants on the raw clock, T2 and T3
 * the server's time stamps; each difference alone is huge and means nothing.
 */
struct filter_sample {
    struct raw at;   /* midpoint of T1r and T4r */
    int64_t up_ns;   /* T2 - T1r */
    int64_t down_ns; /* T4r - T3 */
};

struct filter_estimate {
    struct raw at;
    int64_t phase_ns; /* server time less raw clock at `at` is phase_ns + phase_s */
    double phase_s;
    double frequency; /* seconds that the raw clock lacks in each second of its own */
    double var_phase; /* s^2; includes the wander up to `at` */
    double cov;       /* of phase and frequency, s */
    double var_frequency;
    double wander;    /* of the oscillator, root mean square over the hypotheses, s^-1/2 */
    double settled;   /* variance of the phase just after an exchange, mean of the last ones, s^2 */
    double taken;     /* what an exchange takes off it, s^2, */
    double between;   /* and how many seconds lie between two; 0: not known */
    int64_t delay_ns; /* least round trip on the present route */
    bool moving;      /* samples begin to contradict the prediction */
    uint32_t samples; /* taken since filter_init */
};

/* Plain data of fixed size (22 kB); members are private. */
struct filter {
    struct filter_bank bank;
    struct filter_route route;
    struct filter_fence fence;
    struct rate_range rates;
    struct filter_split split;
    struct filter_split_view home;  /* asymmetry believed on the route before the present one */
    struct raw at;                  /* of the last sample */
    int64_t reference_ns;           /* the hypotheses' phases are relative to it */
    double frequency, frequency_sd; /* believed before the first sample */
    double usual;                   /* mean logarithm of the wander, slow */
    double residual;                /* of the last sample that contradicted, s */
    double settled, taken, between; /* variance after an exchange, what it took off, s^2; s */
    uint32_t samples, started;      /* since filter_init; since the phase was last unknown */
    bool spread;                    /* the rate was not as usual (filter_bank_spread) */
    uint32_t anchored;              /* so often the phase began anew from an exchange's interval: */
    uint32_t unsound; /* of these because an invariant was broken, and not by a jump */
};

/* Knows nothing: any phase, frequency 0 +- 20 ppm, and now and then far more. */
void filter_init(struct filter *f);

/* The same with a known frequency [s/s] and its standard deviation > 0, as from a state file. */
void filter_init_frequency(struct filter *f, double frequency, double sd);

/*
 * The raw clock lost its phase but is the same oscillator (it stood still during suspend): keeps
 * frequency, wander and route, forgets the phase. For another oscillator call filter_init.
 */
void filter_reset(struct filter *f);

/* The server's time scale moved by so much against the oscillator: a leap second. */
void filter_shift(struct filter *f, int64_t ns);

/*
 * Adds one exchange. Returns false and ignores it when it is not later than the last one, or when
 * its delay is none: below -1 ms or above 1000 s.
 *
 * After it the phase lies in [-down, up], unless the exchange contradicts those before and is one
 * of the first three in a row that do; the fourth is believed, and `anchored` counts it. The same
 * happens should an invariant ever be broken; debug and fuzz builds stop instead.
 */
bool filter_add(struct filter *f, const struct filter_sample *s);

/*
 * The estimate at the instant `at`, not before the last sample (an earlier one is taken as that).
 * Returns false while there is no sample.
 */
bool filter_predict(const struct filter *f, struct raw at, struct filter_estimate *out);

/* Standard deviation of the phase dt >= 0 seconds after an estimate, s: as filter_predict then. */
double filter_later_sd(const struct filter_estimate *e, double dt);

/*
 * What holds after every exchange: all numbers finite, the phase within the fence, the frequency
 * within what a clock can be steered by, and 0 <= least round trip <= that of the exchange just
 * taken [s].
 */
bool filter_is_sound(const struct filter *f, double delay);

#endif
