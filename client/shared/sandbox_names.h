/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of system calls, for the log; made at build time. */
#ifndef NTSC_SANDBOX_NAMES_H
#define NTSC_SANDBOX_NAMES_H

/* One string per number, one after the other, empty where there is none. */
extern const char sandbox_names[];
extern const unsigned sandbox_names_count;

#endif
