/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/exchanges.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "client/ntsc/spawn.h"
#include "client/shared/clocks.h"
#include "client/shared/log.h"

/* Behind its own deadline, which answers: for a machine under load, and the farewell to the server.
 */
#define GRACE_MS 5000
/* The farewell alone, when the next exchange with its server waits. */
#define FAREWELL_NS NS_PER_S

void exchanges_init(struct exchanges *x, const struct identity *id, unsigned at_once)
{
    *x = (struct exchanges){.id = id, .report = -1, .at_once = at_once};
    for (unsigned i = 0; i < SERVERS_MAX; i++)
        x->slots[i].pidfd = x->slots[i].socket = -1;
}

/* Its place is free when it has been waited for: there are never two of one server. */
static void end(const struct exchanges *x, struct exchange_slot *s, struct mono now)
{
    spawn_kill(s->pidfd, x->id);
    s->end.ns = now.ns + FAREWELL_NS; /* and again, should it still be there */
}

static void forget(struct exchange_slot *s)
{
    if (s->socket >= 0)
        close(s->socket);
    s->socket = -1;
}

/* Its own end tells the engine that it cannot be started: the socket is closed. */
static void begin(struct exchanges *x, struct exchange_slot *s)
{
    const struct spawn_order o = {
        .program = SPAWN_KE, .as = x->id, .files = {s->socket, s->ca, -1}, .report = x->report};

    s->pidfd = spawn(&o, &s->pid);
    if (s->pidfd < 0)
        log_warning("cannot start %s: %s", SPAWN_KE, strerror(errno));
    s->end.ns = clocks_mono().ns + (s->given_ms + GRACE_MS) * NS_PER_MS;
    forget(s);
}

static void begin_waiting(struct exchanges *x)
{
    unsigned running = 0;

    for (unsigned i = 0; i < SERVERS_MAX; i++)
        running += x->slots[i].pidfd >= 0;
    for (unsigned i = 0; i < SERVERS_MAX && running < x->at_once; i++) {
        if (x->slots[i].socket < 0 || x->slots[i].pidfd >= 0)
            continue;
        begin(x, &x->slots[i]);
        running += x->slots[i].pidfd >= 0;
    }
}

void exchanges_start(struct exchanges *x, unsigned server, int ca, int32_t timeout_ms, int socket)
{
    struct exchange_slot *s = &x->slots[server];
    struct mono soon = {clocks_mono().ns + FAREWELL_NS};

    if (s->pidfd >= 0 && s->end.ns > soon.ns)
        s->end = soon;
    forget(s);
    s->socket = socket;
    s->ca = ca;
    s->given_ms = timeout_ms;
    begin_waiting(x);
}

int exchanges_poll(const struct exchanges *x, struct pollfd *fds, struct mono now)
{
    struct mono first = {INT64_MAX};

    for (unsigned i = 0; i < SERVERS_MAX; i++) {
        const struct exchange_slot *s = &x->slots[i];

        fds[i] = (struct pollfd){.fd = s->pidfd, .events = POLLIN};
        if (s->pidfd >= 0 && s->end.ns < first.ns)
            first = s->end;
    }
    return first.ns == INT64_MAX ? -1 : mono_ms_until(first, now, INT_MAX);
}

int exchanges_ended(struct exchanges *x, pid_t pid)
{
    for (unsigned i = 0; i < SERVERS_MAX; i++) {
        struct exchange_slot *s = &x->slots[i];

        if (s->pidfd < 0 || s->pid != pid)
            continue;
        close(s->pidfd);
        s->pidfd = -1;
        return (int)i;
    }
    return -1;
}

void exchanges_turn(struct exchanges *x, struct mono now)
{
    for (unsigned i = 0; i < SERVERS_MAX; i++) {
        struct exchange_slot *s = &x->slots[i];

        if (s->pidfd >= 0 && s->end.ns <= now.ns)
            end(x, s, now);
    }
    begin_waiting(x);
}

void exchanges_stop(struct exchanges *x, struct mono last)
{
    for (unsigned i = 0; i < SERVERS_MAX; i++) {
        forget(&x->slots[i]);
        if (x->slots[i].end.ns > last.ns)
            x->slots[i].end = last;
    }
}

bool exchanges_run(const struct exchanges *x)
{
    for (unsigned i = 0; i < SERVERS_MAX; i++)
        if (x->slots[i].pidfd >= 0)
            return true;
    return false;
}
