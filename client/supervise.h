/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_SUPERVISE_H
#define NTSC_SUPERVISE_H

#include <stdbool.h>
#include <sys/types.h>

#include "client/plan.h"
#include "client/privilege.h"

/*
 * Tells the engine at the other end of `socket` what to do, starts key exchanges for it, steps the
 * clock once if the mode is MODE_SET, and returns the exit status.
 */
int supervise(const struct plan *p, const struct identity *id, pid_t engine, int socket,
              bool has_state);

#endif
