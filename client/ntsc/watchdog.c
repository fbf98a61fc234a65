/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/watchdog.h"

#include <limits.h>

/* What wakes us up anyway counts from a quarter of the interval on. */
#define EARLY 4
#define LATE  2

void watchdog_init(struct watchdog *w, int64_t interval_ns, struct mono now)
{
    *w = (struct watchdog){.interval_ns = interval_ns, .told = now};
}

void watchdog_heard(struct watchdog *w)
{
    w->heard = true;
}

enum watchdog_action watchdog_turn(struct watchdog *w, struct mono now, bool engine)
{
    int64_t since = now.ns - w->told.ns;

    if (w->interval_ns == 0 || since < w->interval_ns / EARLY)
        return WATCHDOG_NOTHING;
    if (w->heard || (!engine && since >= w->interval_ns / LATE)) {
        watchdog_init(w, w->interval_ns, now);
        return WATCHDOG_TELL;
    }
    if (since < w->interval_ns / LATE || w->asked || !engine)
        return WATCHDOG_NOTHING;
    w->asked = true;
    return WATCHDOG_ASK;
}

int watchdog_wait_ms(const struct watchdog *w, struct mono now)
{
    struct mono late = {ns_add_sat(w->told.ns, w->interval_ns / LATE)};

    if (w->interval_ns == 0 || w->asked)
        return -1;
    return mono_ms_until(late, now, INT_MAX);
}
