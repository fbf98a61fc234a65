/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_LEAP_READ_H
#define NTSC_LEAP_READ_H

#include "common/clock/leap.h"

/* The leap second table of the system's tzdata; empty, with a warning when it makes no sense. */
void leap_read_system(struct leap_table *t);

#endif
