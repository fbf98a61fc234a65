/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits that the process with the right to set the clock holds every order against. It does
 * not trust the sender: whatever orders come, in whatever number, the clock moves no further than
 *
 *   before the first synchronization, and after each sleep: `step_count` steps, not below `floor`
 *   and not above `ceiling`;
 *   afterwards: 500 ppm of slew, and 500 ppm of frequency around what was first ordered
 *   with it, so at most 3.6 s an hour, however the orders are mixed;
 *   a leap second, where leap_possible() allows one.
 *
 * In the first 10 s after the first slew of an allowance a slew may be up to 1 %: with
 *   what runs out later 0.6 s in all.
 *
 * Until the first synchronization, but for an hour from the first order at most, the frequency may
 * be anything that the kernel takes: an oscillator 5 % off has to be met somehow.
 *
 * One-shot: exactly one step, with it or afterwards the bound that then holds, and nothing else.
 *
 * What was used of the allowance is kept for the boot as text (in /run), so that a restart does not
 * renew it.
 */
#ifndef NTSC_CLOCK_LIMIT_H
#define NTSC_CLOCK_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock_order.h"
#include "common/leap.h"
#include "common/time.h"

#define CLOCK_LIMIT_SLEW     500e-6 /* s/s */
#define CLOCK_LIMIT_FAST     10e-3  /* s/s, and for so long: */
#define CLOCK_LIMIT_FAST_S   10
#define CLOCK_LIMIT_FREQ     500e-6 /* s/s around the reference */
#define CLOCK_LIMIT_SETTLE_S 3600

enum clock_verdict {
    CLOCK_VERDICT_OK,
    CLOCK_VERDICT_FORM,      /* not an order: unknown bits, fields out of range, unused not zero */
    CLOCK_VERDICT_MODE,      /* -q and -x never change the clock; one-shot only steps */
    CLOCK_VERDICT_STEP_LATE, /* a step after synchronization */
    CLOCK_VERDICT_STEP_BUDGET, /* all steps are made */
    CLOCK_VERDICT_STEP_SMALL,  /* below `step`: has to be slewed */
    CLOCK_VERDICT_STEP_RANGE,  /* to a time that cannot be */
    CLOCK_VERDICT_SLEW,        /* faster than 500 ppm, or than 1 % in the first seconds */
    CLOCK_VERDICT_FREQ,        /* farther than 500 ppm from the reference */
    CLOCK_VERDICT_LEAP,        /* no leap second can be today */
    CLOCK_VERDICT_TAI,         /* not what the table says */
};

enum clock_mode {
    CLOCK_MODE_NONE, /* never touch the clock */
    CLOCK_MODE_ONESHOT,
    CLOCK_MODE_DAEMON,
};

struct clock_limit {
    enum clock_mode mode;
    int64_t step_ns;            /* daemon: smallest step */
    uint16_t step_count;        /* daemon: steps of an allowance; one-shot: 1 always */
    struct wall floor, ceiling; /* no step leads outside; ceiling 0: none */
    /* Used: */
    uint16_t steps;
    bool synchronized; /* an order without CLOCK_UNSYNC was carried out */
    bool have_reference;
    bool have_first;
    bool began;        /* a slew was carried out without having been synchronized */
    struct mono begin; /* the first such */
    struct mono first; /* the first order that set the frequency */
    double rate;       /* of the last order, s/s relative to the raw oscillator */
    double reference;
};

/* A fresh allowance. */
void clock_limit_init(struct clock_limit *l, enum clock_mode mode, int64_t step_ns,
                      uint16_t step_count, struct wall floor, struct wall ceiling);

/*
 * Judges an order at `now`, with CLOCK_REALTIME `wall`. CLOCK_VERDICT_OK: it may be carried out,
 * and counts as carried out from now on. Anything else: nothing of it may be, and *l is as before.
 */
enum clock_verdict clock_limit_check(struct clock_limit *l, const struct clock_order *o,
                                     struct mono now, struct wall wall,
                                     const struct leap_table *leaps);

/*
 * The machine slept, as the clock process itself has seen (CLOCK_BOOTTIME minus CLOCK_MONOTONIC has
 * grown): a new allowance of steps. Never on the word of another process.
 */
void clock_limit_resumed(struct clock_limit *l);

/* What is wrong, for the log. */
const char *clock_verdict_text(enum clock_verdict v);

/* What is used of the allowance as a line of text, with line end; returns its length, 0: no room.
 */
#define CLOCK_LIMIT_TEXT 96
size_t clock_limit_save(const struct clock_limit *l, char *buf, size_t n);

/* Takes up what was saved in this boot; false, and nothing changed, when it is not such a line. */
bool clock_limit_restore(struct clock_limit *l, const char *text, size_t len);

/* As if all steps were made: for what was saved and cannot be read. */
void clock_limit_spent(struct clock_limit *l);

#endif
