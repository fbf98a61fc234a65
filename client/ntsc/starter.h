/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that starts the two other programs for ntsc: system calls, once given up, are given
 * up for all children too, and ntsc, which holds the clock, shall neither reach the network nor
 * execute anything. It is either a copy of ntsc without a right to anything but to become the user
 * of ntsc-ke, made before ntsc gives up what it will not need; or a service manager has it ready in
 * units of their own, one for the engine and one for key exchanges, each as its user, with no right
 * at all. Whoever uses this does not notice which.
 */
#ifndef NTSC_STARTER_H
#define NTSC_STARTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "client/ntsc/ca_files.h"
#include "client/ntsc/privilege.h"
#include "client/ntsc/starter_msg.h"
#include "client/ntsc/starter_place.h"
#include "client/shared/sandbox.h"

/* Directories and files that are opened before rights are given up; -1: not there. */
struct handles {
    int state;          /* for the engine */
    int status;         /* for the engine */
    int lock;           /* ntsc's own: gone when ntsc is */
    struct ca_files ca; /* for ntsc-ke */
};

/* The second is -1 where one starter starts both kinds. */
enum starter_kind { STARTER_OF_ENGINES, STARTER_OF_KE, STARTER_KINDS };

struct starter {
    int sockets[STARTER_KINDS];   /* readable: starter_ended(), or it has ended */
    int reports[STARTER_REPORTS]; /* readable: a process did what it may not (sandbox.h) */
    int report;                   /* where ntsc itself reports */
    pid_t pid;                    /* 0: it is not our child */
};

/* Forks it, as `id`; it keeps a copy of the handles. Of ntsc-ke so many run at once. Returns
 * errno. */
int starter_begin(struct starter *s, const struct identity *id, const struct handles *h,
                  unsigned ke_at_once);

/*
 * Has the service manager start those that belong to the sockets "engine" and "ke" in the directory
 * `dir`, and hands them what each needs. Returns errno.
 */
int starter_connect(struct starter *s, const char *dir, const struct handles *h);

/* Has ntsc-engine started, with our end of its socket given away. Returns errno. */
int starter_engine(const struct starter *s, int socket);

/*
 * Has ntsc-ke started for a server of that number, likewise; ca: which of the CA files it gets, or
 * -1. The one before of the same server is ended, and each when its time is up. Returns errno.
 */
int starter_ke(const struct starter *s, int socket, int ca, unsigned server, int timeout_ms);

/* Whether one of those that were started has ended that was not told of before. */
bool starter_ended(const struct starter *s, struct starter_ended *e);

/* Ends the engine that was started last, if it still runs. */
void starter_kill_engine(const struct starter *s);

/*
 * Nothing is started any more; waits until all who were started have ended, for which they get 2 s,
 * but no longer than that. The starter itself ends then.
 */
void starter_leave(const struct starter *s, int timeout_ms);

/* Logs what processes had to report; returns how many. */
unsigned starter_log_reports(const struct starter *s);

#endif
