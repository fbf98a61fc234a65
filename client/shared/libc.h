/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where C libraries differ. */
#ifndef NTSC_LIBC_H
#define NTSC_LIBC_H

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* close_range(2), which glibc has from 2.34 on, and musl not at all. */
#ifdef NTSC_NO_CLOSE_RANGE
static inline int close_range(unsigned first, unsigned last, int flags)
{
    return (int)syscall(SYS_close_range, first, last, flags);
}
#endif

/* The control message behind `c`, or NULL. musl's macro mixes signs. */
static inline struct cmsghdr *next_control(struct msghdr *m, struct cmsghdr *c)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
    return CMSG_NXTHDR(m, c);
#pragma GCC diagnostic pop
}

#endif
