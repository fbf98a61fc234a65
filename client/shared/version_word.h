/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The only word that ntsc-ke takes on its command line: it then prints the version of the TLS
 * library that it runs with, and ends. */
#ifndef NTSC_VERSION_WORD_H
#define NTSC_VERSION_WORD_H

#define VERSION_WORD "--library-version"

#endif
