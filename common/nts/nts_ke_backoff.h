/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTSC_NTS_KE_BACKOFF_H
#define NTSC_NTS_KE_BACKOFF_H

#include <stdint.h>

/* RFC 8915 section 4.2: pause in ns after the n-th key exchange (n >= 1) without success. */
int64_t nts_ke_backoff_ns(unsigned n);

#endif
