/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration names, looked at: only here, where somebody asks, not at each start. */
#ifndef NTSC_CONF_CHECK_H
#define NTSC_CONF_CHECK_H

#include <stdbool.h>

#include "client/ntsc/plan.h"

/* CA files and directories, the user and the state directory. A line of the log for each that will
 * not do; false after any. */
bool conf_check(const struct plan *p);

#endif
