/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The system calls by which a process changes its user; those with 32-bit numbers where there are
 * two. */
#ifndef NTSC_USER_CALLS_H
#define NTSC_USER_CALLS_H

#include <sys/syscall.h>

#ifdef SYS_setresuid32
#define SET_GROUPS SYS_setgroups32
#define SET_GROUP  SYS_setresgid32
#define SET_USER   SYS_setresuid32
#else
#define SET_GROUPS SYS_setgroups
#define SET_GROUP  SYS_setresgid
#define SET_USER   SYS_setresuid
#endif

#endif
