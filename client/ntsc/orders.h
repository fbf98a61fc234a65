/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's requests, as ntsc fulfils them: key exchanges, and changes of the clock within
 * limits. */
#ifndef NTSC_ORDERS_H
#define NTSC_ORDERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "client/ntsc/clock_keeper.h"
#include "client/ntsc/plan.h"
#include "client/ntsc/relay.h"
#include "client/ntsc/starter.h"

/* How far the engine is. */
enum orders_state {
    ORDERS_OPEN,       /* it has orders to give */
    ORDERS_DENIED,     /* likewise, but the kernel has just refused to let us change the clock */
    ORDERS_DONE,       /* it has said its exit status, and ends */
    ORDERS_DONE_DENIED /* likewise, because of that refusal */
};

struct orders {
    const struct plan *plan;
    const struct handles *handles;
    struct starter *starter;
    struct clock_keeper clock;
    struct relay relay;
    struct brake_ke ke[SERVERS_MAX]; /* by their number in the plan */
    int socket;                      /* to the engine */
    uint8_t generation;              /* of the plan */
    enum orders_state state;
    int status; /* exit status, when the engine is done */
};

bool orders_are_done(const struct orders *o);

/* Starts the engine and tells it the plan. Returns errno. */
int orders_start(struct orders *o);

/* Tells a running engine the plan anew. Returns errno. */
int orders_send_plan(struct orders *o);

/* A process has ended that was started for us. */
void orders_ended(struct orders *o, const struct starter_ended *e);

/* Looks at the clocks, and tells the engine what it has to know. False: it cannot be told. */
bool orders_look(struct orders *o);

/* Receives one message and does what it wants; false when the engine is gone or not to be trusted.
 */
bool orders_handle(struct orders *o);

#endif
