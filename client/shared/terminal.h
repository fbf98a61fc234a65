/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal that standard output is. */
#ifndef NTSC_TERMINAL_H
#define NTSC_TERMINAL_H

/* Columns of the terminal, else what COLUMNS says, else 80; 1 to 1000. */
unsigned terminal_width(void);

#endif
