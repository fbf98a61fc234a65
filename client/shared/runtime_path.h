/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the daemon shows its status. */
#ifndef NTSC_RUNTIME_PATH_H
#define NTSC_RUNTIME_PATH_H

#include <stddef.h>

#define STATUS_FILE "status.json"

/* "/run/ntsc" for root, "$XDG_RUNTIME_DIR/ntsc" for others; "" where there is none. */
void runtime_path_default(char *buf, size_t n);

#endif
