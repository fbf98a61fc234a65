/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way by which a path leads to a file: whether it still does, seen without the right to walk it
 * again. Every symbolic link on it and the file itself are held open, and /proc tells what they are
 * called now: whoever renames, replaces or removes one of them, or a directory above, changes that.
 * Only a mount over the way stays unseen.
 */
#ifndef NTSC_CA_WAY_H
#define NTSC_CA_WAY_H

#include <stdbool.h>

#define CA_WAY_LINKS 8 /* links of a way; a distribution's bundle is behind two or three */

struct ca_way {
    struct {
        int fd; /* O_PATH */
        char *place;
    } point[CA_WAY_LINKS + 1]; /* the last is the file */
    unsigned n;
};

/* False when it leads nowhere, or over too many links; nothing is held then. */
bool ca_way_open(struct ca_way *w, const char *path);

/* Whether everything is still called what it was. */
bool ca_way_stands(const struct ca_way *w);

void ca_way_close(struct ca_way *w);

#endif
