/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that root opens, makes or hands over: only along a way that nobody else can turn, and
 * only what is ours.
 */
#ifndef NTSC_SAFE_DIR_H
#define NTSC_SAFE_DIR_H

#include <stddef.h>
#include <sys/types.h>

#include "client/ntsc/privilege.h"

/* Why a directory is refused, in words, without its path. */
#define SAFE_DIR_WHY 200

/*
 * Opens the directory `path` (absolute), making what is missing of it with `mode`, what lies above
 * with 0755. When we are root every directory above it belongs to root, is written to by root alone
 * or sticky, and links on the way are root's: then nobody but root can put another one in its
 * place. Returns the descriptor, or -1 with words.
 */
int safe_dir_open(const char *path, mode_t mode, const struct identity *id, char why[SAFE_DIR_WHY]);

/* What is in a directory, before it is taken for ours. */
struct safe_dir_rule {
    const char *const *names; /* these alone, up to a NULL; NULL: any name */
    uid_t owner;              /* files of this user and of root; (uid_t)-1: of anybody */
    bool of_root;             /* root's as well */
};

/* False with words when there is something else in it. */
bool safe_dir_only(int dir, const struct safe_dir_rule *rule, char why[SAFE_DIR_WHY]);

#endif
