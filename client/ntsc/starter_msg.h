/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ntsc and its starter say to each other, as it is: both ends are built together. */
#ifndef NTSC_STARTER_MSG_H
#define NTSC_STARTER_MSG_H

#include <stdint.h>

enum starter_what {
    STARTER_ENGINE = 1, /* with the engine's end of its socket */
    STARTER_KE,         /* likewise, of a key exchange */
    STARTER_KILL_ENGINE,
    STARTER_LEAVE, /* nothing is asked any more: it ends when all whom it started have */
    /* To a starter that has inherited nothing, each with the descriptor, before anything else. */
    STARTER_TAKE_STATE,
    STARTER_TAKE_STATUS,
    STARTER_TAKE_CA,      /* in the order of their index */
    STARTER_TAKE_REPORT,  /* where a kind of process reports */
    STARTER_TAKE_REPORTS, /* where to read what ntsc has to report, when it cannot any more */
};

struct starter_request {
    int32_t what;
    int32_t index; /* STARTER_KE: of the CA file, or -1; STARTER_TAKE_REPORT: enum starter_report */
    uint32_t server;
    int32_t timeout_ms;
};

/* To ntsc: one of those that were started has ended. */
struct starter_ended {
    int32_t server; /* -1: an engine */
    int32_t status; /* of waitpid(2) */
};

#endif
