/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's requests, as ntsc fulfils them: key exchanges, and changes of the clock within
 * limits. */
#ifndef NTSC_ORDERS_H
#define NTSC_ORDERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "client/ca_files.h"
#include "client/clock_keeper.h"
#include "client/plan.h"
#include "client/privilege.h"

/* Directories and files that are opened before rights are given up; -1: not there. */
struct handles {
    int state;          /* for the engine */
    int status;         /* for the engine */
    struct ca_files ca; /* for ntsc-ke */
};

struct orders {
    const struct plan *plan;
    const struct identity *id;
    const struct handles *handles;
    struct clock_keeper clock;
    pid_t engine;
    int socket;         /* to the engine */
    uint8_t generation; /* of the plan */
    int status;         /* exit status; -1 until the engine is done */
    bool no_right;      /* the kernel has just refused to let us change the clock */
};

/* Starts the engine and tells it the plan. Returns errno. */
int orders_start(struct orders *o);

/* Tells a running engine the plan anew. Returns errno. */
int orders_send_plan(struct orders *o);

/* Receives one message and does what it wants; false when the engine is gone or not to be trusted.
 */
bool orders_handle(struct orders *o);

#endif
