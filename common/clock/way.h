/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the way to a server has become longer for good. Answers that take longer than they may
 * (`maxdelay`) are refused one by one. When for WAY_LONGER_NS nothing but such answers has come,
 * and the way has become longer at once, and no longer since, then that is how far the server is
 * now. Whoever makes it longer by and by, so that nothing in the answers shows it, is not followed.
 * A query that was lost says nothing, neither for it nor against it.
 */
#ifndef NTSC_WAY_H
#define NTSC_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/time.h"

#define WAY_LONGER_NS (1800 * NS_PER_S)
#define WAY_ANSWERS   3 /* at least: where polls are rare it takes longer */
/* Beyond the usual by this share of `maxdelay`, it is longer at once; in half of WAY_LONGER_NS a
 * way that is the same grows by less than that one: by default 3 ms, 3.5 ppm. */
#define WAY_AT_ONCE_SHARE 4
#define WAY_SAME_SHARE    32
#define WAY_USUAL_SHARE   8 /* an answer moves what is usual by this share: some answers are slow */

struct way {
    int64_t usual_ns; /* round trip of answers within the limit, smoothed; 0: none yet */
    /* Of those refused since the last that was not: */
    unsigned answers; /* up to WAY_ANSWERS */
    struct mono since;
    bool by_and_by; /* the first of them took hardly longer than usual: it came there by and by */
    int64_t early_ns, late_ns; /* the shortest in the first half of WAY_LONGER_NS, and later */
};

/* An answer within the limit; `first`: nothing limited it. */
void way_fits(struct way *w, int64_t delay_ns, bool first);

/* One beyond it; true when the way is longer: by as much as *delay_ns then. */
bool way_beyond(struct way *w, struct mono now, int64_t *delay_ns, int64_t maxdelay_ns);

#endif
