/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc as a daemon: keeps an engine running, and passes signals on. */
#ifndef NTSC_SERVICE_H
#define NTSC_SERVICE_H

#include "client/ntsc/orders.h"

/*
 * Runs until SIGTERM or SIGINT; returns the exit status. SIGHUP reads the configuration again (a
 * bad one changes nothing), SIGUSR1 asks all servers. `plan` is what orders->plan points to.
 */
int service_run(struct orders *o, struct plan *plan);

#endif
