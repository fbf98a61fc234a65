/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the state machine of a server: source_step.c has the transitions and the key exchanges,
 * source_query.c the queries. What others may call is in source.h.
 */
#ifndef NTSC_SOURCE_STEP_H
#define NTSC_SOURCE_STEP_H

#include "common/source/source.h"

enum source_event {
    SOURCE_EV_KE_DUE,
    SOURCE_EV_POLL_DUE,
    SOURCE_EV_KE_DONE,
    SOURCE_EV_KE_FAILED,
    SOURCE_EV_VALID,     /* authenticated answer, whatever it says, that lets us go on */
    SOURCE_EV_STAY_AWAY, /* authenticated DENY or RSTR */
    SOURCE_EV_NAK,
    SOURCE_EV_WINDOW_END, /* no valid answer in time, or the request could not be sent */
};

/* Takes the transition; false when there is none. */
bool source_step(struct source *s, enum source_event e);

void source_out_add(struct source_out *out, enum source_action a);

/* A key exchange as soon as the back-off allows it, unless one is already wanted. */
void source_want_ke(struct source *s, struct mono now);

/* Takes a cookie, of which there has to be one, and makes the request. */
void source_query_start(struct source *s, struct mono now, const struct source_tools *tools,
                        struct source_out *out);

/* The query ended without an answer: what it showed decides how to go on. */
void source_query_lost(struct source *s, struct mono now, bool nak, struct source_out *out);

/* Something that was asked did not answer. */
void source_fell_silent(struct source *s, struct mono now);

static inline struct mono source_later(struct mono t, int64_t ns)
{
    return (struct mono){ns_add_sat(t.ns, ns)};
}

#endif
