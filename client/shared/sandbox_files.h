/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock: which files a process reaches by their names, and which TCP ports. Files that are open
 * already stay open. An older kernel knows fewer rights, or none of all this: then what it cannot
 * forbid is left to the system calls and to the user's rights.
 */
#ifndef NTSC_SANDBOX_FILES_H
#define NTSC_SANDBOX_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "client/shared/sandbox.h"

struct sandbox_files {
    int ruleset; /* -1: none */
    bool absent; /* the kernel has no Landlock */
    uint64_t fs; /* the rights that it knows */
};

/* The version of the kernel's interface; 0: none. */
int sandbox_files_version(void);

/* Nothing is allowed to begin with, no TCP either. */
void sandbox_files_begin(struct sandbox_files *f);

/* Allows to read a file, or everything below a directory; one that is not there needs no rule. */
void sandbox_files_read(const struct sandbox_files *f, const char *path);

/*
 * Likewise what the symbolic links in a directory lead to, but for those to names in the same
 * directory, and to files below the n directories `known`, which are allowed already.
 */
void sandbox_files_read_links(const struct sandbox_files *f, const char *path,
                              const char *const *known, size_t n);

/* Allows to read, make, replace and remove files below the open directory `fd`; -1: none. */
void sandbox_files_keep(const struct sandbox_files *f, int fd);

/* Allows TCP connections to a port. */
void sandbox_files_connect(const struct sandbox_files *f, uint16_t port);

/* From here on it holds, where the kernel has it. */
enum sandbox_result sandbox_files_enforce(struct sandbox_files *f);

#endif
