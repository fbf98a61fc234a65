/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_STATUS_FILE_H
#define NTSC_STATUS_FILE_H

#include "common/status/status.h"

/* Replaces STATUS_FILE in the directory, atomically, readable by everybody. Returns errno. */
int status_file_write(int dir, const struct status *s, const struct status_source *sources,
                      unsigned n);

#endif
