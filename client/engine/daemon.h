/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's rule for the engine: samples steer the clock, and everybody can see how it is. */
#ifndef NTSC_DAEMON_H
#define NTSC_DAEMON_H

#include "client/engine/engine.h"
#include "common/clock/clock_file.h"
#include "common/clock/ensemble.h"
#include "common/source/turn.h"
#include "common/status/status.h"

/* What the log has said of a host last. */
struct host_log {
    uint16_t stage, reason; /* of its failure */
    bool answered, is_false, is_unfit;
    bool anew; /* told that it contradicted itself: -i counts */
};

/* What may happen a thousand times a minute, and is told of once. */
enum event_kind { EVENT_STEPPED, EVENT_FREQUENCY, EVENT_NETWORK, EVENT_SLEPT, EVENT_KINDS };

enum daemon_state {
    DAEMON_SHOWN,   /* the status tells all that there is */
    DAEMON_CHANGED, /* it has to be written */
    DAEMON_STOPPING /* ntsc has said so: this turn is the last */
};

struct daemon_events {
    struct mono told_at; /* 0: never */
    unsigned untold;
};

struct daemon {
    struct engine engine; /* first: the rule finds the rest behind it */
    struct ensemble ensemble;
    struct ensemble_source *sources; /* one per host */
    struct host_log *logged;         /* likewise */
    int status_dir;                  /* -1: no status is shown */
    int history_fd;                  /* -1: the last day is not kept */
    int history_slot;                /* the last that was written */
    struct wall started;
    struct turn turn;
    enum discipline_state logged_state;
    bool logged_unfit; /* why certificates that do not fit the clock do not move it */
    bool logged_capped;
    double capped_from;   /* the rate that it was held against */
    uint8_t last_step_by; /* enum status_step_by */
    struct wall last_step_at;
    int64_t last_step_ns;
    uint32_t steps, foreign_changes;
    enum daemon_state state;
    struct mono shown_at; /* when the status was written */
    uint64_t shown_gist;  /* and what it said in essence */
    uint32_t pid;         /* ntsc's */
    bool status_failed;   /* and could not be written, the last time */
    bool logged_refused;  /* that a step after synchronization is not made, and why */
    struct daemon_events events[EVENT_KINDS];
    double start_rate, start_rate_sd; /* what new sources begin with; sd 0: not known */
};

/* Runs until ntsc says stop. */
void daemon_run(struct daemon *d);

/* A source of which nothing is known but what the oscillator was like. */
void daemon_prepare_source(const struct daemon *d, struct ensemble_source *s,
                           const struct msg_server *server);

/* The configuration was read again: servers that are the same keep all that is known of them. */
void daemon_reconfigure(struct daemon *d, const struct msg_setup *setup);

#endif
