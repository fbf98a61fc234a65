/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /run/systemd/timesync/synchronized: a file that is there once the clock has been synchronized.
 * systemd-time-wait-sync.service(8) waits for it; what is in it does not count.
 */
#ifndef NTSC_SYNC_FLAG_H
#define NTSC_SYNC_FLAG_H

#define SYNC_FLAG_DIR "/run/systemd/timesync"

/* To be called while that directory can be opened. Where there is none, or it is somebody else's,
 * all of this does nothing. */
void sync_flag_open(const char *dir);

/* The directory that it opened, or -1. */
int sync_flag_place(void);

void sync_flag_set(void);

/* At the end: nobody steers the clock any more. */
void sync_flag_clear(void);

#endif
