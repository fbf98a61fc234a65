/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only interface that writes the kernel's clock; tests link another one behind it. */
#ifndef NTSC_CLOCK_SET_H
#define NTSC_CLOCK_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"
#include "common/clock/clock_order.h"

/* What the kernel says of its clock. */
struct clock_reading {
    double rate;  /* that frequency and tick make, s/s against the raw oscillator */
    int32_t freq; /* 2^-16 ppm */
    int32_t tick_us;
    uint32_t status; /* CLOCK_... bits */
    bool time_error; /* the kernel calls itself unsynchronized */
};

int clock_set_read(struct clock_reading *r);

/* That clock and CLOCK_MONOTONIC_RAW at one instant. */
void clock_set_pair(struct wall *wall, struct raw *raw);

/* Whether CAP_SYS_TIME is needed: for the kernel's clock it is, a test's recorder does without. */
bool clock_set_needs_right(void);

/*
 * Asks the kernel for a change that changes nothing (the tick as it is): 0 when it would let us
 * set the clock, else errno. Containers may forbid what capabilities seem to allow.
 */
int clock_set_allowed(void);

/*
 * Carries the order out, the step first. Returns errno of the first call that failed, or 0 and how
 * the clock is then.
 */
int clock_set_apply(const struct clock_order *o, struct clock_reading *after);

#endif
