/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox of the process that starts the others. */
#ifndef NTSC_SANDBOX_STARTER_H
#define NTSC_SANDBOX_STARTER_H

#include "client/ntsc/privilege.h"
#include "client/shared/sandbox.h"

/* For good: what those need whom it starts, and of users it becomes that of ntsc-ke alone. */
enum sandbox_result sandbox_starter_enter(const struct identity *id, int report);

#endif
