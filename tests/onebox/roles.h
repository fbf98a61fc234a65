/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc's and ntsc-ke's part in a process in which the engine calls them. */
#ifndef NTSC_ONEBOX_ROLES_H
#define NTSC_ONEBOX_ROLES_H

#include "client/ntsc/plan.h"

/* Who the engine talks to from now on; directories: -1 for none. SIGTERM and SIGINT stop it. */
void roles_begin(const struct plan *plan, int state_dir, int status_dir);

#endif
