/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_STARTUP_PAGES_H
#define NTSC_STARTUP_PAGES_H

/*
 * What of the program and its libraries is mapped read-only leaves this process's memory; what is
 * used again comes back from the file. To be called once, before a long rest: most of what has run
 * until then was the start.
 */
void startup_pages_release(void);

#endif
