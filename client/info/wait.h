/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc -w */
#ifndef NTSC_WAIT_H
#define NTSC_WAIT_H

/*
 * Waits until the status at `path` says that the clock is synchronized, for so many seconds at
 * most (0: looks once). Returns 0 when it is, 1 when the time is over or the daemon only watches,
 * and says so in one line, on standard output or standard error.
 */
int wait_synchronized(const char *path, double seconds);

#endif
