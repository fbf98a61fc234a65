/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/clock_set.h"

#include <errno.h>
#include <sys/timex.h>
#include <time.h>

#include "common/time.h"

/* The kernel calls a clock with a larger maxerror unsynchronized (NTP_PHASE_LIMIT). */
#define MAXERROR_LIMIT_US 16000000

int clock_set_allowed(void)
{
    struct timex t = {.modes = 0};

    if (clock_adjtime(CLOCK_REALTIME, &t) < 0)
        return errno;
    t.modes = ADJ_TICK;
    return clock_adjtime(CLOCK_REALTIME, &t) < 0 ? errno : 0;
}

int clock_set_step(int64_t offset_ns, int64_t bound_ns)
{
    struct timex t = {.modes = ADJ_SETOFFSET | ADJ_NANO};
    int64_t s = offset_ns / NS_PER_S;
    int64_t ns = offset_ns % NS_PER_S;
    int64_t bound_us = bound_ns / 1000 + 1;

    if (ns < 0) {
        ns += NS_PER_S;
        s--;
    }
    t.time.tv_sec = (time_t)s;
    t.time.tv_usec = (suseconds_t)ns;
    if (clock_adjtime(CLOCK_REALTIME, &t) < 0)
        return errno;
    /* The step has made the kernel forget that it was ever synchronized. */
    if (bound_us < MAXERROR_LIMIT_US) {
        t.modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR;
        t.status &= ~STA_UNSYNC;
        t.maxerror = (long)bound_us;
        t.esterror = (long)bound_us;
        /* The time is right even if this should fail. */
        (void)clock_adjtime(CLOCK_REALTIME, &t);
    }
    return 0;
}
