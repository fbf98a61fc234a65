/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only file that writes the kernel's clock. */
#ifndef NTSC_CLOCK_SET_H
#define NTSC_CLOCK_SET_H

#include <stdint.h>

/*
 * Asks the kernel for a change that changes nothing (the tick as it is): 0 when it would let us
 * set the clock, else errno. Containers may forbid what capabilities seem to allow.
 */
int clock_set_allowed(void);

/*
 * Adds offset_ns to CLOCK_REALTIME, atomically, and tells the kernel that it is now right within
 * bound_ns: it then counts as synchronized, until the bound, which the kernel lets grow,
 * is too large. Returns errno.
 */
int clock_set_step(int64_t offset_ns, int64_t bound_ns);

#endif
