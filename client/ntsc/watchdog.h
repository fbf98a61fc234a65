/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the service manager is told that we are alive. It is told when the engine has shown itself,
 * so at wake-ups that happen anyway; only after half of the interval without any is the engine
 * asked for a sign, and one that gives none is the end of both: the manager starts us again.
 */
#ifndef NTSC_WATCHDOG_H
#define NTSC_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

struct watchdog {
    int64_t interval_ns; /* within which the manager has to be told; 0: it does not care */
    struct mono told;
    bool heard; /* of the engine, since then */
    bool asked;
};

enum watchdog_action { WATCHDOG_NOTHING, WATCHDOG_TELL, WATCHDOG_ASK };

void watchdog_init(struct watchdog *w, int64_t interval_ns, struct mono now);

/* The engine has sent something. */
void watchdog_heard(struct watchdog *w);

/* What is to be done now, and counts as done. Without an engine we speak for ourselves. */
enum watchdog_action watchdog_turn(struct watchdog *w, struct mono now, bool engine);

/* Until there may be something to do, in milliseconds; -1: nothing but news can change that. */
int watchdog_wait_ms(const struct watchdog *w, struct mono now);

#endif
