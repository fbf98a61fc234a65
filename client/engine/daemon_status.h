/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_DAEMON_STATUS_H
#define NTSC_DAEMON_STATUS_H

#include "client/engine/daemon.h"

/* Where it is to be written, if anywhere; begins the history of the last day, or goes on with it.
 */
void daemon_status_open(struct daemon *d);

/*
 * Writes status.json anew, and every few minutes a line of the history; a failure is logged once.
 * Returns false when it has not, because all that is new are measurements, and more of them are
 * about to come.
 */
bool daemon_status_show(struct daemon *d);

/* The daemon ends: nobody shall take its last words for the present. */
void daemon_status_remove(const struct daemon *d);

#endif
