/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way between the machine and one server: how long a packet takes, and whether it arrives. */
#ifndef NTSC_SIM_NET_H
#define NTSC_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/sim_delay.h"
#include "tests/sim/sim_recording.h"

enum { SIM_UP, SIM_DOWN };
enum { SIM_ROUTES = 4 };

struct sim_route {
    double up, down; /* s more */
    double from, to; /* while, s */
};

/* Seconds and shares; arrays: to the server and back. */
struct sim_net_setting {
    double delay[2];  /* least */
    double jitter[2]; /* scale of what is added */
    enum sim_shape shape;
    double gamma;                         /* of shape gamma; 0: 2 */
    double loss;                          /* share of packets, each way */
    double burst_share, burst_length;     /* share of the time, mean length: all is lost */
    double duplicate;                     /* share of packets */
    double spike_share, spike;            /* share of packets, mean of the additional delay */
    double congestion, congestion_period; /* mean of the queue up in every second half period */
    double congestion_down, congestion_down_period;
    struct sim_spell_setting jam[2];   /* size: mean of the queue while there is one */
    struct sim_spell_setting bloat[2]; /* size: of a buffer that others fill, within seconds */
    double queue, queue_memory;        /* mean of a queue that lasts, each way; s */
    double grid; /* packets leave at multiples of it only, as on a mobile network */
    const struct sim_recording *recording; /* delays instead of `delay`, row by row; NULL: none */
    double floor;                          /* the least delays wander by so much in an hour, each */
    double ramp, ramp_from, ramp_to;       /* the way up gets longer by s/s from .. to */
    double outage_from, outage_to;
    double mtu; /* longer packets are lost; 0: none are */
    struct sim_route routes[SIM_ROUTES];
    unsigned n_routes;
};

struct sim_net {
    const struct sim_net_setting *set;
    struct sim_rand random;
    double floor[2], floor_at;
    struct sim_spell burst, jam[2], bloat[2];
    struct sim_queue queue[2];
    double grid_phase;
    size_t row; /* of the recording */
};

void sim_net_init(struct sim_net *n, const struct sim_net_setting *set, uint64_t seed,
                  uint64_t stream);

/*
 * A packet of `len` octets leaves at `t` (s). Returns how many copies arrive, 0 to 2, and after how
 * long each.
 */
unsigned sim_net_send(struct sim_net *n, double t, int way, size_t len, double delay[2]);

/* Least round trip there is at `t` (s), without jitter. */
double sim_net_least(const struct sim_net *n, double t);

#endif
