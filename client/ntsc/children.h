/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ntsc waits for all that it has started before it ends itself: whoever is left would be a child of
 * the machine's first process, and where that buries nobody, as in many containers, its remains
 * would count as a process of its user for ever. Nor shall a service manager find somebody whom it
 * would have to kill and tell of.
 */
#ifndef NTSC_CHILDREN_H
#define NTSC_CHILDREN_H

#include <stdbool.h>

#include "client/ntsc/starter.h"

/*
 * Before the first child. `ends`: signals that would end this process at once are held back until
 * children_take_leave().
 */
void children_expect(bool ends);

/* What poll(2) sees; -1: cannot be had. */
struct children_fds {
    int ended;  /* readable: a child has ended */
    int ending; /* readable: a signal is held back */
};

struct children_fds children_open(void);

/* Buries those that have ended. */
void children_turn(struct starter *s, struct children_fds fds);

/* Lets the starter end, which does so behind all others, and buries all; in 3 s at most. */
void children_bury(struct starter *s);

/* What was held back comes now, and ends this process. */
void children_take_leave(void);

#endif
