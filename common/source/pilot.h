/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ties servers and ensemble together: whatever the daemon decides between an event of a source
 * and its next query, without performing anything. The simulator flies by the same pilot.
 */
#ifndef NTSC_PILOT_H
#define NTSC_PILOT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/clock/clock_file.h"
#include "common/clock/ensemble.h"
#include "common/source/source.h"

/* Polls are planned by the poll policy; a server silent for eight polls is asked for new keys. */
extern const struct source_policy pilot_policy;

/* More than this between CLOCK_BOOTTIME and CLOCK_MONOTONIC is sleep. */
#define PILOT_SLEPT_NS (NS_PER_S / 10)

/* Source i answered from `from`. False when its sample teaches nothing (out of order). */
bool pilot_sample(struct ensemble *e, unsigned i, const struct net_addr *from,
                  const struct sample *s);

/*
 * Something of source i failed, as s->fail tells. True when pilot_plan() says what is next; false
 * for a key exchange, which has pauses of its own.
 */
bool pilot_failed(struct ensemble *e, unsigned i, struct source *s);

/*
 * The query sent at `sent` is over: when the next one follows, and how long its round trip may
 * take. `random` is a uniform number.
 *
 * Whoever delays packets one way by d moves our idea of the time by up to d / 2, and slowly enough
 * nothing in the answers shows it. So a way may get longer by `maxdelay` and no more: what takes
 * longer is refused, the clock coasts and says so. The limit falls where it protects nothing: in
 * another network (source_elsewhere()), when nobody vouches for the clock any more, and when the
 * way has become longer for good (way.h): its answers are then as any others, with the bound that
 * such a round trip leaves.
 */
void pilot_plan(struct ensemble *e, unsigned i, struct source *s, struct mono sent,
                uint32_t random);

/*
 * While an offset waits for a second round of answers (discipline.doubting) whoever has answered
 * once is asked again PILOT_HURRY_NS after that, whatever was planned.
 */
#define PILOT_HURRY_NS (4 * NS_PER_S)
void pilot_hurry(const struct ensemble *e, unsigned i, struct source *s);

/* Why servers are asked besides their polls; what comes later asks for more. */
enum pilot_ask {
    PILOT_ASK_NOTHING,
    PILOT_ASK_AGAIN,   /* a sample contradicts: unless a query is under way or there is no cookie */
    PILOT_ASK_NOW,     /* the clock was set, or a network came: whatever was waited for */
    PILOT_ASK_RESTART, /* the machine slept: and as often as at the start */
};

/* Source i is asked now, in a burst. */
void pilot_ask(struct ensemble *e, unsigned i, struct source *s, struct mono now,
               enum pilot_ask how);

/*
 * Source i has keys by certificates that did not fit the clock. When they do now, or when they are
 * needed no longer, they are exchanged anew, by the clock, and it begins anew: then true.
 */
bool pilot_renew(struct ensemble *e, unsigned i, struct source *s, const struct instant *now);

/* By how much somebody else has stepped the clock since `last`, ns; 0: nobody has. */
int64_t pilot_jump_ns(const struct ensemble *e, const struct instant *last,
                      const struct instant *now);

/*
 * What of that jump is the leap second for which the kernel was armed: -1 s (inserted), 1 s
 * (deleted), or 0.
 */
int64_t pilot_leap_ns(const struct ensemble *e, int64_t jump_ns, const struct instant *now);

/*
 * Whatever happens, and however often (signals, clocks set, addresses, routes, resumes), all
 * servers are asked no more than once in PILOT_ROUND_NS and PILOT_ROUNDS_MAX times in
 * PILOT_ROUNDS_NS beyond their polls.
 */
#define PILOT_ROUND_NS   (16 * NS_PER_S)
#define PILOT_ROUNDS_MAX 4
#define PILOT_ROUNDS_NS  (600 * NS_PER_S)

struct pilot_rounds {
    struct mono at[PILOT_ROUNDS_MAX]; /* when they were asked, the newest first */
    unsigned n;
    enum pilot_ask wanted; /* and how they are to be asked again */
};

/* There is a reason to ask all servers; what asks for more holds. */
void pilot_round_want(struct pilot_rounds *r, enum pilot_ask how);

/* When they may be asked; SOURCE_NEVER: there is no reason to. */
struct mono pilot_round_next(const struct pilot_rounds *r);

/* True once, when they are to be asked now, and how. */
bool pilot_round_take(struct pilot_rounds *r, struct mono now, enum pilot_ask *how);

/*
 * A rival: who changes frequency or status more than PILOT_RIVAL_MAX times within PILOT_RIVAL_NS,
 * each time undone, steers the clock. He is left alone for a while, which doubles each time that he
 * is still there afterwards. Steps are not counted: one towards the servers' time is a help.
 */
#define PILOT_RIVAL_MAX      3
#define PILOT_RIVAL_NS       (3600 * NS_PER_S)
#define PILOT_RIVAL_FIRST_NS (600 * NS_PER_S)
#define PILOT_RIVAL_LAST_NS  (4 * 3600 * NS_PER_S)
/* What comes within so short a time is one change: frequency and step, say. */
#define PILOT_RIVAL_ONE_NS (NS_PER_S / 2)

struct pilot_rival {
    struct mono at[PILOT_RIVAL_MAX + 1]; /* newest first */
    unsigned n;
    int64_t pause_ns; /* of the last time; 0: there was none yet */
    struct mono from, until;
};

/* Somebody else has changed frequency or status; true when ntsc stands back from now on. */
bool pilot_rival_changed(struct pilot_rival *r, struct mono now);

/* Whether ntsc stands back. */
bool pilot_rival_reigns(const struct pilot_rival *r, struct mono now);

/* What is worth storing of the clock; false while it is not known to be right. */
bool pilot_store_clock(const struct ensemble *e, struct wall now, struct clock_file *c);

/*
 * The frequency to begin with: the last run's, which was stored (NULL: none was), else what
 * somebody has given to the kernel (0: nobody). How sure it is goes to *sd; 0: none is known.
 */
double pilot_start_clock(struct ensemble *e, const struct clock_file *stored, double kernel_rate,
                         double *sd);

#endif
