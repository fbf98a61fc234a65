/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state directory: stored sessions (keys and cookies) that the daemon and one-shots share (see
 * share.h). Files are replaced atomically. Nothing here is fatal: without state there is a key
 * exchange more.
 */
#ifndef NTSC_STATE_H
#define NTSC_STATE_H

#include <stdbool.h>

#include "common/clock/clock_file.h"
#include "common/nts/cookie_file.h"

struct state {
    int top;  /* the state directory itself; belongs to the caller */
    int dir;  /* its directory cookies/; -1: nothing is stored */
    int lock; /* its lock file */
    bool held;
};

/* `fd` is the state directory, or -1 to keep nothing. Returns errno when it cannot be used. */
int state_open(struct state *st, int fd);

/* Waits a second at most for whoever holds the lock; false when it is still held then. */
NTSC_CHECK_RESULT bool state_lock(struct state *st);
void state_unlock(struct state *st);

/* Too old to be used: its certificates, or the addresses. */
bool state_expired(const struct nts_session *s);

enum state_load_result { STATE_FOUND, STATE_NONE, STATE_UNUSABLE };

/* STATE_UNUSABLE: there was a file, and it is torn, foreign, or expired; it counts as none. */
enum state_load_result state_load(struct state *st, const char *host, const char *id,
                                  struct nts_session *s);

/*
 * Stores the session, durably (fsync) when asked to. When that fails the file is removed, so that
 * no cookie can come back that has been used. Returns errno.
 */
int state_store(struct state *st, const char *host, const char *id, const struct nts_session *s,
                bool durable);

/* Returns whether nothing is stored now. */
bool state_forget(struct state *st, const char *host, const char *id);

/* The clock's frequency, over a restart. False when there is none that can be believed. */
bool state_load_clock(struct state *st, struct clock_file *c);
int state_store_clock(struct state *st, const struct clock_file *c);
#endif
