/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rights of the processes: who runs as whom, and with which capability. */
#ifndef NTSC_PRIVILEGE_H
#define NTSC_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

/* As whom ntsc-ke runs, which shares nothing with ntsc and the engine where that can be. */
enum ke_user {
    KE_AS_ENGINE, /* we may not become another user */
    KE_OWN_USER,  /* the system user PRIVILEGE_KE_USER */
    KE_TRANSIENT, /* there is none: a number that nobody has */
};

#define PRIVILEGE_KE_USER "ntsc-ke"

struct identity {
    bool change;   /* we are root and become somebody else */
    bool fallback; /* the wanted user does not exist: nobody */
    bool alone;    /* a user namespace that has no other user than root */
    uid_t uid;
    gid_t gid;
    enum ke_user ke;
    uid_t ke_uid; /* unless KE_AS_ENGINE */
    gid_t ke_gid;
};

/* Whom to become when started by root, and who else can be one; `user` is looked up. */
void privilege_identity(const char *user, struct identity *id);

/* Whether this process may set the clock. */
bool privilege_may_set_clock(void);

/* Becomes `id` and keeps CAP_SYS_TIME if asked to, nothing else. Returns errno. */
int privilege_keep_clock(const struct identity *id, bool clock);

/* Becomes `id` and keeps only what it takes to start ntsc-ke as its user. Returns errno. */
int privilege_keep_users(const struct identity *id);

/* Becomes `id`, without any capability or way to get one. Returns errno. */
int privilege_drop_all(const struct identity *id);

/* The same as this user; false after a line in the log. */
bool privilege_drop_to(const char *user);

/*
 * Before exec, in memory that may be the parent's: becomes the user of ntsc-ke, behind
 * privilege_keep_users(). With exec the capabilities go. Returns errno.
 */
int privilege_become_ke(const struct identity *id);

#endif
