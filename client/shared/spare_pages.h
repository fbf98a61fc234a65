/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_SPARE_PAGES_H
#define NTSC_SPARE_PAGES_H

/*
 * What only the start or other rare work has used leaves this process's memory: of the program and
 * its libraries what is mapped read-only, which comes back from the file where it is used again,
 * and of the stack what is below the caller. For before a long rest.
 *
 * At rest with one server on Debian 12 the three processes have 1.59 MB of PSS with it and 2.27 MB
 * without; ntsc alone, whose start reads the configuration, 0.38 and 0.91.
 */
void spare_pages_release(void);

#endif
