/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_RAND_H
#define NTSC_RAND_H

#include <stddef.h>

/* Fills buf from the kernel's CSPRNG; waits for it at boot, and never gives anything weaker. */
void rand_fill(void *buf, size_t len);

#endif
