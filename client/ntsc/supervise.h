/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_SUPERVISE_H
#define NTSC_SUPERVISE_H

#include "client/ntsc/orders.h"

/* One run of -q or -s: an engine, its orders, and a deadline. Returns the exit status. */
int supervise(struct orders *o);

#endif
