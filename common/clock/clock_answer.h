/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What came of an order for the clock, and what its holder has seen of others who change it. */
#ifndef NTSC_CLOCK_ANSWER_H
#define NTSC_CLOCK_ANSWER_H

#include <stdint.h>

enum clock_changed_by { CLOCK_CHANGED_BY_NOBODY, CLOCK_CHANGED_BY_OTHERS, CLOCK_CHANGED_BY_SET };

struct clock_answer {
    int32_t error;    /* errno of the kernel's refusal; 0: none */
    int32_t verdict;  /* enum clock_verdict: why `refused`, or the first of it, was */
    uint32_t refused; /* parts that were not carried out: CLOCK_SET_..., CLOCK_REFUSED_LEAP */
    uint8_t asked;    /* 1: it answers an order */
    uint8_t by;       /* enum clock_changed_by: who has changed the clock since the last answer */
    uint8_t foreign;  /* 1: frequency or status; 0: only moved it */
    uint8_t zero;
    int64_t moved_ns;           /* by so much CLOCK_REALTIME was moved */
    double foreign_rate;        /* the rate that was found, s/s against the raw oscillator, */
    double foreign_s;           /* for so long at most */
    double rate;                /* in force now */
    double rate_low, rate_high; /* what may be ordered */
};

#endif
