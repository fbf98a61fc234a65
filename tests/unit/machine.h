/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine whose clock is steered, in virtual time: for the tests of common/clock/discipline.c. */
#ifndef NTSC_TEST_MACHINE_H
#define NTSC_TEST_MACHINE_H

#include "common/clock/clock_limit.h"
#include "common/clock/discipline.h"
#include "tests/sim/kernel_clock.h"
#include "tests/unit/test.h"

#define START_NS (INT64_C(1700000000) * NS_PER_S) /* November 2023 */
#define CONFIG                                                                                     \
    {                                                                                              \
        .step_ns = 500000000, .panic_ns = 1000 * NS_PER_S, .step_count = 1                         \
    }

/* A machine: true time, its oscillator (rate: true seconds per raw second minus 1), its clock. */
struct machine {
    struct kernel_clock kernel;
    struct discipline d;
    struct clock_limit limit;
    unsigned refused; /* steps */
    struct leap_table leaps;
    struct discipline_input in; /* what the sources say, but for offset, time and rate */
    int64_t true_ns, raw_ns;
    double rate, rest;
    enum clock_verdict verdict;
    struct clock_order order;
    bool ordered;
};

extern struct machine m;

void machine_boot(int64_t true_ns, int64_t wrong_ns, double rate);

/* Lets seconds of true time pass. */
void machine_pass(double s);

/* The sources say what is true, plus `lie_ns`; the order goes through the limiter to the kernel. */
void machine_update(int64_t lie_ns);

/* The same without a lie, and it has to lead to an order that is carried out. */
void machine_update_honest(void);

/* It has been synchronized before: no first seconds. */
void machine_restarted(void);

/* The clock against true time. */
int64_t machine_error_ns(void);
void machine_assert_bounded(void);

#endif
