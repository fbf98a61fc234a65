/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be done to the kernel's clock, in the units of adjtimex(2) but without its header: the
 * discipline writes it, the limiter judges it, and only the clock process turns it into calls.
 */
#ifndef NTSC_CLOCK_ORDER_H
#define NTSC_CLOCK_ORDER_H

#include <stdint.h>

#include "common/base/time.h"

/* Which parts of an order hold. */
enum {
    CLOCK_SET_STEP = 1,    /* step_ns */
    CLOCK_SET_SLEW = 2,    /* offset_ns, constant */
    CLOCK_SET_FREQ = 4,    /* freq, tick_us */
    CLOCK_SET_STATUS = 8,  /* status */
    CLOCK_SET_ERRORS = 16, /* maxerror_us, esterror_us */
    CLOCK_SET_TAI = 32,    /* tai_s (needs a call of its own: it shares a field with constant) */
    CLOCK_SET_ALL = 63,
};

/* Status bits; those not named are off after an order with CLOCK_SET_STATUS. */
enum {
    CLOCK_PLL = 1,      /* STA_PLL: the phase offset is slewed */
    CLOCK_FREQHOLD = 2, /* STA_FREQHOLD: and does not touch the frequency */
    CLOCK_INS = 4,      /* STA_INS */
    CLOCK_DEL = 8,      /* STA_DEL */
    CLOCK_UNSYNC = 16,  /* STA_UNSYNC */
    CLOCK_STATUS_ALL = 31,
};

#define CLOCK_OFFSET_MAX_NS 500000000 /* what the kernel takes at a time (MAXPHASE) */
#define CLOCK_CONSTANT_MAX  10
#define CLOCK_FREQ_MAX      (500 * 65536)
#define CLOCK_FREQ_PER_RATE 65536e6 /* adjtimex(2): ppm with 16 bits behind the point, of s/s */
#define CLOCK_TICK_NOMINAL  10000   /* us of a tick at USER_HZ 100 */
#define CLOCK_TICK_RATE     1e-4    /* s/s that a microsecond of it makes */
#define CLOCK_TICK_MIN      9000
#define CLOCK_TICK_MAX      11000
#define CLOCK_ERROR_MAX_US  16000000 /* at which the kernel calls itself unsynchronized */
#define CLOCK_TAI_MAX       1000

struct clock_order {
    uint32_t what;       /* CLOCK_SET_... */
    uint32_t status;     /* CLOCK_PLL... */
    int64_t step_ns;     /* added to CLOCK_REALTIME at once */
    int64_t offset_ns;   /* added over time: each second 1 / 2^(2 + constant) of what is left.
                            Replaces what was left of the last one. +-CLOCK_OFFSET_MAX_NS */
    int32_t constant;    /* 0..CLOCK_CONSTANT_MAX, as the kernel keeps it with ADJ_NANO */
    int32_t freq;        /* 2^-16 ppm, +-CLOCK_FREQ_MAX; positive: faster */
    int32_t tick_us;     /* CLOCK_TICK_MIN..CLOCK_TICK_MAX; one more is 100 ppm faster */
    int32_t maxerror_us; /* 0..CLOCK_ERROR_MAX_US */
    int32_t esterror_us; /* 0..CLOCK_ERROR_MAX_US */
    int32_t tai_s;       /* TAI minus UTC, 0..CLOCK_TAI_MAX */
    int32_t voices;      /* with a step: independent sources that agree on it; else 0 */
    int32_t zero;
};

/* Rate that freq and tick_us make, relative to the raw oscillator: seconds per second minus 1. */
static inline double clock_order_rate(int32_t freq, int32_t tick_us)
{
    return freq / CLOCK_FREQ_PER_RATE + (tick_us - CLOCK_TICK_NOMINAL) * CLOCK_TICK_RATE;
}

/* Fastest slew of an offset and constant, s/s: that of the first second. */
static inline double clock_order_slew(int64_t offset_ns, int32_t constant)
{
    return s_from_ns(offset_ns) / (double)(4 << constant);
}

#endif
