/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The limits that the process with the right to set the clock holds every order against. It does
 * not trust the sender: whatever orders come, in whatever number, the clock moves no further than
 *
 *   before the first synchronization, and after each sleep: `step_count` steps, not below `floor`
 *   and not above `ceiling`;
 *   afterwards: 500 ppm of slew, and 500 ppm of frequency around what was first ordered
 *   with it, so at most 3.6 s an hour, however the orders are mixed;
 *   a leap second, where leap_possible() allows one;
 *   and a step that a witness allows (clock_witness.h): what ntsc itself has seen of others who set
 *   the clock, and of time that went by while the machine was paused. Or, where the configuration
 *   says so (step-later), one of so much at most that three sources agree on, CLOCK_LATER_MAX times
 *   in CLOCK_LATER_S: that is the engine's word alone.
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

#include "common/base/time.h"
#include "common/clock/clock_order.h"
#include "common/clock/clock_witness.h"
#include "common/clock/leap.h"

#define CLOCK_LIMIT_SLEW_NS  500000   /* in a second: 500 ppm */
#define CLOCK_LIMIT_FAST_NS  10000000 /* 1 %, and for so long: */
#define CLOCK_LIMIT_FAST_S   10
#define CLOCK_LIMIT_FREQ     (500 * 65536) /* around the reference, 2^-16 ppm */
#define CLOCK_LIMIT_ROUNDING 6             /* 1e-10: rounding of the frequency field */
#define CLOCK_LIMIT_PER_TICK (100 * 65536) /* what a tick_us makes, 2^-16 ppm */
#define CLOCK_LIMIT_SETTLE_S 3600
#define CLOCK_LATER_MAX      3 /* steps of `step-later`, in so long: */
#define CLOCK_LATER_S        86400
#define CLOCK_LATER_VOICES   3

enum clock_verdict {
    CLOCK_VERDICT_OK,
    CLOCK_VERDICT_FORM,      /* not an order: unknown bits, fields out of range, unused not zero */
    CLOCK_VERDICT_MODE,      /* -q and -x never change the clock; one-shot only steps */
    CLOCK_VERDICT_STEP_LATE, /* a step after synchronization that nothing speaks for */
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
    int64_t later_ns;           /* daemon: largest step of `step-later`; 0: none */
    struct wall floor, ceiling; /* no step leads outside; ceiling 0: none */
    struct clock_witness witness;
    /* Used: */
    uint16_t steps;
    bool synchronized; /* an order without CLOCK_UNSYNC was carried out */
    bool have_reference;
    bool have_first;
    bool began;        /* a slew was carried out without having been synchronized */
    struct mono begin; /* the first such */
    struct mono first; /* the first order that set the frequency */
    int64_t rate;      /* of the last order, 2^-16 ppm relative to the raw oscillator */
    int64_t reference;
    uint16_t later_made;                /* steps of `step-later`, at most CLOCK_LATER_MAX, */
    struct mono later[CLOCK_LATER_MAX]; /* and when, the newest first */
};

/* What is proved of clock_limit_check(), in terms of: */
/*@ logic integer clock_rate(integer freq, integer tick_us) =
      freq + (tick_us - CLOCK_TICK_NOMINAL) * CLOCK_LIMIT_PER_TICK;
    logic integer clock_span(integer constant) =
      constant == 0 ? 4 : constant == 1 ? 8 : constant == 2 ? 16 : constant == 3 ? 32 :
      constant == 4 ? 64 : constant == 5 ? 128 : constant == 6 ? 256 : constant == 7 ? 512 :
      constant == 8 ? 1024 : constant == 9 ? 2048 : 4096;
    predicate clock_fast(struct clock_limit *l, integer now_ns) =
      l->began ? now_ns - l->begin.ns < CLOCK_LIMIT_FAST_S * NS_PER_S : !l->synchronized;
    predicate clock_settled(struct clock_limit *l, integer now_ns) =
      l->have_reference ||
      (l->have_first && now_ns - l->first.ns > CLOCK_LIMIT_SETTLE_S * NS_PER_S);
    predicate clock_step_first(struct clock_limit *l) =
      !l->synchronized && l->steps < l->step_count;
    predicate clock_step_later(struct clock_limit *l, struct clock_order *o, integer now_ns) =
      \abs(o->step_ns) <= l->later_ns && o->voices >= CLOCK_LATER_VOICES &&
      (l->later_made < CLOCK_LATER_MAX ||
       now_ns - l->later[CLOCK_LATER_MAX - 1].ns >= CLOCK_LATER_S * NS_PER_S);
    predicate clock_step_fits(struct clock_limit *l, struct clock_order *o, integer now_ns,
                              integer step_ns, integer wall_ns) =
      (clock_step_first(l) ||
       (l->mode == CLOCK_MODE_DAEMON && l->step_count > 0 &&
        (clock_witness_permits(&l->witness, step_ns) || clock_step_later(l, o, now_ns)))) &&
      l->floor.ns <= wall_ns + step_ns &&
      (l->ceiling.ns != 0 ==> wall_ns + step_ns <= l->ceiling.ns) &&
      (l->mode == CLOCK_MODE_DAEMON ==> \abs(step_ns) >= l->step_ns);
    predicate clock_slew_fits(struct clock_limit *l, struct clock_order *o, integer now_ns) =
      \abs(o->offset_ns) <= CLOCK_LIMIT_FAST_NS * clock_span(o->constant) &&
      (!clock_fast(l, now_ns) ==>
        \abs(o->offset_ns) <= CLOCK_LIMIT_SLEW_NS * clock_span(o->constant));
    predicate clock_rate_fits(struct clock_limit *l, struct clock_order *o) =
      \abs(clock_rate(o->freq, o->tick_us) - (l->have_reference ? l->reference : l->rate)) <=
        CLOCK_LIMIT_FREQ + CLOCK_LIMIT_ROUNDING;
    predicate clock_limit_sound(struct clock_limit *l) =
      l->step_ns >= 0 && l->floor.ns > INT64_MIN; */

