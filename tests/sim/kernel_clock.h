/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of the Linux kernel's CLOCK_REALTIME in virtual time: tick, frequency, the phase-locked
 * loop with STA_FREQHOLD, adjtime(3)'s single shot, steps, the error estimates and the leap-second
 * states. It behaves as kernel/time/ntp.c of Linux 5.x and 6.x documents, with two simplifications:
 * seconds end at the nanosecond instead of at the next timer tick, and there is no PPS.
 *
 * It runs on the raw oscillator: whoever owns it says how many nanoseconds CLOCK_MONOTONIC_RAW has
 * gone on. No I/O, no clock of its own; copies are independent.
 */
#ifndef NTSC_SIM_KERNEL_CLOCK_H
#define NTSC_SIM_KERNEL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"
#include "common/clock/clock_order.h"

/* The values are those of <sys/timex.h>. */
enum {
    KERNEL_ADJ_OFFSET = 0x0001,
    KERNEL_ADJ_FREQUENCY = 0x0002,
    KERNEL_ADJ_MAXERROR = 0x0004,
    KERNEL_ADJ_ESTERROR = 0x0008,
    KERNEL_ADJ_STATUS = 0x0010,
    KERNEL_ADJ_TIMECONST = 0x0020,
    KERNEL_ADJ_TAI = 0x0080,
    KERNEL_ADJ_SETOFFSET = 0x0100,
    KERNEL_ADJ_MICRO = 0x1000,
    KERNEL_ADJ_NANO = 0x2000,
    KERNEL_ADJ_TICK = 0x4000,
    KERNEL_ADJ_OFFSET_SINGLESHOT = 0x8001,
    KERNEL_ADJ_OFFSET_SS_READ = 0xa001,
};

enum {
    KERNEL_STA_PLL = 0x0001,
    KERNEL_STA_FLL = 0x0008,
    KERNEL_STA_INS = 0x0010,
    KERNEL_STA_DEL = 0x0020,
    KERNEL_STA_UNSYNC = 0x0040,
    KERNEL_STA_FREQHOLD = 0x0080,
    KERNEL_STA_NANO = 0x2000,
    KERNEL_STA_MODE = 0x4000,
};

enum kernel_leap_state {
    KERNEL_TIME_OK,
    KERNEL_TIME_INS,
    KERNEL_TIME_DEL,
    KERNEL_TIME_OOP,
    KERNEL_TIME_WAIT,
    KERNEL_TIME_ERROR,
};

/* struct timex, as far as the model goes; units as in adjtimex(2). */
struct kernel_timex {
    uint32_t modes;
    int64_t offset;   /* us, ns with STA_NANO */
    int64_t freq;     /* 2^-16 ppm */
    int64_t maxerror; /* us */
    int64_t esterror; /* us */
    int32_t status;
    int64_t constant;
    int64_t tick;     /* us */
    int64_t time_s;   /* in: the step of ADJ_SETOFFSET; out: the time */
    int64_t time_sub; /* us, ns with STA_NANO; never negative */
    int32_t tai;
};

struct kernel_clock {
    struct wall wall;       /* CLOCK_REALTIME, whole nanoseconds */
    uint32_t wall_frac;     /* 2^-32 ns */
    uint32_t rest;          /* what division left over, below 10^9 */
    int64_t second_base;    /* ns << 32 that the clock goes in 10^9 ns of the oscillator, and */
    int64_t second_len;     /* the same in the running second, slews included */
    int64_t time_freq;      /* ns/s << 32 */
    int64_t time_offset;    /* ns << 32, still to slew */
    int64_t time_adjust_us; /* adjtime(3), still to slew */
    int64_t maxerror_us, esterror_us;
    int64_t reftime_s;
    int64_t next_leap_s;
    int32_t constant, tick_us, status, tai_s;
    enum kernel_leap_state state;
    bool denied; /* every change is refused, as without CAP_SYS_TIME */
    /* For tests: what has happened. */
    uint64_t steps;     /* ADJ_SETOFFSET and kernel_clock_set() */
    int64_t stepped_ns; /* their sum of amounts */
    uint64_t calls;     /* adjtimex calls that changed something */
};

/* As the kernel is after boot: nominal rate, unsynchronized. */
void kernel_clock_init(struct kernel_clock *k, struct wall now);

/* Lets `raw_ns` (>= 0) of the oscillator pass. */
void kernel_clock_advance(struct kernel_clock *k, int64_t raw_ns);

/* adjtimex(2): fills *t and returns the clock state (enum kernel_leap_state), or -errno. */
int kernel_clock_adjtime(struct kernel_clock *k, struct kernel_timex *t);

/* clock_settime(2): what another program does. */
void kernel_clock_set(struct kernel_clock *k, struct wall now);

/*
 * Carries out an order in the calls that the clock process makes: step, then the rest, then TAI.
 * Returns the last call's result; stops at the first -errno.
 */
int kernel_clock_order(struct kernel_clock *k, const struct clock_order *o);

#endif
