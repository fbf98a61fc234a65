/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_JSON_ESCAPE_H
#define NTSC_JSON_ESCAPE_H

#include <stddef.h>

/* The escape behind a backslash at p; its octets without the backslash, 0 when it is none. */
size_t json_escape_len(const char *p, const char *end);

#endif
