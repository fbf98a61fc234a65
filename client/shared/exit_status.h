/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_EXIT_STATUS_H
#define NTSC_EXIT_STATUS_H

/* Exit status, as monitoring plug-ins expect it. */
enum {
    EXIT_FINE = 0,
    EXIT_WARNING = 1,
    EXIT_CRITICAL = 2,
    EXIT_NO_ANSWER = 3, /* also wrong usage */
    EXIT_NO_RIGHT = 4,  /* the clock may not be set */
};

#endif
