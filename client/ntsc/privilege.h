/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rights of the processes: who runs as whom, and with which capability. */
#ifndef NTSC_PRIVILEGE_H
#define NTSC_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
    bool change;   /* we are root and become somebody else */
    bool fallback; /* the wanted user does not exist: nobody */
    uid_t uid;
    gid_t gid;
};

/* Whom to become when started by root; `user` is looked up. Returns errno. */
int privilege_identity(const char *user, struct identity *id);

/* Whether this process may set the clock. */
bool privilege_may_set_clock(void);

/* Becomes `id` and keeps CAP_SYS_TIME if asked to, nothing else. Returns errno. */
int privilege_keep_clock(const struct identity *id, bool clock);

/* In a child before exec: becomes `id`, without any capability or way to get one. Returns errno. */
int privilege_drop_all(const struct identity *id);

/* The same as this user; false after a line in the log. */
bool privilege_drop_to(const char *user);

#endif
