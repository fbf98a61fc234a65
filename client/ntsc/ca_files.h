/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CA files that the configuration names, opened while we still are who started us: ntsc-ke runs as
 * another user, who may not be able to reach them.
 */
#ifndef NTSC_CA_FILES_H
#define NTSC_CA_FILES_H

#include "client/ntsc/ca_way.h"
#include "client/ntsc/plan.h"

struct ca_file {
    char path[CA_PATH_MAX + 1];
    int fd;
    struct ca_way way;
    bool told; /* it was said that it is lost */
};

struct ca_files {
    struct ca_file *files;
    unsigned n;
};

/* Opens each file once. Directories, and what cannot be opened, are left to ntsc-ke to try. */
void ca_files_open(struct ca_files *c, const struct plan *p);

void ca_files_close(struct ca_files *c);

/* The index of a path, or -1. */
int ca_files_find(const struct ca_files *c, const char *path);

/* Whether the path of one still leads to it: otherwise nobody is to trust it any more. */
bool ca_files_stands(const struct ca_files *c, int index);

/*
 * The index of the file that an exchange gets, or -1: one that was replaced or removed is not
 * trusted any more, and who may open the new one itself does that.
 */
int ca_files_for(const struct ca_files *c, const char *path);

/*
 * A number for what is trusted under a path ("": the system's): another one when a file was
 * replaced, removed, added or written to. Keys that were made under another trust are of no use.
 */
uint64_t ca_files_mark(const struct ca_files *c, const char *path);

#endif
