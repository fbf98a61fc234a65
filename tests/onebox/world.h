/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system calls of all roles, as a simulator knows them that is preloaded into a process: linked
 * in with the linker's --wrap. See world.c for what is different.
 */
#ifndef NTSC_ONEBOX_WORLD_H
#define NTSC_ONEBOX_WORLD_H

#include <setjmp.h>

/* Where world_deadline_begin() is gone back to, with its value 1, when the time is over. */
extern sigjmp_buf world_deadline_over;

void world_deadline_set(int ms);
void world_deadline_end(void);

/* 0: from now on, poll() and recv() last ms milliseconds together at most. 1: they have. */
#define world_deadline_begin(ms)                                                                   \
    (sigsetjmp(world_deadline_over, 0) == 0 ? (world_deadline_set(ms), 0) : 1)

#endif
