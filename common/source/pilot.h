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
 * longer is refused, the clock coasts and says so. The limit falls where it protects nothing: after
 * a sleep or time without a network, when nobody vouches for the clock any more, and for one
 * server after a day in which others vouched for it.
 */
void pilot_plan(struct ensemble *e, unsigned i, struct source *s, struct mono sent,
                uint32_t random);

/* Source i is asked now, in a burst; `restart`: and as often as at the start. */
void pilot_ask(struct ensemble *e, unsigned i, struct source *s, struct mono now, bool restart);

/* Source i is asked again now, in a burst, unless a query is under way or it has no cookies. */
void pilot_ask_again(struct ensemble *e, unsigned i, struct source *s, struct mono now);

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

/* So many changes of the clock by others within so long: another program steers it. */
#define PILOT_FOREIGN_MAX 3
#define PILOT_FOREIGN_NS  (3600 * NS_PER_S)
/* What comes within so short a time is one change: frequency and step, say. */
#define PILOT_FOREIGN_ONE_NS (NS_PER_S / 2)

struct pilot_foreign {
    struct mono at[PILOT_FOREIGN_MAX]; /* newest first */
    unsigned n;
};

/* Somebody else has changed the clock; true when this happens too often. */
bool pilot_foreign(struct pilot_foreign *f, struct mono now);

/* What is worth storing of the clock; false while it is not known to be right. */
bool pilot_store_clock(const struct ensemble *e, struct wall now, struct clock_file *c);

/*
 * The frequency to begin with: the last run's, which was stored (NULL: none was), else what
 * somebody has given to the kernel (0: nobody). How sure it is goes to *sd; 0: none is known.
 */
double pilot_start_clock(struct ensemble *e, const struct clock_file *stored, double kernel_rate,
                         double *sd);

#endif
