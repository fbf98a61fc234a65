/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * True time, and what runs on it: oscillator, kernel clock, networks, servers, and the packets and
 * key exchanges under way. The machine's clocks are read here.
 */
#ifndef NTSC_SIM_WORLD_H
#define NTSC_SIM_WORLD_H

#include <stdio.h>

#include "common/clock/ensemble.h"
#include "tests/sim/kernel_clock.h"
#include "tests/sim/sim_scenario.h"

enum { SIM_UNDER_WAY = 64 };

enum sim_event_kind { SIM_NO_EVENT, SIM_DATAGRAM, SIM_KE_END };

struct sim_event {
    enum sim_event_kind kind;
    int64_t t; /* true ns */
    unsigned server;
    uint64_t query; /* whom it concerns: older queries' answers find no socket */
    size_t len;
    uint8_t data[NTS_RESPONSE_MAX];
};

struct sim_world {
    const struct sim_scenario *set;
    int64_t t; /* true ns since the start */
    struct sim_osc osc;
    struct kernel_clock kernel;
    int64_t mono_behind; /* CLOCK_BOOTTIME is the kernel's clock less this */
    int64_t slept_ns;
    int64_t battery_ahead_ns; /* what the battery clock was ahead of true time when it was set, */
    int64_t battery_set;      /* and when, true ns */
    int64_t battery_due;      /* CLOCK_BOOTTIME at which the kernel sets it next; 0: it does not */
    struct sim_rand random;   /* what the daemon gets as random */
    struct sim_server servers[SIM_SERVERS];
    struct sim_net nets[SIM_SERVERS];
    struct sim_event events[SIM_UNDER_WAY];
    int64_t next_event; /* true ns of the earliest */
    FILE *trace;        /* NULL: none */
};

void sim_world_init(struct sim_world *w, const struct sim_scenario *set, uint64_t seed);
void sim_world_free(struct sim_world *w);

/* On to `t`, not beyond the next whole second. */
void sim_world_advance(struct sim_world *w, int64_t t);

/* The machine sleeps until `t`. */
void sim_world_sleep(struct sim_world *w, int64_t t);

/* The machine is paused until `t`: all its clocks stand still but the battery clock. */
void sim_world_pause(struct sim_world *w, int64_t t);

/* The battery clock as it is read now, ns since 1970; false: there is none. */
bool sim_world_battery(const struct sim_world *w, int64_t *ns);

struct mono sim_world_mono(const struct sim_world *w);
struct instant sim_world_instant(const struct sim_world *w);

/* True rate of CLOCK_REALTIME and CLOCK_BOOTTIME now, s/s less 1. */
double sim_world_rate(const struct sim_world *w);

/* CLOCK_REALTIME less true time, s. */
double sim_world_error(const struct sim_world *w);

/* Carries out an order as the clock process does; returns 0 or -errno. */
int sim_world_order(struct sim_world *w, const struct clock_order *o);

/* Somebody else steps the clock. */
void sim_world_step(struct sim_world *w, int64_t ns);

/* A packet to a server; what comes of it is an event. */
void sim_world_send(struct sim_world *w, unsigned server, uint64_t query, const uint8_t *data,
                    size_t len);

void sim_world_add_event(struct sim_world *w, const struct sim_event *e);

/* Takes an event that is due; false: none is. */
bool sim_world_take_event(struct sim_world *w, struct sim_event *e);

#endif
