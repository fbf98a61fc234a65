/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers of one pool: who they are, that they differ, and that one that fails is replaced. */
#ifndef NTSC_POOL_ENGINE_H
#define NTSC_POOL_ENGINE_H

#include "client/engine/engine.h"

/* A server of a pool that has given no time for so long is exchanged for another. */
#define POOL_PATIENCE_NS (86400 * NS_PER_S)

/* Tells whom the others of h's pool have, and whom h had and wants again. */
void pool_tell(const struct engine *e, const struct host *h, struct msg_ke_start *m);

/* Whether h's keys have to wait: those of one pool are exchanged one after the other. */
bool pool_waits(const struct engine *e, const struct host *h);

/* Whether that NTP server, or that name, belongs to another of h's pool. */
bool pool_has(const struct engine *e, const struct host *h, const struct msg_ke_answer *a);

/* Another of h's pool that has a server; NULL: none has. */
const struct host *pool_other(const struct engine *e, const struct host *h);

/* Whether h belongs to a pool and has not been good for so long that another is to take its place.
 */
bool pool_is_spent(const struct host *h, struct mono now);

/* h begins anew, with any server of its pool but the one it had. */
void pool_replace(struct engine *e, struct host *h);

#endif
