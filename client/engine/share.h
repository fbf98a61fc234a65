/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cookies of one session, shared by all who ask its server: the daemon, one-shots, and whoever
 * comes after one that was killed.
 *
 * A cookie is sent once, by one process, whatever happens to it. Who wants cookies locks the store,
 * takes half of what is there, and only sends one when the store no longer has it; from then on
 * they are in its memory, and no query needs the store. The other half is for others. What is left
 * goes back at the end; a process that is killed takes its half along.
 *
 * The daemon shares anew when its own cookies run out, when they have become many and those in the
 * store are few, and now and then, so that those in the store stay young: it puts its newest there
 * and uses the oldest.
 */
#ifndef NTSC_SHARE_H
#define NTSC_SHARE_H

#include "client/engine/engine.h"

/* Keys are to be exchanged: takes what another process has stored meanwhile instead. */
void share_look(struct engine *e, struct host *h);

/* Before a query: a session that is too old wants new keys. */
void share_expire(struct host *h);

/* The session is new or has changed (SOURCE_SAVE). */
void share_save(struct engine *e, struct host *h);

/* Nobody shall use the session any more. */
void share_forget(struct engine *e, struct host *h);

/* All that is left goes back; the host may not ask any more. */
void share_return(struct engine *e, struct host *h);

#endif
