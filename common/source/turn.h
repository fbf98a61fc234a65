/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon decides before each wait, and at each update: whether the machine slept, whether
 * somebody else has set the clock, who is asked now, and what is ordered. Nothing is performed
 * here; the daemon and the simulator call the same.
 */
#ifndef NTSC_TURN_H
#define NTSC_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock/clock_answer.h"
#include "common/source/pilot.h"

/* How often the frequency is stored while it runs; it is stored at the end as well. */
#define TURN_STORE_NS (3600 * NS_PER_S)

/* The sources of the ensemble, wherever their owner keeps them. */
struct turn_sources {
    struct source *(*get)(void *owner, unsigned i);
    void *owner;
};

/* Whether the clock is ours to change. */
enum turn_steering {
    TURN_STEERS,
    TURN_STANDS_BACK, /* somebody else changes it, and is waited out */
    TURN_WATCHES      /* -x: it never is */
};

/* What is carried from one turn to the next. */
struct turn {
    struct ensemble *ensemble;
    struct turn_sources sources;
    struct instant last;        /* the clocks at the last turn */
    int64_t slept_ns;           /* CLOCK_BOOTTIME minus CLOCK_MONOTONIC, then */
    struct mono stored;         /* when the frequency was */
    struct pilot_rounds rounds; /* in which all are asked, whatever happens */
    struct pilot_rival rival;   /* somebody else who steers the clock */
    int64_t step_ns;            /* ordered, and not yet answered; 0: none */
    bool judge;                 /* there are samples that no update has seen */
    enum turn_steering steering;
};

/* The clocks, read together. */
struct turn_clocks {
    struct instant now;
    int64_t slept_ns; /* CLOCK_BOOTTIME minus CLOCK_MONOTONIC */
};

enum turn_verdict {
    TURN_NO_UPDATE, /* nothing was judged: nothing new, or everything begins anew after a sleep */
    TURN_UPDATED,   /* and nothing is to be ordered */
    TURN_ORDER,     /* the order is to be carried out */
};

/* What has been noticed, for the log and the status; and what is to be done. */
struct turn_out {
    int64_t slept_ns;  /* the machine slept so long; 0: it did not */
    int64_t jump_ns;   /* somebody else has stepped the clock by so much; 0: nobody */
    int64_t leap_ns;   /* a leap second: -1 s was inserted, 1 s was left out; 0: none */
    bool steers_again; /* the rival was waited out */
    uint64_t renewed;  /* bit per source: its keys are exchanged again, by the clock */
    enum turn_verdict verdict;
    struct clock_order order; /* when TURN_ORDER */
};

/* The daemon begins; the ensemble is set up. */
void turn_begin(struct turn *t, struct ensemble *e, const struct turn_sources *sources,
                const struct turn_clocks *clocks);

/* Before each wait. */
void turn_take(struct turn *t, const struct turn_clocks *clocks, struct turn_out *out);

/* Judges all sources anew at once: after a failure, after an own step. */
enum turn_verdict turn_update(struct turn *t, const struct turn_clocks *clocks,
                              struct clock_order *order);

/* What follows from a message of the clock process. */
struct turn_answer {
    int64_t step_ns; /* the order's step was made; 0: there was none */
    bool step_refused;
    bool stands_back; /* somebody else steers the clock: he is left alone from now on */
    bool update;      /* turn_update() has to follow at once */
};

/* What came of an order, and what others have done to the clock: the discipline knows it now. */
void turn_answered(struct turn *t, const struct clock_answer *m, const struct turn_clocks *clocks,
                   struct turn_answer *out);

/* A sample was taken. True when it was off by a step at once. */
bool turn_sampled(struct turn *t);

/* There is a reason to ask everybody: a turn does it as soon as it may be (pilot_round_next()). */
void turn_ask_all(struct turn *t, enum pilot_ask how);

/*
 * The machine's owner wants everybody to be asked. That is a round as any other, for a loop of
 * signals must not be a flood: what comes too early is remembered, and done as soon as it may be.
 */
void turn_ask_now(struct turn *t);

/* When a turn is due at the latest; SOURCE_NEVER: none is. */
struct mono turn_next(const struct turn *t);

/* Whether the frequency should be stored now, and is worth it: fills *c. */
bool turn_store(struct turn *t, const struct turn_clocks *clocks, bool now, struct clock_file *c);

#endif
