/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario as text: one directive a line, `#` comments, numbers in s, s/s and shares.
 *
 *   duration S | settle S | window FROM TO
 *   clock KEY VALUE...        the oscillator, and how wrong the clock is at the start
 *   daemon KEY VALUE...       its configuration
 *   server [count N] KEY VALUE...   one server, or N alike, and the way to it
 *   sleep FROM TO | pause FROM TO | offline FROM TO | restart AT | kill AT FOR | stepped AT BY
 *   rates FILE                a recorded oscillator on top of the clock's (sim_recording.h)
 *   limit RMS | chronyd RMS FREQUENCY PACKETS T1MS60
 *   hold METRIC VALUE         what `sim --check` demands; `inside`, `bounded` and the two of what
 *                             the daemon says at least, the rest at most
 *
 * The keys are those of the tables in sim_keys.c. A server has besides: shape NAME (sim_delay.h),
 * delays FILE (recorded, sim_recording.h), and route UP DOWN FROM TO: its ways are longer by so
 * much, or shorter, for that time.
 */
#ifndef NTSC_SIM_SCENARIO_H
#define NTSC_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/sim/sim_net.h"
#include "tests/sim/sim_osc.h"
#include "tests/sim/sim_result.h"
#include "tests/sim/sim_server.h"

enum { SIM_SERVERS = 8, SIM_HAPPENINGS = 16, SIM_HOLDS = 16, SIM_NAME = 64 };

enum sim_happening_kind { SIM_SLEEP, SIM_OFFLINE, SIM_RESTART, SIM_KILL, SIM_STEPPED, SIM_PAUSE };

struct sim_happening {
    enum sim_happening_kind kind;
    double at, value; /* the end, or the pause, or by how much */
};

struct sim_daemon_setting {
    double minpoll, maxpoll, minsources, step, step_count, panic, maxdelay;
    double later;
    double trust_single, dates_strict, trust_old, xleave; /* 1: so */
};

struct sim_clock_setting {
    double offset;         /* the clock is ahead at the start, s */
    double rtc;            /* error of the battery-backed clock, s/s, */
    double rtc_resolution; /* and how exactly it is read, s; 0: to the nanosecond */
    double rtc_absent;     /* 1: there is none */
    struct sim_osc_setting osc;
};

struct sim_hold {
    enum sim_metric metric;
    double value;
};

struct sim_scenario {
    char name[SIM_NAME];
    double duration, settle, window[2];
    struct sim_clock_setting clock;
    struct sim_daemon_setting daemon;
    struct sim_server_setting servers[SIM_SERVERS];
    struct sim_net_setting nets[SIM_SERVERS];
    unsigned n_servers;
    struct sim_happening happenings[SIM_HAPPENINGS];
    unsigned n_happenings;
    struct sim_hold holds[SIM_HOLDS];
    unsigned n_holds;
    double limit, chronyd[4]; /* 0: not known */
};

/* What a daemon has without a line of its own. */
extern const struct sim_daemon_setting sim_daemon_usual;

/* Writes it as a file that can be read again. */
void sim_scenario_print(FILE *f, const struct sim_scenario *s);

/* Reads a file; complains on stderr and returns false when it is wrong. */
bool sim_scenario_read(struct sim_scenario *s, const char *path);

#endif
