/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_STATE_DIR_H
#define NTSC_STATE_DIR_H

#include "client/ntsc/privilege.h"

/*
 * Opens the state directory, making it (mode 0700, parents too) where it is missing, for the user
 * that the engine runs as. Returns the descriptor, or -1 with errno.
 */
int state_dir_open(const char *path, const struct identity *id);

#endif
