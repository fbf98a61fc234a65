/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The note that root's `ntsc -s` leaves for the daemon beside which it sets the clock: "set" in the
 * daemon's runtime directory. Whatever is not root's own file counts for nothing, so that the
 * engine, whose user may own the directory, can make none.
 */
#ifndef NTSC_SET_NOTE_H
#define NTSC_SET_NOTE_H

#include <stdbool.h>

#include "common/base/time.h"

/* `ntsc -s`, while it has all rights: an empty note in that directory; -1: no daemon, or not root.
 */
int set_note_make(const char *dir);

/* About to change the clock now. */
void set_note_write(int fd, struct raw now);

/* When root's newest note in the directory was written; false: there is none. */
bool set_note_read(int dir, struct raw *at);

#endif
