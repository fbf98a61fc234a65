/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_STATE_DIR_H
#define NTSC_STATE_DIR_H

#include "client/ntsc/safe_dir.h"

/*
 * Opens the state directory, making it (mode 0700, parents too) where it is missing, for the user
 * that the engine runs as. Root hands over a directory of its own only when it is empty or holds
 * that user's files alone, and refuses one of another user, or one that others may write to.
 * Returns the descriptor, or -1 with words.
 */
int state_dir_open(const char *path, const struct identity *id, char why[SAFE_DIR_WHY]);

#endif
