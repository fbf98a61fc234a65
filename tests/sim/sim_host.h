/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon in the simulated world: the core as client/engine/engine_run.c and
 * client/engine/daemon_run.c run it, with the world's packets and clocks in the place of sockets
 * and system calls.
 */
#ifndef NTSC_SIM_HOST_H
#define NTSC_SIM_HOST_H

#include "common/clock/clock_limit.h"
#include "common/source/turn.h"
#include "tests/sim/sim_possible.h"
#include "tests/sim/sim_world.h"

struct sim_peer {
    struct source source;
    struct nts_session stored; /* on disk; */
    bool has_stored;
    bool open; /* a socket waits for the answer to `query` */
    uint64_t query;
    struct mono sent;
    struct net_addr ntp;
    struct local_stamps stamps;
    int64_t phase_sent_ns; /* the server's clock less the raw one when the query left */
    struct sim_possible possible;
    uint64_t ke; /* number of the key exchange under way */
};

struct sim_host {
    struct sim_world *world;
    bool running, offline;
    struct source_policy policy;
    struct clock_limit limit; /* lives as long as the boot */
    struct ensemble ensemble;
    struct ensemble_source sources[SIM_SERVERS];
    struct sim_peer peers[SIM_SERVERS];
    struct clock_file stored; /* on disk */
    bool has_stored;
    uint64_t queries, ke_number;
    struct turn turn;
    struct mono looked; /* the clock process, last */
    double start_rate, start_rate_sd;
    struct mono wake; /* the earliest deadline, */
    int64_t wake_t;   /* and about when that is in true ns */
    /* What has happened: */
    uint64_t packets, kes, wakeups, steps, late_steps, refused, impossible;
    double beyond;    /* what is possible, s */
    double jump_seen; /* when the first sample after the first server's jump came, s; 0: none yet */
    double widest;    /* half of the longest round trip so far, s */
};

void sim_host_init(struct sim_host *h, struct sim_world *w);

/* The daemon is started: with what is on disk, in this boot. */
void sim_host_start(struct sim_host *h);

/* It ends: in good order, or by SIGKILL. */
void sim_host_stop(struct sim_host *h, bool in_order);

/* Time has come to wake_t, or an event is due. */
void sim_host_run(struct sim_host *h);

/* The machine wakes from sleep. */
void sim_host_resumed(struct sim_host *h);

/* The machine was paused for so long, true ns: nobody tells the daemon, and its timers waited. */
void sim_host_paused(struct sim_host *h, int64_t ns);

/* A network has come, and the kernel tells of it. */
void sim_host_online(struct sim_host *h);

/* Somebody else has set the clock: a timer tells it at once. */
void sim_host_clock_set(struct sim_host *h);

/* The clocks that the daemon reads. */
struct mono sim_host_now(const struct sim_host *h);
struct turn_clocks sim_host_clocks(const struct sim_host *h);

/* A line of --trace: true time, what, and two numbers. */
void sim_host_trace(struct sim_host *h, const char *what, double a, double b);

#endif
