/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a scenario that take numbers, and where these go. */
#ifndef NTSC_SIM_KEYS_H
#define NTSC_SIM_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/sim/sim_scenario.h"

/* A key that takes `n` numbers; `both`: one number for the two ways. */
struct sim_key {
    const char *word;
    size_t at;
    int n;
    bool both;
};

/* Each ends with a key without a word. */
extern const struct sim_key sim_clock_keys[], sim_daemon_keys[], sim_net_keys[], sim_server_keys[];

#endif
