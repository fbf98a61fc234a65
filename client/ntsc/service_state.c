/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/service_state.h"

#include <stddef.h>

#include "common/base/invariant.h"

/* Every transition there is; an event that is not listed means nothing in that state. */
static const struct {
    enum service_state from;
    enum service_event event;
    enum service_state to;
} transitions[] = {
    {SERVICE_PAUSING, SERVICE_EV_STARTED, SERVICE_RUNNING},
    {SERVICE_PAUSING, SERVICE_EV_STOP, SERVICE_STOPPED},
    {SERVICE_PAUSING, SERVICE_EV_STARTER_GONE, SERVICE_BROKEN},
    {SERVICE_RUNNING, SERVICE_EV_ENGINE_ENDED, SERVICE_PAUSING},
    {SERVICE_RUNNING, SERVICE_EV_DENIED, SERVICE_DENIED},
    {SERVICE_RUNNING, SERVICE_EV_STOP, SERVICE_STOPPING},
    {SERVICE_RUNNING, SERVICE_EV_STARTER_GONE, SERVICE_BREAKING},
    {SERVICE_STOPPING, SERVICE_EV_ENGINE_ENDED, SERVICE_STOPPED},
    {SERVICE_STOPPING, SERVICE_EV_DENIED, SERVICE_STOPPED},
    {SERVICE_STOPPING, SERVICE_EV_STARTER_GONE, SERVICE_BREAKING},
    {SERVICE_BREAKING, SERVICE_EV_ENGINE_ENDED, SERVICE_BROKEN},
    {SERVICE_BREAKING, SERVICE_EV_DENIED, SERVICE_BROKEN},
};

enum service_state service_next(enum service_state s, enum service_event e)
{
    INVARIANT((unsigned)s < SERVICE_STATES && (unsigned)e < SERVICE_EVENTS);
    for (size_t i = 0; i < sizeof transitions / sizeof *transitions; i++)
        if (transitions[i].from == s && transitions[i].event == e)
            return transitions[i].to;
    return s;
}

bool service_has_engine(enum service_state s)
{
    switch (s) {
    case SERVICE_RUNNING:
    case SERVICE_STOPPING:
    case SERVICE_BREAKING:
        return true;
    case SERVICE_PAUSING:
    case SERVICE_STOPPED:
    case SERVICE_BROKEN:
    case SERVICE_DENIED:
    case SERVICE_STATES:
        break;
    }
    return false;
}

bool service_goes_on(enum service_state s)
{
    return s == SERVICE_PAUSING || s == SERVICE_RUNNING;
}

enum service_sync service_sync_next(enum service_sync s, bool synchronized)
{
    if (synchronized)
        return SERVICE_SYNC_NOW;
    return s == SERVICE_SYNC_NOT_YET ? SERVICE_SYNC_NOT_YET : SERVICE_SYNC_NOT_ANY_MORE;
}

const char *service_words(enum service_state s, enum service_sync sync, bool monitor_only)
{
    if (!service_has_engine(s))
        return "The engine ended unexpectedly, a new one starts soon";
    if (monitor_only)
        return "The clock is watched only (-x)";
    switch (sync) {
    case SERVICE_SYNC_NOT_YET:
        return "The clock is not synchronized yet (ntsc -i tells why)";
    case SERVICE_SYNC_NOT_ANY_MORE:
        return "The clock is not synchronized any more (ntsc -i tells why)";
    case SERVICE_SYNC_NOW:
        break;
    }
    return "The clock is synchronized (ntsc -i tells more)";
}
