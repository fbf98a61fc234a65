/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into clients that refuse to run without the right to set the clock: it is read, and
 * whatever changes it is said to have been done.
 */
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int clock_adjtime(clockid_t id, struct timex *t)
{
    t->modes = 0;
    return (int)syscall(SYS_clock_adjtime, id, t);
}

int adjtimex(struct timex *t)
{
    return clock_adjtime(CLOCK_REALTIME, t);
}

int ntp_adjtime(struct timex *t)
{
    return clock_adjtime(CLOCK_REALTIME, t);
}

int clock_settime(clockid_t id, const struct timespec *t)
{
    (void)id, (void)t;
    return 0;
}

int settimeofday(const struct timeval *t, const struct timezone *z)
{
    (void)t, (void)z;
    return 0;
}
