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

#include "client/ntsc/ca_files.h"
#include "client/ntsc/privilege.h"
#include "common/base/time.h"
#include "common/msg/msg_engine.h"

struct exchange_slot {
    int pidfd;  /* -1: does not run */
    int socket; /* -1: none waits to be started */
    int32_t ca;
    int32_t given_ms; /* to the one that waits */
    struct mono end;  /* of the one that runs */
};

struct exchanges {
    const struct identity *id;
    const struct ca_files *ca;
    uint64_t told; /* bits of CA files: it was said that they are lost */
    int report;
    unsigned at_once; /* as many run; others wait */
    void (*begun)(void *arg, unsigned server, pid_t pid);
    void *arg;
    struct exchange_slot slots[SERVERS_MAX];
};

void exchanges_init(struct exchanges *x, const struct identity *id, const struct ca_files *ca,
                    int report, unsigned at_once);

/* Takes the socket. */
void exchanges_start(struct exchanges *x, unsigned server, int32_t ca, int32_t timeout_ms,
                     int socket);

/* Fills fds[SERVERS_MAX], one a server; returns milliseconds for poll(2), -1: for ever. */
int exchanges_poll(const struct exchanges *x, struct pollfd *fds, struct mono now);

/* Behind poll(2): takes note of those that have ended, ends those whose time is up. */
void exchanges_turn(struct exchanges *x, const struct pollfd *fds, struct mono now);

/* None of those that wait begins, and the others have no longer than until `end`. */
void exchanges_stop(struct exchanges *x, struct mono end);

/* Whether one runs. */
bool exchanges_run(const struct exchanges *x);

#endif
