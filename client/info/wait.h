/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc -w */
#ifndef NTSC_WAIT_H
#define NTSC_WAIT_H

#include <stdbool.h>

struct wait_for {
    double seconds;  /* at most; 0: looks once */
    double within_s; /* also that |offset| + bound is no more; negative: any */
    bool show;       /* each state that is waited through, on standard error */
};

/*
 * Waits until the status at `path` says that the clock is synchronized. Returns 0 when it is, 1
 * when the time is over or the daemon only watches, and says so in one line, on standard output or
 * standard error.
 */
int wait_synchronized(const char *path, const struct wait_for *w);

#endif
