/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/ntsc/brake.h"

#include "common/nts/nts_ke_backoff.h"

/* A source that waits as RFC 8915 wants begins after its pause, give or take what clocks differ. */
#define TOLERANCE_NS (NS_PER_S / 2)

struct mono brake_free(const struct brake_bucket *b, unsigned burst, int64_t token_ns)
{
    return (struct mono){ns_sub_sat(b->full_at_ns, (burst - 1) * token_ns)};
}

bool brake_pass(struct brake_bucket *b, struct mono now, unsigned burst, int64_t token_ns)
{
    if (brake_free(b, burst, token_ns).ns > now.ns) {
        b->refused++;
        return false;
    }
    if (b->full_at_ns < now.ns)
        b->full_at_ns = now.ns;
    b->full_at_ns += token_ns;
    b->refused = 0;
    return true;
}

/* Behind the n-th in a row. */
static int64_t pause_ns(unsigned n)
{
    int64_t pause;

    if (n < BRAKE_KE_FREE)
        return 0;
    pause = nts_ke_backoff_ns(n - BRAKE_KE_FREE + 1);
    return pause < BRAKE_KE_MAX_NS ? pause : BRAKE_KE_MAX_NS;
}

bool brake_ke_pass(struct brake_ke *b, struct mono now)
{
    int64_t waited = ns_sub_sat(now.ns, b->last.ns), pause = pause_ns(b->made);

    if (b->made > 0 && waited + TOLERANCE_NS < pause)
        return false;
    /* Each time of rest as long as the longest pause counts for one exchange less. */
    for (; b->made > 0 && waited >= 2 * BRAKE_KE_MAX_NS; waited -= BRAKE_KE_MAX_NS)
        b->made--;
    /* A step further only as far as it changes something. */
    if (b->made == 0 || pause < BRAKE_KE_MAX_NS)
        b->made++;
    b->last = now;
    return true;
}
