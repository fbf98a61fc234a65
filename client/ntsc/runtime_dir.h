/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /run/ntsc: the status for everybody to read, and what only ntsc itself may write. */
#ifndef NTSC_RUNTIME_DIR_H
#define NTSC_RUNTIME_DIR_H

#include "client/ntsc/safe_dir.h"

/*
 * Opens the directory, making it where it is missing. The engine's group may write to it, but it is
 * sticky and stays with whoever started ntsc: what is not the engine's own it can neither replace
 * nor remove. Root refuses one that is another's or holds something else. Returns -1 with words.
 * *before: the group that could write to it until now, when root has taken it over.
 */
int runtime_dir_open(const char *path, const struct identity *id, gid_t *before,
                     char why[SAFE_DIR_WHY]);

/*
 * Opens the file "allowance" in it, out of the engine's reach, and locks it as long as this process
 * lives: a second daemon gets -1 with EWOULDBLOCK. *foreign: what was there belonged to another
 * user and was removed, so that what it said is not known. The history that the engine of the user
 * before has left, by the group `before`, goes to the new one.
 */
int runtime_dir_lock(int dir, const struct identity *id, gid_t before, bool *foreign);

#endif
