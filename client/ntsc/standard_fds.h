/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors 0 to 2: there, and believed only when what was written has arrived. */
#ifndef NTSC_STANDARD_FDS_H
#define NTSC_STANDARD_FDS_H

/*
 * First of all: what was closed becomes /dev/null, so that no file gets such a number; a reader
 * that went away is an error of writing and no signal. Standard output that could not be written is
 * said on exit(3), whose status it makes EXIT_NO_ANSWER.
 */
void standard_fds_begin(void);

#endif
