/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the phase can be at all. Delays only add, so of each exchange true time lies between what
 * the way up and what the way down says; of several, in what they have in common, widened by what
 * the oscillator may have done since. No belief about asymmetry, route or jitter goes into it: an
 * estimate that is misled keeps a bound that is true.
 *
 * Before, the bound was half the least round trip of the present route and four deviations of the
 * phase. It held in all honest scenarios but one: a way that grows longer without end
 * (ramp-alone-week), of which the estimate believes what it likes.
 */
#ifndef NTSC_INTERVAL_H
#define NTSC_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

/* By which the squared width of an interval is divided for the variance of what lies anywhere in it
 * with the same probability. */
#define INTERVAL_UNIFORM 12.0

/* Server time less raw clock is lo_ns..hi_ns at `at`. */
struct interval {
    int64_t lo_ns, hi_ns;
    struct raw at;
    bool known;
};

/*
 * How the raw clock runs: s/s that it lacks, and by how much the phase may be off after dt s:
 * hypot(rate dt, wander dt^3/2), since whatever makes them has nothing to do with each other.
 */
struct interval_drift {
    double frequency;
    double rate;   /* s/s */
    double wander; /* s^-1/2 */
};

/* The interval at `at`, not before its own instant. */
struct interval interval_at(const struct interval *iv, struct raw at,
                            const struct interval_drift *d);

/*
 * Narrows it by an exchange (filter.h) at `at`. What contradicts the interval replaces it: a clock
 * of which that was true has been changed; then false.
 */
bool interval_add(struct interval *iv, struct raw at, int64_t up_ns, int64_t down_ns,
                  const struct interval_drift *d);

/* How far any point of it is from `phase_ns` at most. */
int64_t interval_reach_ns(const struct interval *iv, int64_t phase_ns);

#endif
