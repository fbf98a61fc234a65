/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of the daemon's trusted process, and every way from one to another. */
#ifndef NTSC_SERVICE_STATE_H
#define NTSC_SERVICE_STATE_H

#include <stdbool.h>

enum service_state {
    SERVICE_PAUSING,  /* no engine; one starts when the pause is over */
    SERVICE_RUNNING,  /* with an engine */
    SERVICE_STOPPING, /* a signal wants it; the engine stores what it knows */
    SERVICE_BREAKING, /* the starter is gone; the engine stores what it knows */
    SERVICE_STOPPED,  /* the end: as was wanted */
    SERVICE_BROKEN,   /* the end: whoever has started us may do it again */
    SERVICE_DENIED,   /* the end: the kernel does not let us change the clock */
    SERVICE_STATES
};

enum service_event {
    SERVICE_EV_STARTED,      /* an engine was */
    SERVICE_EV_ENGINE_ENDED, /* died, was killed, or said that it is done */
    SERVICE_EV_DENIED,       /* the engine is done because the clock cannot be changed */
    SERVICE_EV_STOP,         /* SIGTERM or SIGINT */
    SERVICE_EV_STARTER_GONE, /* nobody can start a process for us any more */
    SERVICE_EVENTS
};

/* Whether the clock is right. */
enum service_sync { SERVICE_SYNC_NOT_YET, SERVICE_SYNC_NOW, SERVICE_SYNC_NOT_ANY_MORE };

/* What follows in state `s` from event `e`; `s` itself where the event means nothing. */
enum service_state service_next(enum service_state s, enum service_event e);

bool service_has_engine(enum service_state s);

/* An engine is kept running: nobody has asked us to end, and nothing that is needed is gone. */
bool service_goes_on(enum service_state s);

enum service_sync service_sync_next(enum service_sync s, bool synchronized);

/* One line for the service manager. */
const char *service_words(enum service_state s, enum service_sync sync, bool monitor_only);

#endif
