/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that starts the two other programs for ntsc. It is a copy of ntsc without a right to
 * anything but to become the user of ntsc-ke, made before ntsc gives up what it will not need:
 * system calls, once given up, are given up for all children too, and ntsc, which holds the clock,
 * shall neither reach the network nor execute anything. Whom it starts is ntsc's child.
 */
#ifndef NTSC_STARTER_H
#define NTSC_STARTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "client/ntsc/ca_files.h"
#include "client/ntsc/privilege.h"
#include "client/shared/sandbox.h"

/* Directories and files that are opened before rights are given up; -1: not there. */
struct handles {
    int state;          /* for the engine */
    int status;         /* for the engine */
    int lock;           /* ntsc's own: gone when ntsc is */
    struct ca_files ca; /* for ntsc-ke */
};

/*
 * Pipes for struct sandbox_report, one for each kind of process, so that none speaks for another.
 * ntsc and its starter, which is a copy of it, have one together.
 */
enum starter_report { REPORTS_OWN, REPORTS_ENGINE, REPORTS_KE, STARTER_REPORTS };

struct starter {
    pid_t pid;                    /* 0: was seen to have ended */
    int socket;                   /* readable: starter_started(); closed: it has ended */
    int reports[STARTER_REPORTS]; /* readable: a process did what it may not (sandbox.h) */
    int report;                   /* where ntsc itself reports */
};

/* Starts it, as `id`; it keeps a copy of the handles. Of ntsc-ke so many run at once. Returns
 * errno. */
int starter_begin(struct starter *s, const struct identity *id, const struct handles *h,
                  unsigned ke_at_once);

/* Has ntsc-engine started, with our end of its socket given away. Returns errno. */
int starter_engine(const struct starter *s, int socket);

/*
 * Has ntsc-ke started for a server of that number, likewise; ca: which of the CA files it gets, or
 * -1. The one before of the same server is ended, and each when its time is up. Returns errno.
 */
int starter_ke(const struct starter *s, int socket, int ca, unsigned server, int timeout_ms);

/* Whether a key exchange has begun that was not told of before: with which server, as what. */
bool starter_started(const struct starter *s, unsigned *server, pid_t *pid);

/* Ends the engine that was started last, if it still runs. */
void starter_kill_engine(const struct starter *s);

/*
 * Nothing is started any more. It ends when the engine and the key exchanges under way have, for
 * which they get 2 s.
 */
void starter_end(struct starter *s);

/* Logs what processes had to report; returns how many. */
unsigned starter_log_reports(const struct starter *s);

#endif
