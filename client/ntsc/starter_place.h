/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the starter is, as a process: it starts, ends and buries. */
#ifndef NTSC_STARTER_PLACE_H
#define NTSC_STARTER_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "client/ntsc/brake.h"
#include "client/ntsc/exchanges.h"
#include "client/ntsc/privilege.h"

/* Key exchanges of the daemon; its units have room for these. A one-shot has no time to wait. */
#define STARTER_KE_AT_ONCE 16

/*
 * Pipes for struct sandbox_report, one for each kind of process, so that none speaks for another.
 * ntsc and its starter have one together.
 */
enum starter_report { REPORTS_OWN, REPORTS_ENGINE, REPORTS_KE, STARTER_REPORTS };

/* Descriptors; -1: not there. */
struct starter_place {
    int socket;          /* to ntsc */
    int state, status;   /* directories, for the engine */
    int ca[SERVERS_MAX]; /* files, for ntsc-ke */
    unsigned n_ca;
    int report[STARTER_REPORTS]; /* where processes report */
    int reports_own;             /* what ntsc has reported */
    int engine;                  /* pidfd of the one that was started last; -1: none runs */
    pid_t engine_pid;
    struct exchanges exchanges;
};

void starter_place_init(struct starter_place *p, int socket, const struct identity *id,
                        unsigned ke_at_once);

/*
 * For good: as long as ntsc lives, and those whom this has started do after it. Standard error is
 * where it logs.
 */
_Noreturn void starter_serve(struct starter_place *p, const struct identity *id);

/* Logs what the pipe `fd` of that kind has, within what `lines` lets pass; returns how many. */
unsigned starter_log_pipe(enum starter_report from, int fd, struct brake_bucket *lines);

#endif
