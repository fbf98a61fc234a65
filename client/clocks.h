/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading this machine's clocks. */
#ifndef NTSC_CLOCKS_H
#define NTSC_CLOCKS_H

#include "common/time.h"

struct wall clocks_wall(void);
/* CLOCK_BOOTTIME; CLOCK_MONOTONIC where the kernel or a simulator refuses it. */
struct mono clocks_mono(void);
/* The raw oscillator and the steered clock at one instant (the raw one is read twice around it). */
void clocks_pair(struct wall *wall, struct raw *raw);
/* How long this machine has slept since boot: CLOCK_BOOTTIME less CLOCK_MONOTONIC. */
int64_t clocks_slept_ns(void);
/* When this program was built: no true time lies before it. */
struct wall clocks_build_date(void);

#endif
