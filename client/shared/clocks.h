/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading this machine's clocks. */
#ifndef NTSC_CLOCKS_H
#define NTSC_CLOCKS_H

#include "common/base/time.h"

struct wall clocks_wall(void);
/* CLOCK_BOOTTIME; CLOCK_MONOTONIC where the kernel or a simulator refuses it. */
struct mono clocks_mono(void);
/* The raw oscillator alone. */
struct raw clocks_raw(void);
/* The raw oscillator and the steered clock at one instant (the raw one is read twice around it). */
void clocks_pair(struct wall *wall, struct raw *raw);
/* How long this machine has slept since boot: CLOCK_BOOTTIME less CLOCK_MONOTONIC. */
int64_t clocks_slept_ns(void);
/*
 * A descriptor that becomes readable when CLOCK_REALTIME is set or steps, also by a leap second,
 * and when the machine wakes up: poll(2) counts CLOCK_MONOTONIC and would sleep on. -1: none.
 */
int clocks_watch(void);
/* Makes it wait for the next time. */
void clocks_watch_again(int fd);
/* When this program was built: no true time lies before it. */
struct wall clocks_build_date(void);

#endif
