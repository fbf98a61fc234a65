/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clock estimator of one source: what server time is, as a function of CLOCK_MONOTONIC_RAW.
 *
 * It is told nothing about the oscillator or the network and learns both: a bank of models of
 * (wander, hidden noise), weighed by evidence (filter_bank.h), each of which takes an exchange as
 * the box that its two one-way delays allow (filter_box.h) above least delays that may change with
 * the route (filter_path.h). Until the path is known, the first samples are taken as Gaussian.
 *
 * What was tried is in filter.c; tests/sim/limits measures.
 */
#ifndef NTSC_FILTER_H
#define NTSC_FILTER_H

#include "common/base/time.h"
#include "common/clock/filter_bank.h"
#include "common/clock/filter_path.h"

#include <stdbool.h>
#include <stdint.h>

enum { FILTER_WANDERS = 10, FILTER_HIDDENS = 4, FILTER_MODELS = FILTER_WANDERS * FILTER_HIDDENS };

/* So many samples are taken as Gaussian, until the path is known. */
enum { FILTER_START = 8 };

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
    double wander;    /* of the oscillator, root mean square over the models, s^-1/2 */
    double hidden;    /* noise that does not show in the delay, geometric mean, s */
    double jitter;    /* mean excess of one way's delay if it is exponential, s */
    int64_t delay_ns; /* least round trip on the present route */
    bool moving;      /* samples begin to contradict the prediction */
    uint32_t samples; /* taken since filter_init */
};

/* One of the first samples: s since the first, s relative to the first's reference, s. */
struct filter_first {
    double at, z, delay;
};

/* Plain data of fixed size (3.8 kB); members are private. */
struct filter {
    struct filter_model models[FILTER_MODELS];
    struct filter_path path;
    struct filter_first first[FILTER_START];
    struct raw at;                  /* of the last sample */
    int64_t reference_ns;           /* the models' phases are relative to it */
    double frequency, frequency_sd; /* believed before the first sample */
    double least, mean;             /* delays while starting, s */
    double usual;                   /* mean logarithm of the wander, slow */
    double residual;                /* of the last sample that no model could explain, s */
    uint32_t samples, started;      /* since filter_init; since the phase was last unknown */
    int missed;                     /* samples in a row that no model could explain */
    bool path_known;
};

/* Knows nothing: any phase, frequency 0 +- 20 ppm, and now and then far more. */
void filter_init(struct filter *f);

/* The same with a known frequency [s/s] and its standard deviation > 0, as from a state file. */
void filter_init_frequency(struct filter *f, double frequency, double sd);

/*
 * The raw clock lost its phase but is the same oscillator (it stood still during suspend): keeps
 * frequency, wander and path, forgets the phase. For another oscillator call filter_init.
 */
void filter_reset(struct filter *f);

/* The server's time scale moved by so much against the oscillator: a leap second. */
void filter_shift(struct filter *f, int64_t ns);

/*
 * Adds one exchange. Returns false and ignores it when it is not later than the last one, or when
 * its delay is none: below -1 ms or above 1000 s.
 */
bool filter_add(struct filter *f, const struct filter_sample *s);

/*
 * The estimate at the instant `at`, not before the last sample (an earlier one is taken as that).
 * Returns false while there is no sample.
 */
bool filter_predict(const struct filter *f, struct raw at, struct filter_estimate *out);

/* Standard deviation of the phase dt >= 0 seconds after an estimate, s: as filter_predict then. */
double filter_later_sd(const struct filter_estimate *e, double dt);

#endif
