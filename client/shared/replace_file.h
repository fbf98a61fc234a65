/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_REPLACE_FILE_H
#define NTSC_REPLACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Replaces the file of that name in the directory as a whole: whoever reads sees the old content or
 * the new one. It gets the mode, whatever the umask is. `durable`: also after a power cut. Returns
 * 0 or errno, and then the old file is still there. The name has at most REPLACE_NAME_MAX octets.
 */
#define REPLACE_NAME_MAX 300
int replace_file(int dir, const char *name, const void *data, size_t len, mode_t mode,
                 bool durable);

#endif
