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

#include "common/source/pilot.h"

/* How often the frequency is stored while it runs; it is stored at the end as well. */
#define TURN_STORE_NS (3600 * NS_PER_S)

/* At most one burst for a contradiction in so long: whoever causes them has not more of them. */
#define TURN_DOUBT_NS (64 * NS_PER_S)

/* The sources of the ensemble, wherever their owner keeps them. */
struct turn_sources {
    struct source *(*get)(void *owner, unsigned i);
    void *owner;
};

/* What is carried from one turn to the next. */
struct turn {
    struct ensemble *ensemble;
    struct turn_sources sources;
    struct instant last;          /* the clocks at the last turn */
    int64_t slept_ns;             /* CLOCK_BOOTTIME minus CLOCK_MONOTONIC, then */
    struct mono stored;           /* when the frequency was */
    struct pilot_foreign foreign; /* changes by others */
    struct mono doubted;          /* when everybody was last asked for a contradiction, */
    bool has_doubted;             /* if ever */
    int64_t step_ns;              /* ordered, and not yet answered; 0: none */
    bool judge;                   /* there are samples that no update has seen */
    bool monitor_only;            /* the clock is not ours to change */
    bool halted;                  /* nor any more: somebody else steers it */
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
    int64_t slept_ns; /* the machine slept so long; 0: it did not */
    int64_t jump_ns;  /* somebody else has stepped the clock by so much; 0: nobody */
    int64_t leap_ns;  /* a leap second: -1 s was inserted, 1 s was left out; 0: none */
    bool halted;      /* with that step: from now on somebody else steers the clock */
    uint64_t renewed; /* bit per source: its keys are exchanged again, by the clock */
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

/* Whether the order under way came to be; returns the step that it was, 0: none. */
int64_t turn_ordered(struct turn *t, bool done, const struct turn_clocks *clocks);

/* Somebody else has changed the clock; true when this is once too often: it is left to them. */
bool turn_foreign(struct turn *t, struct mono now);

/* Everybody is asked now, in a burst; `restart`: and as often as at the start. */
void turn_ask_all(struct turn *t, struct mono now, bool restart);

/* Whether the frequency should be stored now, and is worth it: fills *c. */
bool turn_store(struct turn *t, const struct turn_clocks *clocks, bool now, struct clock_file *c);

#endif
