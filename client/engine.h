/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc-engine: all servers, their sockets and key exchanges, in one poll(2) loop. */
#ifndef NTSC_ENGINE_H
#define NTSC_ENGINE_H

#include <stdbool.h>

#include "client/state.h"
#include "client/udp.h"
#include "common/msg_engine.h"
#include "common/source.h"

/* What a one-shot has learned from one server. */
struct result {
    bool done;
    unsigned samples;
    struct sample best;  /* of the smallest delay; when samples > 0 */
    struct net_addr ntp; /* whom we asked last */
};

struct host {
    struct msg_server server;
    struct source source;
    struct udp udp;
    int ke_fd;        /* to ntsc-ke; -1: none */
    bool memory_only; /* storing failed, or is switched off: the session lives here alone */
    struct result result;
};

struct engine {
    struct msg_setup setup;
    struct source_policy policy;
    struct state state;
    struct host *hosts; /* setup.servers of them */
    struct mono deadline;
};

/* Asks all servers until each has answered setup.samples times, has failed, or the deadline comes.
 */
void engine_run(struct engine *e);

#endif
