/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/nts/nts_ke_backoff.h"

#include "common/base/time.h"

/* RFC 8915 section 4.2: ten seconds, half as much again each time, five days at most. */
#define FIRST_NS (10 * NS_PER_S)
#define MAX_NS   (432000 * NS_PER_S)

int64_t nts_ke_backoff_ns(unsigned n)
{
    int64_t pause = FIRST_NS;

    for (unsigned i = 1; i < n && pause < MAX_NS; i++)
        pause += pause / 2;
    return pause < MAX_NS ? pause : MAX_NS;
}
