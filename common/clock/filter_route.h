/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The route, as far as round trips show it: the least there is, whether it has changed for good,
 * and how long the queues are. It never says which way is long; that is the phase's to tell.
 */
#ifndef NTSC_FILTER_ROUTE_H
#define NTSC_FILTER_ROUTE_H

#include <stdbool.h>

#include "common/clock/filter_noise.h"

/* So many round trips are remembered, and so many are a start. */
enum { FILTER_RECENT = 16 };

struct filter_floor {
    double least[2]; /* round trip in the present and in the last block of samples, s */
    int in_block;    /* samples in the present one */
    int age;         /* samples since the route began */
};

struct filter_route {
    struct filter_floor now, home; /* the present one; the one before the round trip rose */
    bool away;                     /* the present one is not home */
    double recent[FILTER_RECENT];  /* round trips on the present route, latest first, s */
    int recents;
    int samples;
    double usual, rare; /* median and 95 per cent quantile of the excess round trip, s */
    double way[2];      /* excess of each way, as the mean of an exponential, s */
};

enum filter_change {
    FILTER_ROUTE_SAME,
    FILTER_ROUTE_LEFT,    /* the round trip has risen by `by`; home is remembered */
    FILTER_ROUTE_CHANGED, /* it is another one again: risen or fallen by `by` */
    FILTER_ROUTE_HOME,    /* the one before is back */
};

struct filter_turn {
    enum filter_change change;
    double by, from; /* s; from: the least round trip until then */
};

/* One round trip `delay` >= 0 [s]. Fills *e but for the ways' part, and tells what it means. */
struct filter_turn filter_route_add(struct filter_route *r, double delay, struct filter_excess *e);

/* The least round trip of the present route; 0 before there is one. */
double filter_route_least(const struct filter_route *r);

/*
 * Whether a round trip so much shorter than the few before makes these worthless, and with them
 * what they say of the queues.
 */
bool filter_route_outdone(const struct filter_route *r, double delay);

/* About how far that may be off, s. */
double filter_route_error(const struct filter_route *r);

/* One way's excess was estimated to be this long: 0 is the way up, 1 down. */
void filter_route_learn_ways(struct filter_route *r, const double each[2]);

#endif
