/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process in a sandbox tries, with arguments such that nothing happens where a sandbox does
 * not hold, and what shall come of it.
 */
#ifndef NTSC_TESTS_SANDBOX_ATTEMPTS_H
#define NTSC_TESTS_SANDBOX_ATTEMPTS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

enum { N = 1, S = 2, E = 4, K = 8, ALL = N | S | E | K }; /* ntsc, starter, engine, ke */

#define KE_PORT 4460
#define KE_USER 61234 /* whom the starter may become */

struct place {
    char path[64];
    int dir; /* the state directory, open */
    int report[2];
    int stream;    /* a TCP socket that was made before */
    int datagrams; /* and one of UDP */
};

extern struct place at;

/* What is not among `done` and `refused` has to be stopped. */
/* Who may send to any address: musl's resolver does not connect its sockets. */
#ifdef __GLIBC__
#define RESOLVER 0
#else
#define RESOLVER (S | K)
#endif

struct attempt {
    const char *name;
    int (*try)(void); /* gives 0 or an errno */
    unsigned done, refused;
    int error;      /* refused: with this */
    int landlock;   /* the version that refuses; 0: it needs none */
    bool sanitizer; /* the sanitizers' runtime does it too */
    bool user;      /* other users than root may be refused by their lack of rights */
};

extern const struct attempt attempts_io[], attempts_rights[], attempts_net[], attempts_kernel[],
    attempts_ways[];
extern const size_t attempts_io_count, attempts_rights_count, attempts_net_count,
    attempts_kernel_count, attempts_ways_count;

/* For tests of limits. */
int attempt_execute(void);
int attempt_bind(void);
int attempt_much_memory(void);

static inline int result(long r)
{
    return r < 0 ? errno : 0;
}

#endif
