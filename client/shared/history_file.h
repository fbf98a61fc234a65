/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last day's offset and bound, beside the status (common/clock/history.h). */
#ifndef NTSC_HISTORY_FILE_H
#define NTSC_HISTORY_FILE_H

#include "common/clock/history.h"

#define HISTORY_FILE "history"

/* Opens the file in the directory, making it where it is missing. Returns -1 with errno. */
int history_file_open(int dir);

/* Puts a record into its slot. Returns errno; EINVAL when it is no record. */
int history_file_put(int fd, const struct history_record *h);

#endif