/*@ requires \valid(l) && step_ns >= 0 && floor.ns > INT64_MIN;
    assigns *l;
    ensures clock_limit_sound(l); */
/* A fresh allowance. */
void clock_limit_init(struct clock_limit *l, enum clock_mode mode, int64_t step_ns,
                      uint16_t step_count, struct wall floor, struct wall ceiling);

/*@ requires \valid(l) && \valid_read(o) && \valid_read(leaps) && clock_limit_sound(l);
    requires \separated(l, o) && \separated(l, leaps);
    assigns l->steps, l->synchronized, l->have_reference, l->have_first, l->began, l->begin.ns,
      l->first.ns, l->rate, l->reference, l->witness,
      l->later_made, l->later[0 .. CLOCK_LATER_MAX - 1];
    ensures \result == CLOCK_VERDICT_OK ==> l->mode != CLOCK_MODE_NONE; ensures \result ==
   CLOCK_VERDICT_OK && l->mode == CLOCK_MODE_ONESHOT ==> (o->what & CLOCK_SET_STEP) != 0 ||
   \old(l->steps) > 0; ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_STEP) != 0 ==>
      \old(clock_step_fits(l, o, now.ns, o->step_ns, wall.ns));
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_SLEW) != 0 ==>
      \old(clock_slew_fits(l, o, now.ns));
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_FREQ) != 0 &&
      \old(clock_settled(l, now.ns)) ==> \old(clock_rate_fits(l, o));
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_STEP) != 0 &&
      \old(clock_step_first(l)) ==> l->steps == \old(l->steps) + 1;
    ensures \result == CLOCK_VERDICT_OK && (o->what & CLOCK_SET_STEP) != 0 ==>
      l->witness.moved_ns == 0 && !l->witness.battery.missing && !l->witness.host.missing;
    ensures \old(l->synchronized) ==> l->synchronized && l->steps == \old(l->steps);
    ensures \old(l->have_reference) ==> l->have_reference && l->reference == \old(l->reference);
    ensures \old(l->began) ==> l->began && l->begin.ns == \old(l->begin.ns);
    ensures \result != CLOCK_VERDICT_OK ==> *l == \old(*l); */
/*
 * Judges an order at `now`, with CLOCK_REALTIME `wall`. CLOCK_VERDICT_OK: it may be carried out,
 * and counts as carried out from now on. Anything else: nothing of it may be, and *l is as before.
 */
enum clock_verdict clock_limit_check(struct clock_limit *l, const struct clock_order *o,
                                     struct mono now, struct wall wall,
                                     const struct leap_table *leaps);

/*@ requires \valid(l);
    assigns l->steps, l->synchronized, l->began, l->witness; */
/*
 * The machine slept, as the clock process itself has seen (CLOCK_BOOTTIME minus CLOCK_MONOTONIC has
 * grown): a new allowance of steps. Never on the word of another process.
 */
void clock_limit_resumed(struct clock_limit *l);

/*
 * The same, part by part: what is refused is taken out of *o, and what could not be right without
 * it, so that one part does not take the others down. A step takes all with it but frequency and
 * TAI; a frequency becomes the nearest that is allowed; a leap second and TAI are left out. Returns
 * what the first refusal was, with the parts in *refused; *o is empty when nothing is left of it.
 */
#define CLOCK_REFUSED_LEAP 64 /* beside CLOCK_SET_...: a leap flag */
enum clock_verdict clock_limit_take(struct clock_limit *l, struct clock_order *o, struct mono now,
                                    struct wall wall, const struct leap_table *leaps,
                                    uint32_t *refused);

/* The rates that may be ordered now, s/s: in all, or around the reference. */
void clock_limit_rates(const struct clock_limit *l, struct mono now, double *low, double *high);

/* What is wrong, for the log. */
const char *clock_verdict_text(enum clock_verdict v);

/* What is used of the allowance as a line of text, with line end; returns its length, 0: no room.
 */
#define CLOCK_LIMIT_TEXT 96
size_t clock_limit_save(const struct clock_limit *l, char *buf, size_t n);

/* Takes up what was saved in this boot; false, and nothing changed, when it is not such a line. */
bool clock_limit_restore(struct clock_limit *l, const char *text, size_t len);

/*
 * What the witness has seen, and the steps of `step-later`, as a second line: 0 when there is no
 * room. It is taken up within the boot, so that a restart neither loses a witness nor renews what
 * was used. False, and nothing changed: not such a line.
 */
#define CLOCK_LIMIT_SEEN_TEXT 600
size_t clock_limit_save_seen(const struct clock_limit *l, char *buf, size_t n);
bool clock_limit_restore_seen(struct clock_limit *l, const char *text, size_t len);

/* As if all steps were made: for what was saved and cannot be read. */
void clock_limit_spent(struct clock_limit *l);

#endif
