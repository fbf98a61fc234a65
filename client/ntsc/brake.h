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
 * carried about has a reason for each.
 */
struct brake_ke {
    unsigned made; /* in a row */
    struct mono last;
};

#define BRAKE_KE_FREE   3 /* the first, one after a step of the clock, one for a new address */
#define BRAKE_KE_MAX_NS (900 * NS_PER_S)

/* Whether a key exchange with a server may begin now; then it counts. */
bool brake_ke_pass(struct brake_ke *b, struct mono now);

#endif
