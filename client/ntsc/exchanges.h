/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ntsc-ke that run, as their starter knows them: one a server, so many at once, none longer
 * than it was given. Whoever asks for another one of a server has no use for the one before.
 */
#ifndef NTSC_EXCHANGES_H
#define NTSC_EXCHANGES_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "client/ntsc/privilege.h"
#include "common/base/time.h"
#include "common/msg/msg_engine.h"

struct exchange_slot {
    int pidfd; /* -1: does not run */
    pid_t pid;
    int socket;       /* -1: none waits to be started */
    int ca;           /* the file that it gets, or -1 */
    int32_t given_ms; /* to the one that waits */
    struct mono end;  /* of the one that runs */
};

struct exchanges {
    const struct identity *id;
    int report;
    unsigned at_once; /* as many run; others wait */
    struct exchange_slot slots[SERVERS_MAX];
};

/* They become the user of ntsc-ke that `id` says; so many run at once. */
void exchanges_init(struct exchanges *x, const struct identity *id, unsigned at_once);

/* Takes the socket; `ca` is a file that stays open, or -1. */
void exchanges_start(struct exchanges *x, unsigned server, int ca, int32_t timeout_ms, int socket);

/* A process was waited for. Returns with which server it has exchanged keys, or -1. */
int exchanges_ended(struct exchanges *x, pid_t pid);

/* Fills fds[SERVERS_MAX], one a server; returns milliseconds for poll(2), -1: for ever. */
int exchanges_poll(const struct exchanges *x, struct pollfd *fds, struct mono now);

/* Behind poll(2): ends those whose time is up, begins those that waited for a place. */
void exchanges_turn(struct exchanges *x, struct mono now);

/* None of those that wait begins, and the others have no longer than until `end`. */
void exchanges_stop(struct exchanges *x, struct mono end);

/* Whether one runs. */
bool exchanges_run(const struct exchanges *x);

#endif
