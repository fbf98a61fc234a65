/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the oscillator's rate can be at all, by two exchanges and the time between them: phase was
 * within one interval then and is within another now. The estimate of the frequency is believed
 * only as far as it is within (common/clock/README).
 */
#ifndef NTSC_RATE_RANGE_H
#define NTSC_RATE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

/*
 * s/s by which an oscillator may have changed since its rate was last seen, at once: a fan that
 * stops, a processor that wakes, the sun. A crystal moves by 0.1 to 0.3 ppm a kelvin away from its
 * turning point, a case warms by ten: 3 ppm, and a third for what it does by itself. RFC 5905 has
 * 15 ppm (PHI) for clocks whose rate nobody measures.
 */
#define RATE_DRIFT 4e-6

/* Nobody has watched it: the kernel's tick reaches so far, and none that it cannot steer is used.
 */
#define RATE_UNSEEN 0.1

/*
 * Any oscillator of a machine in order is so near to right: the kernel's frequency reaches so far
 * (500 ppm). It is assumed where a rate cannot be seen, in a one-shot, and of another clock source
 * that took over.
 */
#define RATE_USUAL 500e-6

/* A range of so much, s/s, shows that the estimate's own deviations can be believed. */
#define RATE_SEEN 100e-6

/* Frequency and wander count as true within so many standard deviations. */
#define RATE_SDS 4.0

struct rate_range {
    double low, high;
    bool seen;
    /* The exchange that later ones are held against; when has_origin: */
    bool has_origin;
    int64_t lo_ns, hi_ns;
    struct raw at;
};

void rate_range_init(struct rate_range *r);

/* Server time less raw clock was within lo_ns..hi_ns at `at`. */
void rate_range_add(struct rate_range *r, struct raw at, int64_t lo_ns, int64_t hi_ns);

/* What was measured contradicts itself: somewhere near `rate`, and seen again by what comes. */
void rate_range_doubt(struct rate_range *r, double rate);

/* Phases before are worthless, the oscillator is the same. */
void rate_range_break(struct rate_range *r);

/* The server's time is `ns` later than the exchanges so far say. */
void rate_range_shift(struct rate_range *r, int64_t ns);

/* How far the rate can be from an estimate and its standard deviation, s/s. */
double rate_range_reach(const struct rate_range *r, double rate, double sd);

#endif
