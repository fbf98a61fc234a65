/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that starts the two other programs for ntsc. It is a copy of ntsc without a right to
 * anything, made before ntsc gives up what it will not need: system calls, once given up, are given
 * up for all children too, and ntsc, which holds the clock, shall neither reach the network nor
 * execute anything. Whom it starts is ntsc's child.
 */
#ifndef NTSC_STARTER_H
#define NTSC_STARTER_H

#include <stdbool.h>

#include "client/ntsc/ca_files.h"
#include "client/ntsc/privilege.h"

/* Directories and files that are opened before rights are given up; -1: not there. */
struct handles {
    int state;          /* for the engine */
    int status;         /* for the engine */
    int lock;           /* ntsc's own: gone when ntsc is */
    struct ca_files ca; /* for ntsc-ke */
};

struct starter {
    int socket;  /* readable: it has ended */
    int reports; /* readable: a process did what it may not (sandbox.h) */
    int report;  /* the pipe's other end */
};

/* Starts it, as `id`; it keeps a copy of the handles. Returns errno. */
int starter_begin(struct starter *s, const struct identity *id, const struct handles *h);

/* Has ntsc-engine started, with our end of its socket given away. Returns errno. */
int starter_engine(const struct starter *s, int socket);

/* Has ntsc-ke started, likewise; ca: which of the CA files it gets, or -1. */
int starter_ke(const struct starter *s, int socket, int ca);

/* Ends the engine that was started last, if it still runs. */
void starter_kill_engine(const struct starter *s);

/* Logs what processes had to report; returns how many. */
unsigned starter_log_reports(const struct starter *s);

#endif
