/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much the processes that are not trusted may make ntsc do: lines in the log, and key
 * exchanges. What they do honestly stays well below it.
 */
#ifndef NTSC_BRAKE_H
#define NTSC_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

/* A token bucket; all zeros: full, since the beginning of time. */
struct brake_bucket {
    int64_t full_at_ns; /* on CLOCK_MONOTONIC: when all tokens are there again */
    uint64_t refused;   /* since somebody was let pass last */
};

/* Takes one of `burst` tokens, of which one comes back each `token_ns`; false: there is none. */
bool brake_pass(struct brake_bucket *b, struct mono now, unsigned burst, int64_t token_ns);

/* When there will be one again; now or earlier: there is. */
struct mono brake_free(const struct brake_bucket *b, unsigned burst, int64_t token_ns);

/*
 * RFC 8915 section 4.2 as somebody sees it who does not know which exchanges succeed: behind a few
 * at once the pauses grow as those after failures do, and shrink when nobody asks for long. The
 * longest is a quarter of an hour, since good exchanges look the same here, and a machine that is
 * carried about has a reason for each. What has reached no server is no burden to one: it counts
 * among the processes that were started only.
 */
struct brake_ke {
    struct brake_row {
        unsigned made; /* in a row */
        struct mono last;
    } row, before;
    struct brake_bucket starts;
};

#define BRAKE_KE_FREE   3 /* the first, one after a step of the clock, one for a new address */
#define BRAKE_KE_MAX_NS (900 * NS_PER_S)

/*
 * A start takes some 10 ms of a processor, so that SERVERS_MAX of them every five seconds take an
 * eighth of it; a network that comes and goes is a reason to try again as often as that.
 */
#define BRAKE_KE_STARTS   8
#define BRAKE_KE_START_NS (5 * NS_PER_S)

/* Whether a key exchange with a server may begin now; then it counts. */
bool brake_ke_pass(struct brake_ke *b, struct mono now);

/* The one that was let pass last has reached no server. */
void brake_ke_unreached(struct brake_ke *b);

/* When one may begin again; now or earlier: it may. */
struct mono brake_ke_free(const struct brake_ke *b);

#endif
