/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_DAEMON_STATUS_H
#define NTSC_DAEMON_STATUS_H

#include "client/daemon.h"

/* Writes status.json anew; a failure is logged once. */
void daemon_status_write(struct daemon *d);

/* The daemon ends: nobody shall take its last words for the present. */
void daemon_status_remove(const struct daemon *d);

#endif
