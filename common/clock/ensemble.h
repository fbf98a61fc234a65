/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All sources together: their samples become estimates, the estimates a selection, the selection an
 * order for the clock and the interval until each source is asked again. It performs nothing and is
 * the same in the daemon and in the simulator.
 */
#ifndef NTSC_ENSEMBLE_H
#define NTSC_ENSEMBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/interval.h"
#include "common/base/net_addr.h"
#include "common/base/time.h"
#include "common/clock/clock_limit.h"
#include "common/clock/discipline.h"
#include "common/clock/filter.h"
#include "common/clock/poll.h"
#include "common/clock/rate_range.h"
#include "common/clock/sample.h"
#include "common/clock/select.h"
#include "common/clock/way.h"

/* The clocks at one instant. */
struct instant {
    struct wall wall;
    struct raw raw;
    struct mono mono;
};

/* More answers in a row than anybody asks for. */
#define ENSEMBLE_FRESH_MAX 8

struct ensemble_source {
    struct filter filter;
    struct poll poll;
    struct interval interval; /* of true time less raw clock */
    struct rate_range rates;
    double reach;       /* the rate is so near to the estimate's, at the last update */
    struct sample last; /* the newest; when has_sample */
    bool has_sample;
    bool reachable;                  /* answered at least one of the last eight polls */
    uint8_t asked_log2s;             /* interval between polls when the last sample came */
    bool heard;                      /* answered or failed once */
    uint32_t anew;                   /* so often it contradicted itself, and was begun anew */
    uint8_t fresh;                   /* answers since there was a doubt, up to FRESH_MAX */
    uint32_t group, address;         /* equal: one voice (select.h) */
    struct net_addr ntp;             /* who answered last */
    struct way way;                  /* to it, which may have become longer */
    struct filter_estimate estimate; /* at the last update; when has_sample */
    struct select_input claim;
    struct select_output verdict;
};

struct ensemble {
    struct ensemble_source *sources;
    unsigned n; /* at most SELECT_MAX */
    struct select_policy policy;
    bool trust_single;   /* one source may set a clock alone that its certificate does not fit */
    bool trust_old;      /* three sources may set it to a time before `floor` */
    struct wall floor;   /* when this program was built, or the clock was known to be right; 0 */
    int64_t maxdelay_ns; /* a round trip may take so much longer than the shortest; 0: any time */
    struct discipline discipline;
    struct leap_table leaps;
    struct select_result result; /* of the last update */
    bool contradicted; /* a sample cannot be true together with those before it; for the caller */
    bool unfit;        /* then some had certificates that do not fit the clock, */
    bool provisional;  /* and some of those agreed with the majority: it may step, no more */
    bool old;          /* and they agreed on a time before `floor`: not believed */
    bool leapt;        /* a sample was off by a step at once, and begins anew; for the caller */
};

void ensemble_source_init(struct ensemble_source *s, uint8_t minpoll, uint8_t maxpoll);

/* What an earlier run knew of the oscillator: true seconds per raw second, minus 1. */
void ensemble_source_frequency(struct ensemble_source *s, double rate, double sd);

/* A sample of source i. False when it teaches nothing (out of order). */
bool ensemble_sample(struct ensemble *e, unsigned i, const struct sample *s);

/*
 * Estimates, selects and steers at `now`. True when *o is to be ordered. After an order that
 * stepped the clock call it again with the clocks read anew.
 */
bool ensemble_update(struct ensemble *e, const struct instant *now, struct clock_order *o);

/*
 * There is reason to doubt what is known: a step after synchronization waits until a majority has
 * answered DISCIPLINE_ROUNDS times from now on.
 */
void ensemble_doubt(struct ensemble *e);

/* All that is known of source i but its oscillator's frequency is forgotten: it begins anew. */
void ensemble_forget(struct ensemble *e, unsigned i);

/* The way to it as well: it is another one now, or too long ago. */
void ensemble_moved(struct ensemble *e, unsigned i);

/* The machine slept: the raw clock stood still, phases are lost, frequencies are not. */
void ensemble_resumed(struct ensemble *e);

/* A leap second: UTC moved by `ns` (inserted: -1 s) against the oscillator, for all sources. */
void ensemble_leap(struct ensemble *e, int64_t ns);

/* From the query just sent to source i to its next one, ns; `random` is a uniform number. */
int64_t ensemble_next_poll_ns(struct ensemble *e, unsigned i, uint32_t random);

/*
 * How far the rate can be, s/s, as of the last estimates and verdicts. From what this source
 * says (ensemble_rate.c): all sources watch one oscillator. Where one sees another rate than those
 * selected its deviations cannot be believed: a queue that grows looks like a rate. Who is not
 * believed itself is not helped by that.
 */
double ensemble_reach(const struct ensemble *e, const struct ensemble_source *s);

/* From the combined one: in a tie the honest may be among those about whom nothing is decided. */
double ensemble_rate_reach(const struct ensemble *e);

#endif
