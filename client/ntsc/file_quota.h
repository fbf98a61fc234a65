/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many files an engine may leave in the directories that it was given: no limit of the kernel
 * counts them, so who has opened the directories does.
 */
#ifndef NTSC_FILE_QUOTA_H
#define NTSC_FILE_QUOTA_H

#include <stdbool.h>

/*
 * Watches the state directory, its cookies and the status directory (-1: there is none), as the
 * engine's user, before Landlock and the filter. What cannot be watched is not counted.
 */
void file_quota_open(int state, int status);

/* To be polled for reading; -1: nothing is watched. */
int file_quota_fd(void);

/*
 * An engine begins: what is there already is not its doing. False when that is so much that a
 * daemon's engine shall not add to it.
 */
bool file_quota_begin(void);

/* Takes what the descriptor tells; false when this engine has made too many files. */
bool file_quota_turn(void);

#endif
