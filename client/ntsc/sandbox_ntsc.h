/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sandbox of ntsc itself. */
#ifndef NTSC_SANDBOX_NTSC_H
#define NTSC_SANDBOX_NTSC_H

enum sandbox_missing {
    SANDBOX_NO_FILTERS = 1,
    SANDBOX_NO_LANDLOCK = 2,
    SANDBOX_BROKEN = 4, /* it has one of them, and could not apply it */
};

/*
 * For good: no sockets but those to its children and to whom it logs, no programs, no processes,
 * and files are written in the open directory `dir` only (-1: nowhere). Reports go to `report`.
 * Returns what the kernel does not have, for this process and the others: enum sandbox_missing.
 */
unsigned sandbox_ntsc_enter(int dir, int report);

/* Says in one line what the kernel does not have, if anything; not for SANDBOX_BROKEN. */
void sandbox_ntsc_warn(unsigned missing);

#endif
