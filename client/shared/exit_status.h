/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_EXIT_STATUS_H
#define NTSC_EXIT_STATUS_H

/* Exit status, as monitoring plug-ins expect it, of a check. */
enum {
    EXIT_FINE = 0,
    EXIT_WARNING = 1,
    EXIT_CRITICAL = 2,
    EXIT_NO_ANSWER = 3, /* also wrong usage; the daemon: it would not start the next time either */
    EXIT_NO_RIGHT = 4,  /* the clock may not be set */
    EXIT_BROKE = 5, /* the daemon had to end, or lacked something that may be there later: whoever
                     * has started it may start it again */
};

#endif
