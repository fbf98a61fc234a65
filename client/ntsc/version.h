/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ntsc --version. */
#ifndef NTSC_VERSION_H
#define NTSC_VERSION_H

/* Prints our version on stdout, and that of the TLS library: the one that ntsc-ke runs with, and
 * where that is another one, the one with which it was built. */
void version_print(void);

#endif
