/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the filter knows of the network path: for each way the least delay, the typical excess over
 * it, how heavy its tail is, and whether the route has just changed.
 */
#ifndef NTSC_FILTER_PATH_H
#define NTSC_FILTER_PATH_H

#include "common/clock/filter_box.h"

enum { FILTER_PATH_RECENT = 16, FILTER_PATH_TAILS = 3 };

/* Way 0 is up, to the server; way 1 is down. */
struct filter_path {
    double floor[2]; /* s */
    double home[2];  /* floors before they rose */
    double doubt;    /* how often a rise turned out to be none */
    int risen, risen_at;
    double median[2];                      /* of the excess, s */
    double evidence[2][FILTER_PATH_TAILS]; /* log evidence of the shapes of the tail */
    float sum[FILTER_PATH_RECENT];         /* excess of both ways of recent samples */
    float difference[FILTER_PATH_RECENT];  /* excess up less down as it was predicted */
    int recent;                            /* how many of them are valid */
    int count;                             /* samples learned from */
};

/* Both ways have the floor `delay`/2; their mean excesses are `up` and `down`; all > 0 [s]. */
void filter_path_init(struct filter_path *p, double delay, double up, double down);

/* What the box update must know about the excess. */
void filter_path_shape(const struct filter_path *p, struct filter_box *box);

/*
 * A sample with excess `sum` over both floors and with predicted difference up - down, whose
 * standard deviation is `sd`; base_sd is that of the base delay. If the route has changed, moves
 * the floors, and returns the standard deviation of the new base delay, else 0.
 */
double filter_path_check(struct filter_path *p, double sum, double difference, double sd,
                         double base_sd);

/* Learns from what the excesses of a sample turned out to be. */
void filter_path_learn(struct filter_path *p, const struct filter_excess *excess);

#endif
