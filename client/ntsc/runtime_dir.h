/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /run/ntsc: the status for everybody to read, and what only ntsc itself may write. */
#ifndef NTSC_RUNTIME_DIR_H
#define NTSC_RUNTIME_DIR_H

#include "client/ntsc/privilege.h"

/*
 * Opens the directory, making it where it is missing. The engine's group may write to it, but it is
 * sticky and stays with whoever started ntsc: what is not the engine's own it can neither replace
 * nor remove. Returns -1 with errno.
 */
int runtime_dir_open(const char *path, const struct identity *id);

/*
 * Opens the file "allowance" in it, out of the engine's reach, and locks it as long as this process
 * lives: a second daemon gets -1 with EWOULDBLOCK.
 */
int runtime_dir_lock(int dir);

#endif
